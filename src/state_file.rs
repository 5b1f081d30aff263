//! Carries what is known over a restart: published values with their original times, in one file.
//!
//! The domain knows no format: `records` tells serde its fields, `adapters`
//! how single values are written. A line stands before the JSON that says what
//! the file is and whether it is whole. The checksum is there against damage,
//! not against people: who can write the file can write it.
//!
//! The file holds no secret: tokens are never part of a state.

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

pub(crate) use keeper::{keep, open};

use self::header::{Header, Measured};
use self::source::{Body, SourceRecord};
use crate::domain::shard::Shard;
use crate::domain::{Part, Provider, SourceState, Tenant, Timestamp};
use crate::process::file::{folder, target};

/// What can be asked of a tenant with this product: it follows from the vendor, so it is not in the file.
pub type PartsOf = fn(Provider, Option<&str>) -> &'static [Part];

/// Written at once, in bytes.
const BUFFER: usize = 64 * 1024;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SaveError(#[from] io::Error);

/// Why nothing could be read from a file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// There is a folder, a device or a pipe in its place.
    #[error("is not a regular file")]
    NotAFile,
    /// Somebody else's file, or one damaged in its first line.
    #[error("does not begin as a state file of this exporter does")]
    Foreign,
    /// Written by another version of the exporter, in a format that this one does not read.
    #[error("has format {format}, expected {}", header::FORMAT)]
    Format {
        /// The file's.
        format: u32,
    },
    /// The file is shorter or longer than it says.
    #[error("should have {expected} bytes after its first line, and has {found}")]
    Length {
        /// What the first line says.
        expected: u64,
        /// What is there; no more than one byte too many is looked at.
        found: u64,
    },
    /// The file holds other bytes than were written.
    #[error("has a wrong checksum")]
    Checksum,
    /// The file is whole, and says something that no state can be.
    #[error("holds what no state can be: {0}")]
    Content(serde_json::Error),
}

/// What a file holds, to be handed out source by source.
#[derive(Debug)]
pub struct Saved {
    /// Who wrote the file.
    shard: Shard,
    /// Who reads it.
    reader: Shard,
    sources: Vec<SourceRecord>,
}

impl Saved {
    /// The same for a shard that may not be the one that wrote the file.
    #[must_use]
    pub fn for_shard(self, shard: Shard) -> Self {
        Self { reader: shard, ..self }
    }

    /// The source at `now`, as known from the file: under the policy of `fresh`, and only with tenants that are selected.
    /// `parts` says what can be asked of each.
    ///
    /// A source that is not in the file, or was another account (another vendor's, or at another address), stays as
    /// `fresh` as it is, and so does one that was handed out before. Values older than the policy allows are withdrawn.
    ///
    /// Another shard's file holds only some of this shard's tenants, or none: these are taken, with what is known of
    /// their parts. Its listing and its counters are about other tenants, so this shard is as if it had not listed yet.
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

/// Replaces the file of a shard in one step: whenever the machine stops, either the old or the new one is there, and whole.
///
/// The file is its owner's alone to read. Where a symbolic link stands, its target is written: that may be a volume.
///
/// # Errors
///
/// When the file or its folder cannot be written; the old file stays then.
pub fn save(path: &Path, shard: Shard, states: &[Arc<SourceState>]) -> Result<(), SaveError> {
    let path = &target(path)?;
    let mut file = beside(path)?;
    file.write_all(Header::default().line().as_bytes())?;
    let mut body = BufWriter::with_capacity(BUFFER, Measured::new(file.as_file()));
    let sources = states.iter().map(|state| SourceRecord::from(&**state)).collect();
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

/// Reads a file; `None` where there is none yet.
///
/// # Errors
///
/// When it cannot be read, or is not what [`save`] wrote.
pub fn load(path: &Path) -> Result<Option<Saved>, LoadError> {
    match fs::metadata(path) {
        // Opening a pipe would wait for its other end.
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

/// Reads what stands after the first line of a file.
///
/// # Errors
///
/// When it says what no state can be.
pub(crate) fn read_body(body: &[u8]) -> Result<Saved, LoadError> {
    let Body { shard, sources } = serde_json::from_slice(body).map_err(LoadError::Content)?;
    Ok(Saved { shard, reader: shard, sources })
}

/// Tries whether a file could be written there.
///
/// # Errors
///
/// When it could not.
pub fn probe(path: &Path) -> Result<(), SaveError> {
    beside(&target(path)?)?.close()?;
    Ok(())
}

/// A new file in the folder of `path`, which is removed unless it is renamed.
///
/// Its name is always the same: what a killed process left behind is replaced, and does not pile up.
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

/// A renamed file is safe from a power failure only once its folder is written too.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests;
