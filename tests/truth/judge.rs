//! Compares the metrics after a change with the truth: no wrong response may make a verdict better.

use std::collections::BTreeMap;
use std::fmt;

use super::said::{Facts, Said, state_of, succeeded};
use super::truth::{FAULTS, QUIET, TenantTruth, WORKLOADS};
use super::world::{NOW, World};

/// What is wrong, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    /// The exporter panicked, or its exposition cannot be read.
    Broken,
    /// A secret or a person's name is in the exposition or in an error.
    Disclosed,
    /// A tenant is missing from a listing that calls itself complete, or counted as removed.
    TenantLost,
    /// A faulty workload is shown in a state that requires no action.
    BetterState,
    /// A domain that must be reconnected is shown as something else.
    BetterDomain,
    /// A workload whose part failed lost the fault that was known of it.
    FaultErased,
    /// A licensed workload is shown as empty, paused or not licensed.
    WorkloadEmptied,
    /// More resources are called fine, or deactivated, than are.
    BetterResources,
    /// More accounts are called protected, or excluded, than are.
    BetterCoverage,
    /// A part that calls itself a success counts fewer things than there are.
    RecordLost,
    /// Backups are shown as newer than they are.
    Fresher,
    /// A time lies before 2000 or more than an hour ahead.
    ImpossibleTime,
    /// A faulty workload has no state at all although its part calls itself a success.
    WorkloadVanished,
    /// A figure is shown that is not the true one.
    FalseFigure,
    /// A tenant is shown that does not exist.
    TenantInvented,
    /// After a round of good answers something else is said than before the change.
    NotRestored,
}

impl Wrong {
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Broken => "the exporter breaks",
            Self::Disclosed => "a secret or a person's name is disclosed",
            Self::TenantLost => "a tenant leaves",
            Self::BetterState => "a faulty workload is shown in a quiet state",
            Self::BetterDomain => "a domain to be reconnected is shown as something else",
            Self::FaultErased => "a failed part erases a known fault",
            Self::WorkloadEmptied => "a licensed workload is shown as empty, paused or not licensed",
            Self::BetterResources => "more resources are ok or deactivated than are",
            Self::BetterCoverage => "more accounts are protected or excluded than are",
            Self::RecordLost => "a successful part counts fewer things than there are",
            Self::Fresher => "backups are shown as newer than they are",
            Self::ImpossibleTime => "a time before 2000 or in the future",
            Self::WorkloadVanished => "a faulty workload has no state although its part worked",
            Self::FalseFigure => "a wrong figure",
            Self::TenantInvented => "a tenant is invented",
            Self::NotRestored => "good answers do not restore the truth",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) wrong: Wrong,
    pub(crate) detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.wrong.sentence(), self.detail)
    }
}

/// 2000-01-01T00:00:00Z, in seconds.
const YEAR_2000: f64 = 946_684_800.0;
/// Clocks of two machines may differ by so many seconds.
const AHEAD: f64 = 3_600.0;
/// Families whose samples count things, so that fewer of them means that some were lost.
const COUNTS: [&str; 7] = [
    "saasbackup_connection_failures{",
    "saasbackup_deactivated_accounts{",
    "saasbackup_deleted_accounts{",
    "saasbackup_delegated_users{",
    "saasbackup_retention_policies{",
    "saasbackup_dropsuite_journals{",
    "saasbackup_pending_invites{",
];
/// Families whose samples have their true value or none.
const FIGURES: [&str; 16] = [
    "saasbackup_seats_used{",
    "saasbackup_seats_available{",
    "saasbackup_seats_active{",
    "saasbackup_seats_deactivated{",
    "saasbackup_seats_required{",
    "saasbackup_seats_billable{",
    "saasbackup_shared_mailboxes{",
    "saasbackup_items{",
    "saasbackup_storage_bytes{",
    "saasbackup_domain_users{",
    "saasbackup_retention_period_seconds{",
    "saasbackup_datto_active_services{",
    "saasbackup_datto_recently_backed_up_services{",
    "saasbackup_datto_customer_storage_bytes{",
    "saasbackup_datto_uningested_services{",
    "saasbackup_datto_perfect_backups{",
];
/// Families about the exporter rather than its data.
const FARING: [&str; 7] = [
    "saasbackup_observed_timestamp_seconds{",
    "saasbackup_schema_drift_total{",
    "saasbackup_tenants_removed_total{",
    "saasbackup_exporter_",
    "saasbackup_up{",
    "saasbackup_listing_complete{",
    "saasbackup_tenants_dropped{",
];

