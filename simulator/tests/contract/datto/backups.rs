//! Looks at the days of an app's history, at the quirks, and at what becomes of them as time goes by.

use std::time::Duration;

use saasbackup_simulator::datto::fleet::Quirk;
use saasbackup_simulator::datto::{ApplicationsShape, Options};
use serde_json::{Value, json};

use super::fixture::{DAY, Fake, HOUR, NOW, apps, options};

const DAY_MILLIS: i64 = 86_400_000;

fn days(app: &Value) -> &[Value] {
    app["backupHistory"].as_array().unwrap()
}

fn count(day: &Value, name: &str) -> u64 {
    day[name].as_u64().unwrap()
}

#[tokio::test]
async fn history_is_newest_first_and_each_day_starts_after_it_ends() {
    let fake = Fake::start().await;
    let apps = fake.apps(Quirk::Healthy).await;
    assert_eq!(apps.len(), 4);
    for app in &apps {
        assert_eq!(days(app).len(), 10);
        for (age, day) in (0_i64..).zip(days(app)) {
            assert_eq!(day["timeWindow"], format!("Between{age}dAnd{}d", age + 1));
            assert_eq!(day["startTime"], NOW - age * DAY_MILLIS);
            assert_eq!(day["endTime"], NOW - (age + 1) * DAY_MILLIS);
            let names = [
                "totalServiceCount",
                "activeServiceCount",
                "activeServiceWithBackupCount",
                "activeServiceWithPerfectBackupCount",
            ];
            assert!(names.map(|name| count(day, name)).is_sorted_by(|larger, smaller| larger >= smaller), "{day}");
        }
    }
}

#[tokio::test]
async fn days_are_ten_by_default_and_thirty_at_most() {
    let fake = Fake::start().await;
    for asked in [1, 30] {
        let answer = fake.get_of(Quirk::Healthy, &format!("/applications?daysUntil={asked}")).await.json();
        assert_eq!(days(&apps(&answer["items"][0])[0]).len(), asked);
    }
    let refused = fake.get_of(Quirk::Healthy, "/applications?daysUntil=31").await;
    assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("exception.badrequesthttpexception")));
}

#[tokio::test]
async fn a_healthy_app_was_fully_protected_within_hours_and_stays_so() {
    let fake = Fake::start().await;
    let mut before = 0;
    for _ in 0..5 {
        let app = fake.apps(Quirk::Healthy).await.remove(0);
        let now = fake.clock.moment().now;
        let protected = app["lastFullyProtectedTime"].as_i64().unwrap();
        assert!(protected > before && protected <= now && now - protected < DAY_MILLIS, "{protected} at {now}");
        before = protected;
        fake.clock.advance(DAY);
    }
}

#[tokio::test]
async fn a_day_that_is_over_stays_as_it_was() {
    let fake = Fake::start().await;
    let before = fake.apps(Quirk::ManySeats).await;
    fake.clock.advance(DAY);
    let after = fake.apps(Quirk::ManySeats).await;
    let flawed = before.iter().flat_map(days).filter(|day| day["status"] != "Perfect").count();
    assert!(flawed > 0, "every day is alike");
    for (before, after) in before.iter().zip(&after) {
        for (before, after) in days(before).iter().zip(&days(after)[1..]) {
            assert_eq!((&before["status"], &before["startTime"]), (&after["status"], &after["startTime"]));
        }
        assert!(before["usedBytes"].as_u64() < after["usedBytes"].as_u64());
    }
}

#[tokio::test]
async fn a_stopped_backup_falls_behind_until_only_a_word_is_left() {
    let fake = Fake::start().await;
    let missed = |app: &Value| days(app).iter().filter(|day| day["status"] != "Perfect" && is_short(day)).count();
    let first = fake.apps(Quirk::BehindToday).await.remove(0);
    assert_eq!((first["lastFullyProtectedTime"].as_i64(), missed(&first)), (Some(NOW - 25 * 3_600_000), 1));
    fake.clock.advance(3 * DAY);
    let later = fake.apps(Quirk::BehindToday).await.remove(0);
    assert_eq!((&later["lastFullyProtectedTime"], missed(&later)), (&first["lastFullyProtectedTime"], 4));
    fake.clock.advance(6 * DAY - HOUR);
    let ten_days_old = fake.apps(Quirk::BehindToday).await.remove(0);
    assert_eq!(ten_days_old["lastFullyProtectedTime"], first["lastFullyProtectedTime"]);
    fake.clock.advance(Duration::from_millis(1));
    let last = fake.apps(Quirk::BehindToday).await.remove(0);
    assert_eq!(last["lastFullyProtectedTime"], "OVER_10_DAYS_AGO");
    let others = fake.apps(Quirk::BehindToday).await;
    assert!(others[1..].iter().all(|app| missed(app) == 0 && app["lastFullyProtectedTime"].is_i64()));
}

fn is_short(day: &Value) -> bool {
    count(day, "activeServiceWithBackupCount") < count(day, "activeServiceCount")
}

#[tokio::test]
async fn one_service_without_a_backup_makes_the_protection_of_its_app_old() {
    let fake = Fake::start().await;
    let apps = fake.apps(Quirk::NotProtectedForDays).await;
    let old: Vec<_> = apps.iter().map(|app| app["lastFullyProtectedTime"] == "OVER_10_DAYS_AGO").collect();
    assert_eq!(old, [false, true, false, false]);
    for day in days(&apps[1]) {
        assert_eq!(count(day, "activeServiceWithBackupCount") + 1, count(day, "activeServiceCount"));
    }
}

