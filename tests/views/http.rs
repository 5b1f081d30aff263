//! Tests the pages without a browser.

use url::Url;

use super::demo::{Demo, TENANTS};

/// The addresses that a page links to, resolved as a browser does.
fn links(base: &Url, html: &str) -> Vec<Url> {
    let addresses = html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"));
    addresses
        .map(|address| {
            assert!(address.starts_with("./") || address.starts_with('?'), "{address} is not relative");
            base.join(&address).unwrap()
        })
        .collect()
}

#[tokio::test]
async fn every_link_leads_somewhere_and_every_page_forbids_scripts() {
    let demo = Demo::start().await;
    for page in ["/", "/status"] {
        let base = Url::parse(&format!("http://{}{page}", demo.address)).unwrap();
        let found = links(&base, &demo.get(page).await.body);
        assert!(found.len() >= 5, "{page} links to {found:?}");
        for link in found {
            let path = &link[url::Position::BeforePath..url::Position::AfterQuery];
            let answer = demo.get(path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            if answer.header("content-type").starts_with("text/html") {
                let policy = answer.header("content-security-policy");
                assert!(policy.starts_with("default-src 'none';") && !policy.contains("script-src"), "{policy}");
            }
        }
    }
    // Behind a prefix the same links stay below it.
    let prefixed = Url::parse("https://monitoring.example/backups/").unwrap();
    assert!(links(&prefixed, &demo.get("/").await.body).iter().all(|link| link.path().starts_with("/backups/")));
}

#[tokio::test]
async fn the_page_and_the_document_tell_the_same() {
    let demo = Demo::start().await;
    let document = demo.json("/status").await;
    let counts = &document["overview"]["tenants"];
    assert_eq!(counts["all"], TENANTS);
    for word in ["not_fine", "unknown", "fine", "inactive"] {
        let found = demo.json(&format!("/status?state={word}")).await;
        assert_eq!(found["page"]["matching_tenants"], found["overview"]["tenants"][word], "{word}");
        assert!(counts[word].as_u64() > Some(0), "the demo shows one of each: {counts}");
        let html = demo.get(&format!("/status?state={word}")).await.body;
        for tenant in found["tenants"].as_array().unwrap() {
            assert!(html.contains(&format!("<bdi>{}</bdi>", tenant["tenant_id"].as_str().unwrap())), "{tenant}");
        }
    }
    for source in document["sources"].as_array().unwrap() {
        assert_eq!(source["last_listing"]["outcome"], "success");
        assert!(source["next_listing"]["at"].is_string() || source["next_listing"]["reason"] == "running", "{source}");
    }
    for tenant in document["tenants"].as_array().unwrap() {
        let reason = tenant["next_attempt"]["reason"].as_str().unwrap();
        assert!(["interval", "retry", "running", "budget", "suspect", "backoff"].contains(&reason), "{tenant}");
    }
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_in_words() {
    let demo = Demo::listening();
    for (path, words) in [
        ("/status?state=broken", "unknown state (accepted: not_fine,"),
        ("/status?tenants=acme", "unknown parameter (accepted: source,"),
        ("/status?page=first", "page is not a number"),
    ] {
        let answer = demo.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, "text/plain; charset=utf-8"), "{path}");
        assert!(answer.body.starts_with(words), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_configuration_is_shown_without_its_secrets() {
    let demo = Demo::listening();
    let answer = demo.get("/config").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert_eq!(answer.body.matches(": <secret>\n").count(), 4, "{}", answer.body);
    assert!(answer.body.contains("stale_after: 24h\n"), "defaults are filled in: {}", answer.body);
}

#[tokio::test]
async fn discovery_names_each_tenant_once_and_stays_at_the_address_that_was_asked() {
    let demo = Demo::start().await;
    let groups = demo.json("/sd").await;
    let groups = groups.as_array().unwrap();
    assert_eq!(groups.len(), TENANTS + 1);
    assert!(groups.iter().all(|group| group["targets"] == serde_json::json!([demo.address])));
}

#[tokio::test]
async fn the_table_of_seats_is_a_file_that_nobody_keeps() {
    let demo = Demo::start().await;
    let answer = demo.get("/seats.csv").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body.lines().count(), TENANTS + 1);
    for (name, value) in [
        ("content-type", "text/csv; charset=utf-8; header=present"),
        ("content-disposition", "attachment; filename=\"seats.csv\""),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), value);
    }
}