/// When a change is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// The changed answer is the first that is seen.
    Cold,
    /// The truth was known before.
    Warm,
    /// The truth was known, then came the changed answer, then the good one again.
    Once,
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Cold, Self::Warm, Self::Once];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::Once => "once",
        }
    }
}

/// What holds whatever the vendor says: nothing disclosed, no impossible time.
pub(crate) fn always(world: &World, said: &Said, errors: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    // What is said without any change is searched once; searching it again each time would take half of the time.
    let news: Vec<_> = said.text.lines().filter(|line| !world.harmless.contains(*line)).collect();
    let news = news.join("\n");
    for (text, place) in [(news.as_str(), "the exposition"), (errors, "an error")] {
        if world.secrets.are_in(text) {
            // The secret itself is left out: this goes to a log.
            found.push(Finding { wrong: Wrong::Disclosed, detail: format!("in {place}") });
        }
    }
    if let Some(twice) = said.twice.first() {
        found.push(Finding { wrong: Wrong::Broken, detail: format!("the exposition has two samples {twice}") });
    }
    let latest = NOW as f64 / 1_000.0 + AHEAD;
    for (tenant, facts) in &said.tenants {
        for (key, value) in facts.iter().filter(|(key, _)| key.contains("_timestamp_seconds{")) {
            if !(YEAR_2000..=latest).contains(value) {
                found.push(Finding { wrong: Wrong::ImpossibleTime, detail: format!("{tenant} {key} {value}") });
            }
        }
    }
    found
}

/// What must hold after a wrong answer.
pub(crate) fn wrong_answer(world: &World, said: &Said, mode: Mode, in_scope: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_complete = said.source.get("saasbackup_listing_complete{}") == Some(&1.0);
    for (id, truth) in world.truth.iter().filter(|(id, _)| in_scope(id)) {
        match said.tenants.get(id) {
            Some(facts) => tenant(id, truth, &world.said.tenants[id], facts, mode, &mut found),
            None if is_complete || mode == Mode::Warm => {
                found.push(Finding { wrong: Wrong::TenantLost, detail: format!("{id} is not shown") });
            }
            None => {}
        }
    }
    if said.source.get("saasbackup_tenants_removed_total{}").is_some_and(|removed| *removed > 0.0) {
        found.push(Finding { wrong: Wrong::TenantLost, detail: "a tenant is counted as removed".into() });
    }
    for id in said.tenants.keys().filter(|id| !world.truth.contains_key(*id)) {
        found.push(Finding { wrong: Wrong::TenantInvented, detail: format!("{id:?}") });
    }
    found
}

/// What must hold once the answers are good again.
pub(crate) fn restored(world: &World, said: &Said, in_scope: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let kept = |facts: &Facts| -> Facts {
        let is_faring = |key: &str| FARING.iter().any(|faring| key.starts_with(faring));
        // What came under an unknown name stays for a while, as all that was known does.
        let kept = facts.iter().filter(|(key, _)| !is_faring(key) && !is_passed_on(key));
        kept.map(|(key, value)| (key.clone(), *value)).collect()
    };
    let mut found = Vec::new();
    for (id, good) in world.said.tenants.iter().filter(|(id, _)| in_scope(id)) {
        let (good, now) = (kept(good), said.tenants.get(id).map(kept).unwrap_or_default());
        let differs = good.keys().chain(now.keys()).find(|key| good.get(*key) != now.get(*key));
        if let Some(key) = differs {
            let detail = format!("{id} {key}: {:?} instead of {:?}", now.get(key), good.get(key));
            found.push(Finding { wrong: Wrong::NotRestored, detail });
        }
    }
    found
}

