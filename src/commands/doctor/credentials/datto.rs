//! Checks Datto's key pair with the one request that every key permits: the list of tenants.

use super::{TimedListing, failed, rejected, swapped};
use crate::commands::doctor::Subject;
use crate::commands::doctor::findings::{Findings, Stop};
use crate::commands::doctor::report::Step;
use crate::provider::ErrorKind;

const SCOPE: &str = "leave \"Select Vendor\" empty when creating the key (Partner Portal > Admin > Integrations > API \
                     Keys), as a key for one vendor is rejected here; otherwise copy both keys again";

pub(super) async fn check(findings: &mut Findings<'_>, subject: &Subject<'_>) -> Result<TimedListing, Stop> {
    let before = subject.effort();
    let attempt = subject.client.list_tenants().await;
    let effort = subject.effort().since(before);
    let Err(error) = &attempt.result else {
        findings.ok(Step::Credentials, "public_key and secret_key, GET /v1/saas/domains", "accepted");
        return Ok((attempt, effort));
    };
    match &error.kind {
        // A response that turns out incomplete later was given to a valid key.
        ErrorKind::Incomplete { .. } | ErrorKind::RepeatedPage { .. } | ErrorKind::UnreadableRecords { .. } => {
            findings.ok(Step::Credentials, "public_key and secret_key, GET /v1/saas/domains", "accepted");
            Ok((attempt, effort))
        }
        ErrorKind::Unauthorized { .. } => {
            let works_swapped = match swapped(subject) {
                Some(client) => client.list_tenants().await.result.is_ok(),
                None => false,
            };
            let advice = if works_swapped { "public_key and secret_key are swapped; swap them" } else { SCOPE };
            let mut finding = rejected(error, advice);
            finding.found = "401 unauthorized: the pair of public_key and secret_key is rejected".to_owned();
            Err(findings.stop(finding))
        }
        ErrorKind::Forbidden { .. } => {
            let advice = "the key is valid but lacks permission to list SaaS Protection customers: check its scope in the Partner Portal";
            Err(findings.stop(rejected(error, advice)))
        }
        _ => Err(findings.stop(failed(error, subject))),
    }
}
