//! Compares output with golden files.

use std::path::Path;

/// Holds the file, relative to the repository, to what was found; `UPDATE_GOLDEN=1 cargo test` writes it instead, to be
/// reviewed like code.
pub(crate) fn assert_golden(file: impl AsRef<Path>, found: &str) {
    let file = file.as_ref();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        return std::fs::write(&path, found).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let (mut expected, mut lines) = (golden.lines(), found.lines());
    for number in 1.. {
        match (expected.next(), lines.next()) {
            (None, None) => break,
            (expected, line) => assert!(
                expected == line,
                "{} differs in line {number}; UPDATE_GOLDEN=1 cargo test writes it anew\n  it says  {}\n  found    {}",
                file.display(),
                expected.unwrap_or("(its end)"),
                line.unwrap_or("(the end)")
            ),
        }
    }
    assert!(golden == found, "{} differs in the end of a line", file.display());
}
