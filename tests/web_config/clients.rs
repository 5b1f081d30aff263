//! Tests clients with a valid certificate, another one, and none.

use std::net::IpAddr;

use rcgen::SanType;

use super::authority::{Authority, Issued, authority_of_itself, expired, for_servers, self_signed};
use super::bench::{Bench, TLS};

async fn is_let_in(bench: &Bench, shows: Option<&Issued>) -> bool {
    bench.client(shows).get(bench.url("/-/healthy")).send().await.is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_policy_lets_in_whom_it_says() {
    const VERIFYING: &str = "  client_ca_file: ca.crt\n";
    let stranger = Authority::new("another authority").issue(&["prometheus.example"]);
    for (policy, more, [nobody, other, own]) in [
        ("NoClientCert", "", [true, true, true]),
        ("RequestClientCert", "", [true, true, true]),
        ("RequireAnyClientCert", "", [false, true, true]),
        ("RequireClientCert", "", [false, true, true]),
        ("VerifyClientCertIfGiven", VERIFYING, [true, false, true]),
        ("RequireAndVerifyClientCert", VERIFYING, [false, false, true]),
    ] {
        let bench = Bench::start(&format!("{TLS}  client_auth_type: {policy}\n{more}"));
        let client = bench.authority.issue(&["prometheus.example"]);
        let found = [
            is_let_in(&bench, None).await,
            is_let_in(&bench, Some(&stranger)).await,
            is_let_in(&bench, Some(&client)).await,
        ];
        assert_eq!(found, [nobody, other, own], "{policy}: without, with another's, with a good certificate");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_good_certificates_only_those_with_an_allowed_name_come_in() {
    let bench = Bench::start(&format!(
        "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans:\n    \
         - prometheus.example\n    - ops@example\n    - 192.0.2.7\n    - 2001:DB8:0:0:0:0:0:1\n    - spiffe://example/prometheus\n"
    ));
    let address = |text: &str| SanType::IpAddress(text.parse::<IpAddr>().unwrap());
    let host = |text: &str| SanType::DnsName(text.try_into().unwrap());
    for (name, is_allowed) in [
        (host("prometheus.example"), true),
        (host("grafana.example"), false),
        (host("sub.prometheus.example"), false),
        (host("*.example"), false),
        (SanType::Rfc822Name("ops@example".try_into().unwrap()), true),
        (SanType::Rfc822Name("dev@example".try_into().unwrap()), false),
        (address("192.0.2.7"), true),
        (address("192.0.2.8"), false),
        (address("2001:db8::1"), true),
        (SanType::URI("spiffe://example/prometheus".try_into().unwrap()), true),
        (SanType::URI("spiffe://example/grafana".try_into().unwrap()), false),
    ] {
        let issued = bench.authority.issue_for(vec![name.clone()]);
        assert_eq!(is_let_in(&bench, Some(&issued)).await, is_allowed, "{name:?}");
        let several = bench.authority.issue_for(vec![host("other.example"), name.clone()]);
        assert_eq!(is_let_in(&bench, Some(&several)).await, is_allowed, "{name:?} beside another");
    }
    assert!(!is_let_in(&bench, Some(&bench.authority.issue(&[]))).await, "a certificate without any name");
    assert!(!is_let_in(&bench, None).await, "no certificate");
    let stranger = Authority::new("another authority").issue(&["prometheus.example"]);
    assert!(!is_let_in(&bench, Some(&stranger)).await, "the right name of another authority");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_listed_itself_comes_in_while_it_is_good() {
    let certificates =
        [self_signed(|_| {}), self_signed(authority_of_itself), self_signed(expired), self_signed(for_servers)];
    let unlisted = self_signed(authority_of_itself);
    let inline: String = certificates.iter().map(|issued| issued.certificate.replace('\n', "\n    ")).collect();
    let bench = Bench::start(&format!(
        "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca: |\n    {}\n",
        inline.trim_end()
    ));
    let mut found = Vec::new();
    for issued in certificates.iter().chain([&unlisted]) {
        found.push(is_let_in(&bench, Some(issued)).await);
    }
    assert_eq!(found, [true, true, false, false, false], "plain, authority, expired, for servers, not listed");
}
