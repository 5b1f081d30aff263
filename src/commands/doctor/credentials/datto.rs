//! Tries Datto's key pair by the one request that every key can make: the list of tenants.

use super::{TimedListing, failed, refused, swapped};
use crate::commands::doctor::Subject;
use crate::commands::doctor::findings::{Findings, Stop};
use crate::commands::doctor::report::Step;
use crate::provider::ErrorKind;

const SCOPE: &str = "leave \"Select Vendor\" empty when making the key (Partner Portal > Admin > Integrations > API \
                     Keys): a key made for a vendor is refused here though it works elsewhere; else copy both keys again";

pub(super) async fn check(findings: &mut Findings<'_>, subject: &Subject<'_>) -> Result<TimedListing, Stop> {
    let before = subject.effort();
    let attempt = subject.client.list_tenants().await;
    let effort = subject.effort().since(before);
    let Err(error) = &attempt.result else {
        findings.ok(Step::Credentials, "public_key and secret_key, GET /v1/saas/domains", "accepted");
        return Ok((attempt, effort));
    };
    match &error.kind {
        // An answer that goes wrong later on was given to a good key.
        ErrorKind::Incomplete { .. } | ErrorKind::RepeatedPage { .. } | ErrorKind::UnreadableRecords { .. } => {
            findings.ok(Step::Credentials, "public_key and secret_key, GET /v1/saas/domains", "accepted");
            Ok((attempt, effort))
        }
        ErrorKind::Unauthorized { .. } => {
            let works_swapped = match swapped(subject) {
                Some(client) => client.list_tenants().await.result.is_ok(),
                None => false,
            };
            let advice = if works_swapped { "public_key and secret_key are exchanged: exchange them" } else { SCOPE };
            let mut finding = refused(error, advice);
            finding.found = "401 unauthorized: this pair of public_key and secret_key is refused".to_owned();
            Err(findings.stop(finding))
        }
        ErrorKind::Forbidden { .. } => {
            let advice = "the key is known and may not list SaaS Protection: check its scope in the Partner Portal";
            Err(findings.stop(refused(error, advice)))
        }
        _ => Err(findings.stop(failed(error, subject))),
    }
}
