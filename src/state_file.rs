//! Persists the published values with their original times in one file across restarts.
//!
//! The domain knows no file format: `records` defines the fields for serde, `adapters` how single values are written. A
//! header precedes the JSON, to identify the file and detect damage. The checksum is no protection against
//! manipulation: whoever can write the file can update it.
//!
//! The file contains no secrets: tokens are never part of a state, and of rejected credentials only a mark is written.

mod adapters;
mod header;
mod keeper;
mod records;
mod source;
mod tracked;

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, ErrorKind, Read, Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use tempfile::NamedTempFile;

pub(crate) use keeper::{RestraintOf, keep, open};

use self::header::{Header, Measured};
use self::source::{Body, SourceRecord};
use crate::domain::shard::Shard;
use crate::domain::{Part, Provider, Restraint, SourceState, Tenant, Timestamp};
use crate::process::file::{folder, target};

/// The parts of a tenant with this product: they follow from the vendor, so they are not in the file.
pub type PartsOf = fn(Provider, Option<&str>) -> &'static [Part];

/// Maximum size of a file, without its header: a tenant takes some kilobytes.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// Size of a write, in bytes.
const BUFFER: usize = 64 * 1024;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SaveError(#[from] io::Error);

/// Why a file cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The operating system's error.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is a directory, a device or a pipe.
    #[error("is not a regular file")]
    NotAFile,
    /// It belongs to another program, or its header is damaged.
    #[error("is not a state file of this exporter")]
    Foreign,
    /// It was written by another version of the exporter, in an unsupported format.
    #[error("has format {format}, expected {}", header::FORMAT)]
    Format {
        /// The format of the file.
        format: u32,
    },
    /// The header announces more than the maximum size.
    #[error("is too large: {bytes} bytes after the header")]
    TooLarge {
        /// The length in the header.
        bytes: u64,
    },
    /// The length differs from that in the header.
    #[error("is damaged: expected {expected} bytes after the header, found {found}")]
    Length {
        /// The length in the header.
        expected: u64,
        /// The actual length; at most one extra byte is read.
        found: u64,
    },
    /// The content is not what was written.
    #[error("is damaged: checksum mismatch")]
    Checksum,
    /// The file is intact, but its content is invalid.
    #[error("has invalid content: {0}")]
    Content(serde_json::Error),
}

/// What is written of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its state.
    pub state: Arc<SourceState>,
    /// What holds back the requests to its account.
    pub restraint: Restraint,
}

impl From<Arc<SourceState>> for Known {
    fn from(state: Arc<SourceState>) -> Self {
        Self { state, restraint: Restraint::default() }
    }
}

/// The content of a file, to be restored source by source.
#[derive(Debug)]
pub struct Saved {
    /// The shard that wrote the file.
    shard: Shard,
    /// The shard that reads it.
    reader: Shard,
    sources: Vec<SourceRecord>,
}

impl Saved {
    /// Sets the shard that reads the file, which may differ from the one that wrote it.
    #[must_use]
    pub fn for_shard(self, shard: Shard) -> Self {
        Self { reader: shard, ..self }
    }

    /// What held back the requests to the account of `fresh`. To be asked before its source is restored.
    ///
    /// It concerns the account, so it does not matter which shard wrote the file.
    #[must_use]
    pub fn restraint(&self, fresh: &SourceState) -> Restraint {
        let source = self.sources.iter().find(|source| source.is_of(fresh));
        source.map(SourceRecord::restraint).unwrap_or_default()
    }

