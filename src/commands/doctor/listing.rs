//! Lists the tenants, and reports their number, whether the listing is complete, and tenants without a token.

use super::credentials::TimedListing;
use super::findings::{Findings, Stop};
use super::report::{Finding, Step, Verdict};
use super::{Effort, Subject, count, failure};
use crate::domain::Drift;
use crate::provider::{Found, Listed};

/// Maximum number of ids to show.
const SHOWN: usize = 5;

/// The tenants of a listing.
#[derive(Debug)]
pub(super) struct Listing {
    /// The tenants to collect.
    pub(super) selected: Vec<Listed>,
    /// The number of tenants excluded by the configuration.
    pub(super) excluded: u64,
    /// The cost of the listing.
    pub(super) effort: Effort,
}

/// Lists the tenants, unless checking the credentials already did.
pub(super) async fn check(
    findings: &mut Findings<'_>,
    subject: &Subject<'_>,
    attempt: Option<TimedListing>,
) -> Result<Listing, Stop> {
    let (attempt, effort) = match attempt {
        Some(attempt) => attempt,
        None => {
            let before = subject.effort();
            let attempt = subject.client.list_tenants().await;
            (attempt, subject.effort().since(before))
        }
    };
    let tried = "tenants";
    let Found { tenants: all, shortfall } = attempt.result.map_err(|error| {
        let found = format!("listing failed; {error} ({})", effort.words());
        let finding = Finding::new(Step::Listing, Verdict::Fail, tried, found);
        findings.stop(finding.advise(failure::advice(&error.kind, subject.host())))
    })?;
    let listed = all.len() as u64;
    let selection = &subject.source.selection;
    let (selected, excluded): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|listed| selection.selects(listed.id().as_str(), listed.tenant.name_or_id()));
    let excluded = excluded.len() as u64;
    let completeness = shortfall.as_ref().map_or_else(|| "complete".to_owned(), ToString::to_string);
    let found = format!(
        "{} listed, {completeness}; {excluded} excluded by the configuration; {}",
        count(listed, "tenant"),
        effort.words()
    );
    if selected.is_empty() {
        let advice = if listed == 0 {
            "either the account has no tenants, or the credentials have access to none: compare with the portal"
        } else {
            "include and exclude of the source select no tenant: change them"
        };
        return Err(findings.stop(Finding::new(Step::Listing, Verdict::Fail, tried, found).advise(advice)));
    }
    match shortfall {
        None => findings.ok(Step::Listing, tried, found),
        Some(_) => {
            let advice = "the tenants of these records are not collected, and no tenant is removed until all records are readable";
            findings.add(Finding::new(Step::Listing, Verdict::Warn, tried, found).advise(advice));
        }
    }
    report_tokenless(findings, &selected);
    report_drift(findings, Step::Listing, subject, &attempt.drift);
    Ok(Listing { selected, excluded, effort })
}

fn report_tokenless(findings: &mut Findings<'_>, selected: &[Listed]) {
    let tokenless: Vec<_> =
        selected.iter().filter(|listed| !listed.target.has_credential()).map(|listed| listed.id().as_str()).collect();
    if tokenless.is_empty() {
        return;
    }
    let more = if tokenless.len() > SHOWN { ", ..." } else { "" };
    let shown = tokenless.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    let found = format!("{} missing, these organizations cannot be collected: {shown}{more}", tokenless.len());
    let advice = "ask the vendor for authentication tokens for their logins, or exclude them";
    findings.add(Finding::new(Step::Listing, Verdict::Warn, "tokens of the organizations", found).advise(advice));
}

/// Reports fields that deviate from the documented schema, without their values.
pub(super) fn report_drift(findings: &mut Findings<'_>, step: Step, subject: &Subject<'_>, drift: &[Drift]) {
    let mut kinds: Vec<(Drift, u64)> = Vec::new();
    for one in drift {
        match kinds.iter_mut().find(|(known, _)| known == one) {
            Some((_, times)) => *times += 1,
            None => kinds.push((*one, 1)),
        }
    }
    if kinds.is_empty() {
        return;
    }
    let drift = kinds.iter().map(|(drift, times)| {
        let field = if drift.field.is_empty() { "record" } else { drift.field };
        format!("{} {field} {} x{times}", drift.endpoint, drift.kind.as_str())
    });
    let found = drift.collect::<Vec<_>>().join("; ");
    let advice = format!(
        "show it to the maintainers without your data: saasbackup-exporter --config.file={} record --source {} --output \
         recording.json",
        shell_word(&subject.config_file.display().to_string()),
        shell_word(&subject.source.name)
    );
    findings.add(Finding::new(step, Verdict::Note, "schema drift", found).advise(advice));
}

/// A name as a shell takes it.
fn shell_word(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    if name.chars().all(is_plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', "'\\''")) }
}