fn tenant(id: &str, truth: &TenantTruth, good: &Facts, facts: &Facts, mode: Mode, found: &mut Vec<Finding>) {
    let mut push = |wrong, detail: String| found.push(Finding { wrong, detail: format!("{id} {detail}") });
    for (workload, truth) in &truth.workloads {
        let part_worked = succeeded(facts, workload);
        let state = state_of(facts, workload);
        let is_faulty = FAULTS.contains(&truth.state);
        match state {
            Some(shown) if is_faulty && QUIET.contains(&shown) => {
                push(Wrong::BetterState, format!("{workload} is {shown} and truly {}", truth.state));
            }
            Some("unknown") if is_faulty && mode == Mode::Warm && part_worked != Some(true) => {
                push(Wrong::FaultErased, format!("{workload} is unknown and was known to be {}", truth.state));
            }
            Some(shown @ ("empty" | "paused" | "not_licensed")) if truth.state == "ok" => {
                push(Wrong::WorkloadEmptied, format!("{workload} is {shown} and truly ok"));
            }
            None if is_faulty && (mode == Mode::Warm || part_worked == Some(true)) => {
                push(Wrong::WorkloadVanished, format!("{workload} has no state and is truly {}", truth.state));
            }
            _ => {}
        }
        let shown =
            |state: &str| facts.get(&format!("saasbackup_resources{{state={state},workload={workload}}}")).copied();
        if truth.resources.is_empty() || shown("ok").is_none() {
            continue;
        }
        for state in ["ok", "deactivated"] {
            let (shown, truth) = (shown(state).unwrap_or(0.0), truth.resources.get(state).copied().unwrap_or(0.0));
            if shown > truth {
                push(Wrong::BetterResources, format!("{workload} has {shown} {state} and truly {truth}"));
            }
        }
        let all: f64 =
            ["deactivated", "failing", "never", "unknown", "late", "ok"].iter().filter_map(|state| shown(state)).sum();
        let truly: f64 = truth.resources.values().sum();
        if part_worked == Some(true) && all < truly {
            push(Wrong::RecordLost, format!("{workload} has {all} resources and truly {truly}"));
        }
    }
    domains(good, facts, mode, &mut push);
    // Datto's seats and accounts were counted; Dropsuite's are those of the first reading.
    let is_counted = |family: &str| truth.seats.keys().any(|key| key.starts_with(family));
    seats(if is_counted(SEATS) { &truth.seats } else { good }, facts, &mut push);
    accounts(if is_counted(ACCOUNTS) { &truth.seats } else { good }, facts, &mut push);
    let workloads = &truth.workloads;
    // The users of a domain are the domain's, whatever its type is called.
    let users = |key: &str| key.split_once(",type=").map(|(domain, _)| domain.to_owned());
    let by_domain: BTreeMap<String, f64> =
        good.iter().filter_map(|(key, value)| Some((users(key).filter(|_| is_users(key))?, *value))).collect();
    let truly = |key: &str| {
        let of_domain = users(key).filter(|_| is_users(key)).and_then(|domain| by_domain.get(&domain));
        truth.seats.get(key).or_else(|| good.get(key)).or(of_domain).copied()
    };
    // What is counted in a list of its own is known for a while after the list is gone, whatever became of it.
    for key in good.keys().filter(|key| mode == Mode::Warm && COUNTS.iter().any(|count| key.starts_with(count))) {
        if !facts.contains_key(key) {
            push(Wrong::RecordLost, format!("{key} is not shown"));
        }
    }
    for (key, value) in facts {
        let truth = truly(key);
        if key.starts_with("saasbackup_newest_backup_timestamp_seconds{")
            || key.starts_with("saasbackup_protected_until_timestamp_seconds{")
            || key.starts_with("saasbackup_datto_newest_seat_backup_timestamp_seconds{")
        {
            // Where the truth has none, something was never backed up or its time is unknown.
            let of = key.split_once("workload=").map(|(_, workload)| workload.trim_end_matches('}'));
            // Of a paused or stopped workload nothing is active, so that any time is news and none is better.
            let is_active =
                |workload| workloads.get(workload).is_some_and(|truth| !["paused", "stopped"].contains(&truth.state));
            if of.is_none_or(is_active) && truth.is_none_or(|truth| *value > truth) {
                push(Wrong::Fresher, format!("{key} is {value} and truly {truth:?}"));
            }
        } else if COUNTS.iter().any(|count| key.starts_with(count)) {
            if truth.is_some_and(|truth| *value < truth) {
                push(Wrong::RecordLost, format!("{key} is {value} and truly {truth:?}"));
            }
        } else if FIGURES.iter().any(|figure| key.starts_with(figure)) && truth != Some(*value) && !is_passed_on(key) {
            push(Wrong::FalseFigure, format!("{key} is {value} and truly {truth:?}"));
        }
    }
}

