//! Compares the live shape with the fields, types and words that clients met.

use std::collections::{BTreeMap, BTreeSet};

use saasbackup_simulator::datto::fleet::Quirk;
use saasbackup_simulator::datto::{BillableSpelling, Options};
use serde_json::{Value, json};

use super::fixture::{Fake, apps, options};
use super::shapes::{kinds, table, words};

const DOMAINS: &str = "
    $ array
    $[] object
    $[].saasCustomerId integer
    $[].saasCustomerName text
    $[].domain text
    $[].organizationId integer null
    $[].organizationName text null
    $[].seatsUsed integer
    $[].productType text
    $[].externalSubscriptionId text
    $[].retentionType text
    $[].backupStats object
    $[].backupStats.activeServicesCount integer
    $[].backupStats.activeServicesWithRecentBackupCount integer
    $[].backupStats.backupPercentage integer fraction text
";

const SEATS: &str = "
    $ array
    $[] object
    $[].mainId text
    $[].name text
    $[].seatType text
    $[].seatState text
    $[].billable text
    $[].dateAdded text
    $[].remoteId text
";

const APPLICATIONS: &str = "
    $ array
    $[] object
    $[].pagination object
    $[].pagination.page integer
    $[].pagination.perPage integer
    $[].pagination.totalPages integer
    $[].pagination.count integer
    $[].items array
    $[].items[] object
    $[].items[].customerId integer
    $[].items[].customerName text
    $[].items[].usedBytes integer
    $[].items[].remoteIds array
    $[].items[].remoteIds[] object
    $[].items[].remoteIds[].seatType text
    $[].items[].remoteIds[].active integer
    $[].items[].remoteIds[].archived integer
    $[].items[].remoteIds[].discovered integer
    $[].items[].remoteIds[].paused integer
    $[].items[].remoteIds[].unprotected integer
    $[].items[].remoteIds[].remoteIds array
    $[].items[].remoteIds[].remoteIds[] text
    $[].items[].suites array
    $[].items[].suites[] object
    $[].items[].suites[].suiteType text
    $[].items[].suites[].appTypes array
    $[].items[].suites[].appTypes[] object
    $[].items[].suites[].appTypes[].appType text
    $[].items[].suites[].appTypes[].usedBytes integer
    $[].items[].suites[].appTypes[].uningestedServiceCount integer
    $[].items[].suites[].appTypes[].lastFullyProtectedTime integer null text
    $[].items[].suites[].appTypes[].backupHistory array
    $[].items[].suites[].appTypes[].backupHistory[] object
    $[].items[].suites[].appTypes[].backupHistory[].timeWindow text
    $[].items[].suites[].appTypes[].backupHistory[].startTime integer
    $[].items[].suites[].appTypes[].backupHistory[].endTime integer
    $[].items[].suites[].appTypes[].backupHistory[].totalServiceCount integer
    $[].items[].suites[].appTypes[].backupHistory[].activeServiceCount integer
    $[].items[].suites[].appTypes[].backupHistory[].activeServiceWithBackupCount integer
    $[].items[].suites[].appTypes[].backupHistory[].activeServiceWithPerfectBackupCount integer
    $[].items[].suites[].appTypes[].backupHistory[].status text
";

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// The answers about all customers within the key's scope; `rest` is what follows their ids.
async fn all(fake: &Fake, rest: &str) -> Vec<Value> {
    let mut answers = Vec::new();
    for customer in fake.server.customers().iter().filter(|customer| customer.quirk != Quirk::OutOfScope) {
        let reply = fake.get(&format!("/v1/saas/{}{rest}", customer.id)).await;
        assert_eq!(reply.status, 200, "{customer:?}: {}", reply.text);
        answers.push(reply.json());
    }
    answers
}

#[tokio::test]
async fn domains_have_every_field_and_type_that_was_met() {
    let fake = Fake::start().await;
    let domains = fake.get("/v1/saas/domains").await.json();
    assert_eq!(kinds(&domains), table(DOMAINS));
    let rows = domains.as_array().unwrap();
    assert_eq!(words(rows, "productType"), set(&["Office365", "GoogleApps"]));
    assert_eq!(words(rows, "retentionType"), set(&["ICR", "TBR"]));
    let subscriptions = words(rows, "externalSubscriptionId");
    let products: BTreeSet<_> = subscriptions.iter().map(|text| text.trim_end_matches(char::is_numeric)).collect();
    assert_eq!(products, BTreeSet::from(["Classic:", "Classic:Office365:", "Classic:GoogleApps:"]));
    assert_eq!(subscriptions.len(), rows.len());
    let without_statistics = rows.iter().filter(|row| row.get("backupStats").is_none());
    assert!(without_statistics.eq(&fake.records(Quirk::NoBackupStats).await));
}

