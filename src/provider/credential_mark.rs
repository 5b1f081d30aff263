//! Marks credentials, so that a restart can tell those that the vendor rejected from others.

use reqwest::header::HeaderValue;
use ring::digest::{Context, SHA256};

use crate::domain::CredentialMark;

/// The mark of the credentials in these headers.
pub(super) fn of<'a>(headers: impl IntoIterator<Item = &'a HeaderValue>) -> CredentialMark {
    let mut context = Context::new(&SHA256);
    for value in headers {
        // Includes the length, so that a different split of the same text differs.
        context.update(&(value.len() as u64).to_le_bytes());
        context.update(value.as_bytes());
    }
    let digest = context.finish();
    CredentialMark(u32::from_le_bytes(digest.as_ref().first_chunk().copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_credentials_have_equal_marks_and_others_have_others() {
        let mark = |tokens: &[&'static str]| {
            of(&tokens.iter().map(|token| HeaderValue::from_static(token)).collect::<Vec<_>>())
        };
        assert_eq!(mark(&["reseller", "access"]), mark(&["reseller", "access"]));
        for other in [&["access", "reseller"][..], &["reselle", "raccess"], &["reseller"], &["reseller", "access", ""]]
        {
            assert_ne!(mark(&["reseller", "access"]), mark(other), "{other:?}");
        }
    }
}
