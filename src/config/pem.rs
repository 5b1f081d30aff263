//! Reads certificates and keys in PEM, from a configuration file itself or from files that it names.

use std::path::PathBuf;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretSlice};

use super::decoder::Field;
use crate::process::file;

/// Maximum size, far more than any chain.
pub(super) const MAX_FILE_BYTES: u64 = 1 << 20;

/// A text in PEM, and its origin.
pub(crate) struct Pem<'a> {
    /// The path of the key.
    pub(crate) field: Field<'a>,
    /// The file that it was read from; `None` if it is inline.
    pub(crate) file: Option<PathBuf>,
    /// The name in messages.
    shown: String,
    content: SecretSlice<u8>,
}

impl<'a> Pem<'a> {
    /// The inline text of a field.
    pub(crate) fn inline(field: Field<'a>) -> Option<Self> {
        let content = field.hidden_text()?.value.into_bytes().into();
        Some(Self { field, file: None, shown: "the value".to_owned(), content })
    }

    /// The contents of the file that a field refers to.
    pub(crate) fn from_file(field: Field<'a>) -> Option<Self> {
        let path = field.file_path()?;
        match file::read(&path.path, MAX_FILE_BYTES) {
            Ok(Some(content)) => {
                Some(Self { field, file: Some(path.path), shown: path.shown, content: content.into() })
            }
            Ok(None) => {
                field.problem(format!("{} is larger than 1 MiB; expected PEM", path.shown));
                None
            }
            Err(cause) => {
                field.problem(format!("cannot read {}: {cause}", path.shown));
                None
            }
        }
    }

    /// The certificates, at least one.
    pub(crate) fn certificates(&self) -> Option<Vec<CertificateDer<'static>>> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(self.content.expose_secret()).collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Some(certificates),
            _ => {
                self.field.problem(format!("{} contains no PEM certificate", self.shown));
                None
            }
        }
    }

    /// The one private key.
    pub(crate) fn private_key(&self) -> Option<PrivateKeyDer<'static>> {
        // The reason is not shown, because it could quote a line of the key.
        match PrivateKeyDer::from_pem_slice(self.content.expose_secret()) {
            Ok(key) => Some(key),
            Err(_) => {
                self.field.problem(format!("{} contains no unencrypted PEM private key", self.shown));
                None
            }
        }
    }
}
