//! Reads regular files up to a size limit, and finds those that are replaced.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The content of a file; `None` if it is longer than `max_bytes`.
///
/// A wrong path may point to a pipe without a writer, or to an endless device: only regular files are opened.
pub(crate) fn read(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let kind = fs::metadata(path)?.file_type();
    // For a directory the system's own error is clearer.
    if !kind.is_file() && !kind.is_dir() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut content)?;
    Ok((content.len() as u64 <= max_bytes).then_some(content))
}

/// The file to replace: the target of a link, existing or not, but never a pipe or a device.
pub(crate) fn target(path: &Path) -> io::Result<PathBuf> {
    // As many as the system itself follows.
    const MAX_LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.is_symlink() => target = folder(&target).join(fs::read_link(&target)?),
            Ok(metadata) if metadata.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => {
                return Err(io::Error::new(ErrorKind::InvalidInput, "is not a regular file, refusing to replace it"));
            }
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => return Ok(target),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "is a symbolic link loop"))
}

/// The folder that a file is in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read(&path, 4).unwrap().as_deref(), Some(&b"four"[..]));
        assert_eq!(read(&path, 3).unwrap(), None);
        assert_eq!(read(&folder.path().join("missing"), 3).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(read(folder.path(), 3).unwrap_err().kind(), ErrorKind::IsADirectory);
    }

    #[cfg(unix)]
    #[test]
    fn devices_sockets_and_pipes_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, pipe) = (folder.path().join("socket"), folder.path().join("pipe"));
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        // Opening it would wait for a writer for ever.
        assert!(std::process::Command::new("/usr/bin/mkfifo").arg(&pipe).status().unwrap().success());
        for path in [Path::new("/dev/zero"), &socket, &pipe] {
            assert_eq!(read(path, 3).unwrap_err().to_string(), "not a regular file", "{}", path.display());
        }
    }
}