    /// Restores a source at `now`, under the policy of `fresh`, with the tenants that are selected.
    ///
    /// `parts` returns the parts of each.
    ///
    /// A source that is not in the file, refers to another account (vendor or URL), or was restored before, is `fresh`.
    /// Values that are too old under the policy expire.
    ///
    /// The file of another shard contains some of this shard's tenants at most: these are restored with their parts.
    /// Its listing and counters concern other tenants, so they are dropped.
    #[must_use]
    pub fn restore(
        &mut self,
        fresh: SourceState,
        parts: PartsOf,
        selects: &dyn Fn(&Tenant) -> bool,
        now: Timestamp,
    ) -> SourceState {
        match self.sources.iter().position(|source| source.is_of(&fresh)) {
            Some(position) => {
                let source = self.sources.swap_remove(position);
                if self.shard == self.reader {
                    return source.restore(fresh, parts, selects, now);
                }
                let (name, reader) = (Arc::clone(&fresh.identity.name), self.reader);
                let is_own = |tenant: &Tenant| reader.owns(&name, tenant.id.as_str()) && selects(tenant);
                let known = source.restore(fresh.clone(), parts, &is_own, now);
                SourceState { tenants: known.tenants, ..fresh }
            }
            None => fresh,
        }
    }
}

/// Atomically replaces the state file of a shard: after a crash either the old or the new one exists, intact.
///
/// Only its owner can read the file. If `path` is a symbolic link, its target is replaced, because that may be on a
/// volume.
///
/// # Errors
///
/// If the file or its folder is not writable; the old file is kept then.
pub fn save(path: &Path, shard: Shard, known: &[Known]) -> Result<(), SaveError> {
    let path = &target(path)?;
    let mut file = beside(path)?;
    file.write_all(Header::default().line().as_bytes())?;
    let mut body = BufWriter::with_capacity(BUFFER, Measured::new(file.as_file(), MAX_FILE_BYTES));
    let sources = known.iter().map(SourceRecord::from).collect();
    serde_json::to_writer(&mut body, &Body { shard, sources }).map_err(io::Error::from)?;
    body.write_all(b"\n")?;
    let header = body.into_inner().map_err(io::IntoInnerError::into_error)?.finish();
    file.rewind()?;
    file.write_all(header.line().as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(path)?;
    Ok(())
}

/// Loads a file; `None` if there is none.
///
/// # Errors
///
/// If it cannot be read, or was not written by [`save`].
pub fn load(path: &Path) -> Result<Option<Saved>, LoadError> {
    match fs::metadata(path) {
        // Opening a pipe would block.
        Ok(metadata) if !metadata.is_file() => return Err(LoadError::NotAFile),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    read(File::open(path)?).map(Some)
}

fn read(file: impl Read) -> Result<Saved, LoadError> {
    let mut file = BufReader::new(file);
    let mut line = Vec::new();
    file.by_ref().take(header::MAX_BYTES).read_until(b'\n', &mut line)?;
    let header = Header::parse(&line)?;
    if header.length > MAX_FILE_BYTES {
        return Err(LoadError::TooLarge { bytes: header.length });
    }
    let mut body = Vec::new();
    file.take(header.length.saturating_add(1)).read_to_end(&mut body)?;
    if body.len() as u64 != header.length {
        return Err(LoadError::Length { expected: header.length, found: body.len() as u64 });
    }
    if crc32fast::hash(&body) != header.checksum {
        return Err(LoadError::Checksum);
    }
    read_body(&body)
}

/// Reads the content after the header.
///
/// # Errors
///
/// If it is invalid.
pub(crate) fn read_body(body: &[u8]) -> Result<Saved, LoadError> {
    let Body { shard, sources } = serde_json::from_slice(body).map_err(LoadError::Content)?;
    Ok(Saved { shard, reader: shard, sources })
}

/// Checks whether a file can be written.
///
/// # Errors
///
/// If it cannot.
pub fn probe(path: &Path) -> Result<(), SaveError> {
    beside(&target(path)?)?.close()?;
    Ok(())
}

/// A temporary file in the folder of `path`, which is removed unless it is renamed.
///
/// Always has the same name, so that files left behind by killed processes are replaced and do not accumulate.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut name = path.file_name().ok_or(ErrorKind::IsADirectory)?.to_owned();
    name.push(".new");
    let folder = folder(path);
    match fs::remove_file(folder.join(&name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o600));
    }
    builder.prefix(&name).rand_bytes(0).tempfile_in(folder)
}

/// A rename survives a power failure only once the folder is synced.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests;