#[tokio::test]
async fn several_records_of_one_customer_add_up_to_its_figures() {
    let fake = Fake::start().await;
    let records = fake.records(Quirk::SeveralDomains).await;
    assert_eq!((records.len(), words(&records, "domain").len()), (3, 3));
    let sum = |name: &str| records.iter().map(|record| record["backupStats"][name].as_u64().unwrap()).sum::<u64>();
    let apps = fake.apps(Quirk::SeveralDomains).await;
    let newest = |name: &str| apps.iter().map(|app| app["backupHistory"][0][name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("activeServicesCount"), newest("activeServiceCount"));
    assert_eq!(sum("activeServicesWithRecentBackupCount"), newest("activeServiceWithBackupCount"));
}

#[tokio::test]
async fn services_exceed_seats_and_the_percentage_is_their_share() {
    let fake = Fake::start().await;
    let domains = fake.get("/v1/saas/domains").await.json();
    let mut below = 0;
    for record in domains.as_array().unwrap().iter().filter(|record| record.get("backupStats").is_some()) {
        let statistics = &record["backupStats"];
        let active = statistics["activeServicesCount"].as_f64().unwrap();
        let recent = statistics["activeServicesWithRecentBackupCount"].as_f64().unwrap();
        // Whoever has lost access pays for seats, and nothing is active.
        if active == 0.0 {
            continue;
        }
        let percentage = &statistics["backupPercentage"];
        let percentage = percentage.as_f64().or_else(|| percentage.as_str()?.parse().ok()).unwrap();
        assert!((percentage - 100.0 * recent / active).abs() <= 0.01, "{record}");
        assert!(active >= record["seatsUsed"].as_f64().unwrap() && active >= recent, "{record}");
        below += usize::from(recent < active);
    }
    assert!((1..10).contains(&below), "{below}");
}

#[tokio::test]
async fn seats_have_every_field_type_and_word_that_was_met() {
    let fake = Fake::start().await;
    let rows: Vec<_> =
        all(&fake, "/seats").await.iter().flat_map(|answer| answer.as_array().unwrap().clone()).collect();
    assert_eq!(kinds(&json!(rows)), table(SEATS));
    let types = ["User", "SharedMailbox", "Site", "TeamSite", "Team", "SharedDrive"];
    assert_eq!(words(&rows, "seatType"), set(&types));
    assert_eq!(words(&rows, "seatState"), set(&["Active", "Paused", "Archived", "Unprotected"]));
    assert_eq!(words(&rows, "billable"), set(&["1", ""]));
    assert_eq!(words(&rows, "remoteId").len(), rows.len());
    assert!(words(&rows, "name").len() < rows.len());
    let main_ids = words(&rows, "mainId");
    let (addresses, others): (Vec<_>, Vec<_>) = main_ids.iter().partition(|id| id.contains('@'));
    let (links, texts): (Vec<_>, Vec<_>) = others.into_iter().partition(|id| id.starts_with("https://"));
    assert!(!addresses.is_empty() && !links.is_empty() && !texts.is_empty());
    for added in words(&rows, "dateAdded") {
        let since: jiff::Timestamp = added.parse().unwrap();
        assert!(added.ends_with("+00:00") && since.as_second() > 1_600_000_000, "{added}");
    }
}

#[tokio::test]
async fn billed_seats_are_those_that_the_list_of_domains_counts() {
    let fake = Fake::start().await;
    for quirk in [Quirk::Healthy, Quirk::ManyPaused, Quirk::ManyArchived, Quirk::GoogleWorkspace, Quirk::ManySeats] {
        let seats = fake.get_of(quirk, "/seats").await.json();
        let seats = seats.as_array().unwrap();
        for seat in seats {
            // People are billed while something is held of them, and only then.
            let is_used = seat["seatType"] == "User"
                && ["Active", "Paused", "Archived"].map(Value::from).contains(&seat["seatState"]);
            assert_eq!(seat["billable"] == "1", is_used, "{seat}");
        }
        let billed = seats.iter().filter(|seat| seat["billable"] == "1").count();
        assert_eq!(fake.records(quirk).await[0]["seatsUsed"], billed, "{quirk:?}");
    }
}

#[tokio::test]
async fn billable_has_the_other_spellings_on_demand() {
    for (billable, yes, no) in
        [(BillableSpelling::OneOrZero, json!("1"), json!("0")), (BillableSpelling::Number, json!(1), json!(0))]
    {
        let fake = Fake::with(Options { billable, ..options() }).await;
        let seats = fake.get_of(Quirk::Healthy, "/seats").await.json();
        let seats = seats.as_array().unwrap();
        assert!(seats.iter().all(|seat| seat["billable"] == yes || seat["billable"] == no));
        assert!([yes, no].iter().all(|value| seats.iter().any(|seat| seat["billable"] == *value)));
    }
}

#[tokio::test]
async fn seats_are_filtered_by_one_text_with_commas_and_pages_are_ignored() {
    let fake = Fake::start().await;
    let whole = fake.get_of(Quirk::Healthy, "/seats").await.json();
    let chosen = fake.get_of(Quirk::Healthy, "/seats?seatType=User,SharedMailbox").await.json();
    let is_chosen = |seat: &&Value| seat["seatType"] == "User" || seat["seatType"] == "SharedMailbox";
    assert!(whole.as_array().unwrap().iter().filter(is_chosen).eq(chosen.as_array().unwrap()));
    assert_eq!(fake.get_of(Quirk::Healthy, "/seats?_page=2&_perPage=5").await.json(), whole);
    assert_eq!(fake.get_of(Quirk::Healthy, "/seats?seatType=Gadget").await.status, 400);
}

#[tokio::test]
async fn applications_have_every_field_type_and_word_that_was_met() {
    let fake = Fake::start().await;
    let answers = all(&fake, "/applications?includeRemoteID=1").await;
    assert_eq!(kinds(&json!(answers)), table(APPLICATIONS));
    let apps: Vec<_> = answers.iter().flat_map(|answer| apps(&answer["items"][0])).collect();
    let known = ["Office365Exchange", "Office365OneDrive", "Office365SharePoint", "Office365Teams", "Office365Planner"];
    let guessed = ["GoogleMail", "GoogleDrive", "GoogleCalendar", "GoogleContacts", "GoogleTeamDrives", "EntraIdUsers"];
    assert_eq!(words(&apps, "appType"), set(&[known.as_slice(), &guessed].concat()));
    let days = apps.iter().filter_map(|app| app["backupHistory"].as_array()).flatten();
    let statuses = ["Perfect", "Backup With Issues", "Insufficient History", "Throttled By Provider"];
    assert_eq!(words(days, "status"), set(&statuses));
    let words: BTreeSet<_> = apps.iter().filter_map(|app| app["lastFullyProtectedTime"].as_str()).collect();
    let (numeric, buckets): (BTreeSet<_>, BTreeSet<_>) = words.iter().partition(|word| word.parse::<i64>().is_ok());
    assert_eq!(buckets, BTreeSet::from(["OVER_10_DAYS_AGO"]));
    assert!(!numeric.is_empty());
}

#[tokio::test]
async fn seats_are_counted_by_type_and_state_only_when_asked_for() {
    let fake = Fake::start().await;
    assert_eq!(fake.item(Quirk::ManyUnprotected).await.get("remoteIds"), None);
    let with = fake.get_of(Quirk::ManyUnprotected, "/applications?includeRemoteID=1").await.json();
    let seats = fake.get_of(Quirk::ManyUnprotected, "/seats").await.json();
    let mut listed = BTreeMap::new();
    for seat in seats.as_array().unwrap() {
        let key = (seat["seatType"].as_str().unwrap(), seat["seatState"].as_str().unwrap().to_ascii_lowercase());
        *listed.entry(key).or_insert(0_u64) += 1;
    }
    let mut counted = BTreeMap::new();
    for row in with["items"][0]["remoteIds"].as_array().unwrap() {
        for state in ["active", "paused", "archived", "unprotected"] {
            let count = row[state].as_u64().unwrap();
            if count > 0 {
                counted.insert((row["seatType"].as_str().unwrap(), state.to_owned()), count);
            }
        }
    }
    assert_eq!(counted, listed);
    for word in ["true", "2", ""] {
        let path = format!("/applications?includeRemoteID={word}");
        assert_eq!(fake.get_of(Quirk::Healthy, &path).await.status, 400, "{word}");
    }
}
