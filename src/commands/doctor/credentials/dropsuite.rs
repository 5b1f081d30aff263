//! Checks Dropsuite's two tokens, and distinguishes the possible mistakes.
//!
//! `/status` takes the reseller token alone, `/users` the reseller's own access
//! token, and `/accounts` an organization's: which of them answer says which
//! token is in which place.

use super::{failed, rejected, swapped};
use crate::commands::doctor::Subject;
use crate::commands::doctor::findings::{Findings, Stop};
use crate::commands::doctor::report::Step;
use crate::config::Provider;
use crate::provider::{Client, DropsuiteClient, Error, ErrorKind};

pub(super) async fn check(
    findings: &mut Findings<'_>,
    subject: &Subject<'_>,
    client: &DropsuiteClient,
) -> Result<(), Stop> {
    let status = client.check_reseller_token().await;
    match &status {
        Ok(()) => findings.ok(Step::Credentials, "reseller_token, GET /status", "accepted"),
        Err(error) if matches!(error.kind, ErrorKind::Unauthorized { .. }) => {
            let advice = wrong_reseller_token(subject).await;
            let mut finding = rejected(error, advice);
            finding.found = "401 unauthorized: reseller_token is rejected".to_owned();
            return Err(findings.stop(finding));
        }
        // A rebranded portal may serve everything but this.
        Err(error) if matches!(error.kind, ErrorKind::NotFound { .. }) => {}
        Err(error) => return Err(findings.stop(failed(error, subject))),
    }
    match client.check_access_token().await {
        Ok(()) => {
            findings.ok(Step::Credentials, "both tokens, GET /users", "accepted");
            Ok(())
        }
        Err(error) if matches!(error.kind, ErrorKind::Unauthorized { .. }) => {
            let (found, advice) = wrong_access_token(subject, client).await;
            let mut finding = rejected(&error, advice);
            finding.found = found.to_owned();
            Err(findings.stop(finding))
        }
        Err(error) => {
            let mut finding = failed(&error, subject);
            if is_missing(&error) && status.as_ref().is_err_and(is_missing) {
                finding.tried = "GET /status and GET /users".to_owned();
                finding.found = "404 not found for both".to_owned();
            }
            Err(findings.stop(finding))
        }
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::NotFound { .. })
}

/// What to do about a reseller token that is rejected.
async fn wrong_reseller_token(subject: &Subject<'_>) -> &'static str {
    if is_one_token_twice(subject) {
        return "both tokens are the same: use the UUID from the portal's API Information as reseller_token";
    }
    if let Some(Client::Dropsuite(client)) = swapped(subject)
        && client.check_reseller_token().await.is_ok()
    {
        return "reseller_token and access_token are swapped; swap them";
    }
    let Provider::Dropsuite { reseller_token, .. } = &subject.source.provider else { return "" };
    if is_uuid(reseller_token.expose()) {
        "copy the reseller token from the portal's API Information again, and check that base_url is in the same region"
    } else {
        "it is not a UUID: use the reseller token from the portal's API Information, not the reseller id next to it"
    }
}

/// What an access token is that does not list organizations, and what to do.
async fn wrong_access_token(subject: &Subject<'_>, client: &DropsuiteClient) -> (&'static str, &'static str) {
    const OWN: &str =
        "use the reseller's own authentication token; the exporter obtains those of the organizations with it";
    if is_one_token_twice(subject) {
        return ("401 unauthorized: access_token is the same as reseller_token", OWN);
    }
    match client.mailboxes_of_access_token().await {
        // A token that may read mailboxes but not list organizations belongs to an organization.
        Ok(_) => ("401 unauthorized: access_token belongs to an organization, GET /accounts accepts it", OWN),
        Err(_) => (
            "401 unauthorized: access_token is rejected, reseller_token is accepted",
            "copy the reseller's authentication token from the portal again",
        ),
    }
}

fn is_one_token_twice(subject: &Subject<'_>) -> bool {
    matches!(&subject.source.provider, Provider::Dropsuite { reseller_token, access_token, .. }
        if reseller_token.expose() == access_token.expose())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.chars().all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reseller_id_is_distinguished_from_a_uuid() {
        assert!(is_uuid("7d4e2c1a-90b3-4f0e-8a51-0c9d3f7b6e21"));
        for other in
            ["", "440032-6", "R-1788161", "7d4e2c1a90b34f0e8a510c9d3f7b6e21", "7d4e2c1a-90b3-4f0e-8a51-0c9d3f7b6e2z"]
        {
            assert!(!is_uuid(other), "{other}");
        }
    }
}