#[tokio::test]
async fn a_new_customer_has_one_day_and_no_backup() {
    let fake = Fake::start().await;
    for app in fake.apps(Quirk::NewCustomer).await {
        let day = &days(&app)[0];
        assert_eq!((days(&app).len(), &day["status"]), (1, &json!("Insufficient History")));
        assert_eq!(day["activeServiceWithBackupCount"], 0);
        assert_eq!((&app["lastFullyProtectedTime"], &app["usedBytes"]), (&Value::Null, &json!(0)));
    }
    let record = fake.records(Quirk::NewCustomer).await.remove(0);
    assert_eq!(record["backupStats"]["backupPercentage"], 0);
}

#[tokio::test]
async fn missing_lists_and_odd_words_stand_where_their_quirk_says() {
    let fake = Fake::start().await;
    assert_eq!(fake.item(Quirk::EmptySuites).await["suites"], json!([]));
    assert_eq!(fake.item(Quirk::EmptyAppTypes).await["suites"][0]["appTypes"], json!([]));
    let empty = fake.apps(Quirk::EmptyHistory).await;
    assert_eq!((days(&empty[0]).len(), days(&empty[1]).len()), (0, 10));
    let missing = fake.apps(Quirk::MissingHistory).await;
    assert_eq!((missing[0].get("backupHistory"), missing[0].get("lastFullyProtectedTime")), (None, None));
    assert!(missing[1].get("backupHistory").is_some());
    let numeric = fake.apps(Quirk::NumericText).await;
    assert!(numeric[0]["lastFullyProtectedTime"].as_str().unwrap().parse::<i64>().is_ok());
    assert_eq!(fake.apps(Quirk::UnknownApp).await[4]["appType"], "Office365Planner");
    assert_eq!(fake.item(Quirk::UnknownSuite).await["suites"][1]["suiteType"], "EntraId");
    let status = fake.apps(Quirk::UnknownStatus).await;
    assert_eq!(days(&status[0])[0]["status"], "Throttled By Provider");
    assert_eq!(fake.apps(Quirk::Uningested).await[0]["uningestedServiceCount"], 4);
    assert_eq!(fake.apps(Quirk::Healthy).await[0]["uningestedServiceCount"], 0);
    assert!(fake.records(Quirk::PercentageText).await[0]["backupStats"]["backupPercentage"].is_string());
    assert_eq!(fake.records(Quirk::NoOrganization).await[0]["organizationId"], Value::Null);
}

#[tokio::test]
async fn a_customer_uses_up_to_a_tenth_more_than_its_apps() {
    let fake = Fake::start().await;
    for customer in fake.server.customers() {
        if [Quirk::OutOfScope, Quirk::EmptySuites, Quirk::EmptyAppTypes].contains(&customer.quirk) {
            continue;
        }
        let item = fake.get(&format!("/v1/saas/{}/applications", customer.id)).await.json()["items"][0].clone();
        let of_apps: u64 = apps(&item).iter().map(|app| app["usedBytes"].as_u64().unwrap()).sum();
        let used = item["usedBytes"].as_u64().unwrap();
        assert!(used >= of_apps && used <= of_apps + of_apps / 10, "{customer:?}");
    }
}

#[tokio::test]
async fn envelopes_come_alone_in_an_array_or_in_pages() {
    let plain = Fake::start().await.get_of(Quirk::Healthy, "/applications").await.json();
    assert_eq!(plain["pagination"], json!({"page": 1, "perPage": 100, "totalPages": 1, "count": 1}));
    let array = Fake::with(Options { applications: ApplicationsShape::ArrayOfEnvelopes, ..options() }).await;
    assert_eq!(array.get_of(Quirk::Healthy, "/applications").await.json(), json!([plain]));
    let paged = ApplicationsShape::Paged { per_page: 3.try_into().unwrap() };
    let fake = Fake::with(Options { applications: paged, ..options() }).await;
    let page = async |query: &str| fake.get_of(Quirk::Healthy, &format!("/applications{query}")).await.json();
    let (first, second) = (page("").await, page("?_page=2").await);
    assert_eq!(second["pagination"], json!({"page": 2, "perPage": 3, "totalPages": 2, "count": 4}));
    let items = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let found: Vec<_> = items.iter().flat_map(apps).collect();
    assert_eq!(found, apps(&plain["items"][0]));
    assert_eq!(page("?_page=3").await["items"], json!([]));
    assert_eq!(page("?_perPage=1").await["pagination"]["totalPages"], 4);
    assert_eq!(fake.get_of(Quirk::Healthy, "/applications?_page=0").await.status, 400);
}

#[tokio::test]
async fn equal_seeds_and_times_give_equal_answers_and_other_seeds_do_not() {
    let fakes = [Fake::start().await, Fake::start().await];
    let id = fakes[0].customer(Quirk::Healthy).id;
    for path in ["/v1/saas/domains".to_owned(), format!("/v1/saas/{id}/seats"), format!("/v1/saas/{id}/applications")] {
        assert_eq!(fakes[0].get(&path).await.text, fakes[1].get(&path).await.text, "{path}");
    }
    let fleet = saasbackup_simulator::datto::fleet::Fleet::demo(60, 8);
    let other = Fake::with(Options { fleet, ..options() }).await;
    let text = other.get("/v1/saas/domains").await.text;
    assert_ne!(text, fakes[0].get("/v1/saas/domains").await.text);
    fakes[1].clock.advance(9 * HOUR);
    let path = format!("/v1/saas/{id}/applications");
    assert_ne!(fakes[0].get(&path).await.text, fakes[1].get(&path).await.text);
}
