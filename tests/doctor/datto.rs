//! Tests configuration mistakes with Datto, and faults of the vendor.

use saasbackup_simulator::datto::Server;
use saasbackup_simulator::faults::{Fault, Injection};

use super::bench::{Bench, complaints, datto, datto_config, is_golden};

fn good(server: &Server, more: &str) -> Bench {
    Bench::new(&datto_config(&server.base_url(), &server.public_key(), &server.secret_key(), more))
}

fn shows_no_secret(server: &Server, text: &str) {
    for secret in server.secrets() {
        assert!(!text.contains(&secret), "a secret in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_account_is_reported_step_by_step() {
    let server = datto(3).await;
    let told = good(&server, "").told(0).await;
    is_golden("datto-good", &told);
    shows_no_secret(&server, &told);
    let requests = server.requests();
    assert!(requests.log.iter().all(|request| request.method == "GET"), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_and_a_wrong_address_are_told_apart() {
    let server = datto(3).await;
    let (url, public, secret) = (server.base_url(), server.public_key(), server.secret_key());
    let mut told = String::new();
    for (mistake, base_url, public_key, secret_key) in [
        ("a wrong secret key", &url, &public, &"canary-secret".to_owned()),
        ("the keys are exchanged", &url, &secret, &public),
        ("a path that is not the API's", &format!("{url}/gateway"), &public, &secret),
    ] {
        let text = Bench::new(&datto_config(base_url, public_key, secret_key, "")).told(1).await;
        shows_no_secret(&server, &text);
        assert!(text.contains("skip  listing"), "{text}");
        told += &format!("{mistake}\n{}\n", complaints(&text));
    }
    for (fault, name) in [(Fault::Forbidden, "403"), (Fault::Html200, "a page instead of JSON")] {
        server.clear_faults();
        server.inject(fault);
        told += &format!("{name}\n{}\n", complaints(&good(&server, "").told(1).await));
    }
    is_golden("datto-refused", &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_that_the_vendor_cannot_list_are_a_warning() {
    let server = datto(40).await;
    let told = good(&server, "    tenants: { include: [\"^Wrenfield Unified Schools$\"] }\n").told(0).await;
    is_golden("datto-seats", &complaints(&told));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_cannot_be_asked_fails_and_the_estimate_is_skipped() {
    let server = datto(3).await;
    server.inject(Injection::new(Fault::NotFound).on("/v1/saas/{saasCustomerId}/applications"));
    server.inject(Injection::new(Fault::ServerError(504)).on("/v1/saas/{saasCustomerId}/seats"));
    let told = good(&server, "").told(1).await;
    assert!(told.contains("fail  tenant") && told.contains("warn  tenant"), "{told}");
    assert!(told.contains("skip  estimate     skipped: depends on step \"tenant\", which failed"), "{told}");
}
