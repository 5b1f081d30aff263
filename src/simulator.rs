//! Imitates the vendors' APIs, so that the demo, the tests and the benches need no account.
//!
//! A fake renders vendor JSON from its own invented [`fleet`], checks what the vendor checks and misbehaves on
//! demand ([`faults`]). It uses nothing of the rest of the product: a misreading of the vendor's document must not
//! sit on both sides of the socket, or every test would agree with it.

pub mod clock;
pub mod datto;
pub mod dropsuite;
pub mod faults;
pub mod fleet;
mod random;
mod record;
mod socket;
mod text;

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_fakes_use_nothing_of_the_rest_of_the_product() {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/simulator")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                let foreign = text.split("crate::").skip(1).find(|rest| !rest.starts_with("simulator"));
                assert_eq!(foreign, None, "{}", path.display());
            }
        }
        assert!(files > 20, "{files}");
    }
}