/// A domain that must be reconnected says so, and none disappears while others are shown, whatever its type is called.
fn domains(good: &Facts, facts: &Facts, mode: Mode, push: &mut impl FnMut(Wrong, String)) {
    let states = |facts: &Facts| -> BTreeMap<String, Vec<String>> {
        let holding = facts.iter().filter(|(key, value)| key.starts_with("saasbackup_domain_state{") && **value == 1.0);
        let parts = holding.filter_map(|(key, _)| {
            let (domain, rest) = key.strip_prefix("saasbackup_domain_state{")?.split_once(",state=")?;
            Some((domain.to_owned(), rest.split_once(",type=")?.0.to_owned()))
        });
        let mut by_domain: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (domain, state) in parts {
            by_domain.entry(domain).or_default().push(state);
        }
        by_domain
    };
    let (truth, shown) = (states(good), states(facts));
    for (domain, truth) in &truth {
        let shown = shown.get(domain).map_or(&[][..], Vec::as_slice);
        let lost = |states: &[String]| {
            states.iter().filter(|state| ["reconnect_required", "unknown"].contains(&state.as_str())).count()
        };
        if shown.len() == truth.len() && lost(shown) < lost(truth) {
            push(Wrong::BetterDomain, format!("{domain} is {shown:?} and truly {truth:?}"));
        }
        let is_claimed = succeeded(facts, "domains") == Some(true);
        if shown.len() < truth.len() && (is_claimed || mode == Mode::Warm) {
            push(Wrong::RecordLost, format!("{domain} is not shown"));
        }
    }
}

/// Whether a sample is the number of users of a domain.
fn is_users(key: &str) -> bool {
    key.starts_with("saasbackup_domain_users{")
}

/// Whether a sample is of an application that has no name here, and passes through under the vendor's.
fn is_passed_on(key: &str) -> bool {
    let parts = ["seats", "coverage", "lifecycle", "domains", "listing"];
    let word =
        key.split_once("workload=").or_else(|| key.split_once("part=")).map(|(_, word)| word.trim_end_matches('}'));
    word.is_some_and(|word| WORKLOADS.iter().chain(&parts).all(|known| *known != word))
}

/// Seats by type and state.
pub(crate) const SEATS: &str = "saasbackup_seats{";
/// Accounts by state.
pub(crate) const ACCOUNTS: &str = "saasbackup_accounts{";

/// Seats by type and state: none is called something better than it is, and none is missing.
fn seats(truth: &Facts, facts: &Facts, push: &mut impl FnMut(Wrong, String)) {
    let sum = |facts: &Facts, state: &str| -> f64 {
        let samples = facts.iter().filter(|(key, _)| key.starts_with(SEATS) && key.contains(state));
        samples.map(|(_, value)| value).sum()
    };
    for state in ["active", "paused", "archived"] {
        // Labels stand in the order of their names: the type before the state.
        let (shown, truth) = (sum(facts, &format!("state={state}")), sum(truth, &format!("state={state}")));
        if shown > truth {
            push(Wrong::BetterCoverage, format!("{shown} seats are {state} and truly {truth}"));
        }
    }
    let (shown, truth) = (sum(facts, ""), sum(truth, ""));
    if shown < truth && facts.keys().any(|key| key.starts_with(SEATS)) {
        push(Wrong::RecordLost, format!("{shown} seats are counted and truly {truth}"));
    }
}

/// No unprotected tenant is protected, and none is missing.
fn accounts(truth: &Facts, facts: &Facts, push: &mut impl FnMut(Wrong, String)) {
    let count = |facts: &Facts, state: &str| facts.get(&format!("saasbackup_accounts{{state={state}}}")).copied();
    let all = |facts: &Facts| -> f64 {
        let samples = facts.iter().filter(|(key, _)| key.starts_with(ACCOUNTS));
        samples.map(|(_, value)| value).sum()
    };
    if !facts.keys().any(|key| key.starts_with(ACCOUNTS)) {
        return;
    }
    for state in ["protected", "excluded", "paused", "archived"] {
        let (shown, truth) = (count(facts, state).unwrap_or(0.0), count(truth, state).unwrap_or(0.0));
        if shown > truth {
            push(Wrong::BetterCoverage, format!("{shown} accounts are {state} and truly {truth}"));
        }
    }
    let (shown, truth) = (all(facts), all(truth));
    if shown < truth {
        push(Wrong::RecordLost, format!("{shown} accounts are counted and truly {truth}"));
    }
}
