//! Checks how an exposition travels: methods, headers and compression.

use reqwest::{Method, StatusCode};

use crate::support::demo::{Answer, Exporter, Wish, without_process};
use crate::support::tools::{run, tool};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What Prometheus 2.42, 2.55 and 3.x send, and what people and other scrapers do.
const ACCEPTED: [(Option<&str>, &str); 11] = [
    (None, TEXT),
    (Some("*/*"), TEXT),
    (Some("text/plain; version=0.0.4"), TEXT),
    (Some("application/openmetrics-text; version=1.0.0; charset=utf-8"), OPEN_METRICS),
    (
        Some(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        ),
        OPEN_METRICS,
    ),
    (
        Some(
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        ),
        OPEN_METRICS,
    ),
    (
        Some(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        ),
        OPEN_METRICS,
    ),
    // Prometheus 3 as it is configured by default, and with `metric_name_escaping_scheme: underscores`.
    (
        Some(
            "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        ),
        OPEN_METRICS,
    ),
    // With native histograms, Protocol Buffers come first: they are not spoken here.
    (
        Some(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,\
             application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
             application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
             text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        ),
        OPEN_METRICS,
    ),
    // With `scrape_protocols: [PrometheusText1.0.0]` and with `[OpenMetricsText0.0.1]`: neither is spoken, so the
    // rest of the header decides.
    (Some("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.2,*/*;q=0.1"), TEXT),
    (Some("application/openmetrics-text;version=0.0.1;q=0.2,*/*;q=0.1"), TEXT),
];

#[tokio::test]
async fn every_scraper_gets_a_format_that_it_names_exactly() {
    let exporter = Exporter::listening().await;
    for (accept, content_type) in ACCEPTED {
        let answer = exporter.get(Wish { accept, encoding: None }).await;
        assert_eq!(answer.status, StatusCode::OK, "{accept:?}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{accept:?}");
        assert_eq!(answer.text().ends_with("\n# EOF\n"), content_type == OPEN_METRICS, "{accept:?}");
    }
}

#[tokio::test]
#[ignore = "needs gzip"]
async fn a_compressed_answer_unpacks_to_the_plain_one() {
    let exporter = Exporter::demo().await;
    for wish in [Wish::TEXT, Wish::OPEN_METRICS] {
        let (plain, packed) = exporter.get_both(wish, wish.encoded("gzip")).await;
        assert_eq!(plain.header("content-encoding"), None);
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert_eq!(packed.header("content-type"), plain.header("content-type"));
        assert!(packed.body.len() * 5 < plain.body.len(), "{} of {} bytes", packed.body.len(), plain.body.len());
        let unpacked = run(tool("gzip").args(["--decompress", "--stdout"]), &packed.body);
        assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
        let unpacked = String::from_utf8(unpacked.stdout).unwrap();
        let differences: Vec<_> = without_process(&unpacked)
            .zip(without_process(plain.text()))
            .filter(|(left, right)| left != right)
            .collect();
        assert!(differences.is_empty(), "{differences:#?}");
        assert_eq!(unpacked.lines().count(), plain.text().lines().count());
    }
}

#[tokio::test]
async fn caches_learn_what_the_response_depends_on() {
    let exporter = Exporter::listening().await;
    let answer = exporter.get(Wish::TEXT).await;
    let varies: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    let varies = varies.join(", ").to_ascii_lowercase();
    for header in ["accept", "accept-encoding"] {
        assert!(varies.split(", ").any(|one| one == header), "{header} is not in {varies:?}");
    }
}

#[tokio::test]
async fn head_answers_like_get_without_the_body() {
    let exporter = Exporter::listening().await;
    for wish in [Wish::TEXT, Wish::OPEN_METRICS, Wish::TEXT.encoded("gzip")] {
        let get = exporter.get(wish).await;
        let head = exporter.ask(Method::HEAD, wish).await;
        assert_eq!(head.status, get.status);
        assert!(head.body.is_empty());
        // The process's own numbers may have another length, and the date moves on.
        let lasting = |name: &str| !["content-length", "date", "transfer-encoding"].contains(&name);
        let headers = |answer: &Answer| -> Vec<_> {
            let headers = answer.headers.iter().filter(|(name, _)| lasting(name.as_str()));
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
        };
        assert_eq!(headers(&head), headers(&get), "{wish:?}");
        assert_eq!(head.header("content-length").is_some(), get.header("content-length").is_some(), "{wish:?}");
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_those_allowed() {
    let exporter = Exporter::listening().await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = exporter.ask(method.clone(), Wish::TEXT).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        let allowed = answer.header("allow").unwrap();
        let mut allowed: Vec<_> = allowed.split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["GET", "HEAD"], "{method}");
    }
}
