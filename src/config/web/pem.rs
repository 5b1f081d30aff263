//! Reads certificates and keys in PEM, from the web configuration itself or from files that it names.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretSlice};

use super::words::text_or_blank;
use crate::config::decoder::{Field, Section};

/// No chain comes near this; a wrong path may lead to a device that never ends.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Something in PEM, and where it came from.
pub(super) struct Pem<'a> {
    /// The place in the file that speaks of it.
    pub(super) field: Field<'a>,
    /// Where it was read, if not there.
    pub(super) file: Option<PathBuf>,
    /// How a message speaks of it.
    shown: String,
    content: SecretSlice<u8>,
}

/// What stands at `inline`, or in the file named at `by_file`; `Some(None)` where neither is given.
pub(super) fn either<'a>(section: &Section<'a>, inline: &str, by_file: &str) -> Option<Option<Pem<'a>>> {
    let given = |key| section.get(key).filter(|field: &Field<'_>| !is_blank(field));
    match (given(inline), given(by_file)) {
        (None, None) => Some(None),
        (Some(field), None) => {
            let content = field.hidden_text()?.value.into_bytes().into();
            Some(Some(Pem { field, file: None, shown: "the value".to_owned(), content }))
        }
        (None, Some(field)) => from_file(field).map(Some),
        (Some(_), Some(field)) => {
            field.problem(format!("stands beside {inline}; give one of them"));
            None
        }
    }
}

/// Whether a value is as good as absent.
pub(super) fn is_blank(field: &Field<'_>) -> bool {
    field.is_null() || field.is_text() && matches!(text_or_blank(field), Some(None))
}

fn from_file(field: Field<'_>) -> Option<Pem<'_>> {
    let file = field.file_path()?;
    match read(&file.path) {
        Ok(content) if content.len() as u64 > MAX_FILE_BYTES => {
            field.problem(format!("{} is larger than 1 MiB; expected PEM", file.shown));
            None
        }
        Ok(content) => Some(Pem { field, file: Some(file.path), shown: file.shown, content: content.into() }),
        Err(cause) => {
            field.problem(format!("cannot read {}: {cause}", file.shown));
            None
        }
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut content)?;
    Ok(content)
}

impl Pem<'_> {
    /// The certificates, at least one.
    pub(super) fn certificates(&self) -> Option<Vec<CertificateDer<'static>>> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(self.content.expose_secret()).collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Some(certificates),
            _ => {
                self.field.problem(format!("{} holds no certificate in PEM", self.shown));
                None
            }
        }
    }

    /// The one private key.
    pub(super) fn private_key(&self) -> Option<PrivateKeyDer<'static>> {
        // The reason is not told, as it could quote a line of the key.
        match PrivateKeyDer::from_pem_slice(self.content.expose_secret()) {
            Ok(key) => Some(key),
            Err(_) => {
                self.field.problem(format!("{} holds no private key in PEM without a passphrase", self.shown));
                None
            }
        }
    }
}
