//! Reports where the secrets come from and whether other users can read them; never their values.

use std::path::Path;

use super::findings::Findings;
use super::report::{Finding, Step, Verdict};
use crate::config::{Provider, Secret, SecretSource, Source};

/// Checks every secret of a source.
pub(super) fn check(findings: &mut Findings<'_>, source: &Source, config_file: &Path) {
    let secrets = match &source.provider {
        Provider::Dropsuite { reseller_token, access_token, .. } => {
            [("reseller_token", reseller_token), ("access_token", access_token)]
        }
        Provider::Datto { public_key, secret_key, .. } => [("public_key", public_key), ("secret_key", secret_key)],
    };
    for (key, secret) in secrets {
        findings.add(finding(key, secret, config_file));
    }
}

fn finding(key: &str, secret: &Secret, config_file: &Path) -> Finding {
    let (found, exposed) = match secret.origin() {
        SecretSource::Inline => ("written in the configuration file".to_owned(), world_readable(config_file)),
        SecretSource::Environment => ("taken from the environment".to_owned(), None),
        SecretSource::File(path) => (format!("read from {}", path.display()), world_readable(path)),
    };
    match exposed {
        Some(mode) => {
            let found = format!("{found}, which is world-readable (mode {mode:o})");
            let advice = "remove read permission for others: chmod o-r FILE";
            Finding::new(Step::Config, Verdict::Warn, key, found).advise(advice)
        }
        None => Finding::new(Step::Config, Verdict::Ok, key, found),
    }
}

/// The mode of a world-readable file; `None` if it is not, or cannot be determined.
#[cfg(unix)]
fn world_readable(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o004 != 0).then_some(mode)
}

/// Other platforms have no such mode.
#[cfg(not(unix))]
const fn world_readable(_: &Path) -> Option<u32> {
    None
}
