//! Writes all files of a report at once: a folder appears when it is complete, or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::model::Key;

/// Marks a folder as one that may be replaced.
const INDEX: &str = "index.json";
/// File systems take no longer names.
const MAX_NAME: usize = 80;

/// File names without ending, one per customer: readable, safe on every file system, and never the same twice.
#[must_use]
pub fn names<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<String> {
    let mut taken = BTreeSet::from(["index".to_owned()]);
    keys.into_iter()
        .map(|key| {
            let whole = [&*key.provider, &*key.source, &*key.tenant_id].join("\0");
            let readable: String = [&*key.source, &*key.tenant_id].join("-").chars().map(safe).take(MAX_NAME).collect();
            let name = format!("{readable}-{:08x}", crc32fast::hash(whole.as_bytes()));
            let name = (1..)
                .map(|number| if number == 1 { name.clone() } else { format!("{name}-{number}") })
                .find(|name| !taken.contains(name))
                .unwrap_or_default();
            taken.insert(name.clone());
            name
        })
        .collect()
}

/// Case counts on some file systems only.
fn safe(letter: char) -> char {
    if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' }
}

/// A report that is being written, hidden until it is complete; removed if it is dropped before.
#[derive(Debug)]
pub struct Folder {
    parent: PathBuf,
    target: PathBuf,
    new: TempDir,
}

impl Folder {
    /// Begins the report `parent/label`.
    ///
    /// # Errors
    ///
    /// If something else than an earlier report is there, or nothing can be written.
    pub fn new(parent: &Path, label: &str) -> Result<Self> {
        fs::create_dir_all(parent)?;
        let target = parent.join(label);
        match fs::symlink_metadata(&target) {
            Ok(found) if !(found.is_dir() && target.join(INDEX).is_file()) => {
                let problem = format!("{} exists and is not an earlier report", target.display());
                Err(Error::new(ErrorKind::AlreadyExists, problem))
            }
            _ => Ok(Self { parent: parent.to_owned(), target, new: hidden(parent)? }),
        }
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn add(&self, name: &str, content: &[u8]) -> Result<()> {
        fs::write(self.new.path().join(name), content)
    }

    /// Shows the report, in place of an earlier one.
    ///
    /// # Errors
    ///
    /// If it cannot be moved there; the earlier one stays.
    pub fn publish(self) -> Result<PathBuf> {
        // Removed with what is in it at the end.
        let aside = hidden(&self.parent)?;
        let earlier = aside.path().join("earlier");
        let is_there = fs::symlink_metadata(&self.target).is_ok();
        if is_there {
            fs::rename(&self.target, &earlier)?;
        }
        if let Err(error) = fs::rename(self.new.path(), &self.target) {
            if is_there {
                fs::rename(&earlier, &self.target)?;
            }
            return Err(error);
        }
        // It has another name now, and must not be removed by its first one.
        let _ = self.new.keep();
        Ok(self.target)
    }
}

fn hidden(parent: &Path) -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    // Whoever may read what is beside the report may read it, within the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.prefix(".saasbackup-report-").tempdir_in(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(source: &str, tenant_id: &str) -> Key {
        Key { provider: "datto".to_owned(), source: source.to_owned(), tenant_id: tenant_id.to_owned() }
    }

    #[test]
    fn no_name_leaves_the_folder_and_none_is_there_twice() {
        let keys = [
            key("a", "b"),
            key("a", "B"),
            key("a", "b"),
            key("..", "../../etc/passwd"),
            key("a/b", "c"),
            key("a", "b/c"),
            key("", ""),
            key("x", &"ä".repeat(500)),
        ];
        let names = names(&keys);
        let different: BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), keys.len(), "{names:?}");
        for name in &names {
            assert!(
                name.len() < 100 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_report_is_replaced_as_a_whole_and_nothing_else_is() {
        let parent = tempfile::tempdir().unwrap();
        let write = |label: &str, names: [&str; 2]| {
            let folder = Folder::new(parent.path(), label)?;
            names.iter().try_for_each(|name| folder.add(name, b"{}"))?;
            folder.publish()
        };
        write("2026-10", [INDEX, "first"]).unwrap();
        let target = write("2026-10", [INDEX, "second"]).unwrap();
        assert!(target.join("second").is_file() && !target.join("first").exists());
        fs::create_dir(parent.path().join("mine")).unwrap();
        assert_eq!(write("mine", [INDEX, "x"]).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert!(write("2026-11", [INDEX, "no/such"]).is_err());
        drop(Folder::new(parent.path(), "2026-12").unwrap());
        let left: BTreeSet<_> = fs::read_dir(parent.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["2026-10".into(), "mine".into()].into());
    }
}
