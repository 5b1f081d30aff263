//! Tests response headers, methods and the rate limit.

use reqwest::Method;

use super::bench::{Bench, PASSWORD, TLS, users};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_carries_the_headers() {
    let headers = [
        ("content-security-policy", "default-src 'self'"),
        ("x-frame-options", "deny"),
        ("x-content-type-options", "nosniff"),
        ("x-xss-protection", "0"),
        ("strict-transport-security", "max-age=31536000"),
    ];
    let written = headers.map(|(name, value)| format!("    {}: \"{value}\"\n", canonical(name))).concat();
    let bench = Bench::start(&format!("{}http_server_config:\n  headers:\n{written}", users("ada")));
    for (method, path, status) in
        [(Method::GET, "/-/healthy", 200), (Method::GET, "/metrics", 401), (Method::POST, "/-/healthy", 405)]
    {
        let answer = bench.ask(method.clone(), path).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        for (name, value) in headers {
            assert_eq!(answer.headers()[name], value, "{method} {path}");
        }
    }
    let request = bench.client(None).get(bench.url("/metrics")).basic_auth("ada", Some(PASSWORD));
    assert_eq!(request.send().await.unwrap().headers()["x-frame-options"], "deny");
}

/// The names are written in the file as in the standard.
fn canonical(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-')
        .map(|word| if word == "xss" { "XSS".to_owned() } else { capital(word) })
        .collect::<Vec<_>>()
        .join("-")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_methods_and_paths_are_answered_as_such_with_and_without_tls() {
    for web in [TLS, ""] {
        let bench = Bench::start(web);
        for path in ["/", "/metrics", "/status", "/config", "/sd", "/seats.csv", "/-/healthy", "/-/ready"] {
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
                let answer = bench.ask(method.clone(), path).await;
                assert_eq!(answer.status(), 405, "{method} {path}");
                assert_eq!(answer.headers()["allow"], "GET,HEAD", "{method} {path}");
            }
            assert_ne!(bench.ask(Method::HEAD, path).await.status(), 405, "{path}");
        }
        for path in ["/metrics/", "/no-such-page", "/-/", "/-/reload/x", "/.git/config"] {
            assert_eq!(bench.ask(Method::GET, path).await.status(), 404, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_rate_get_a_retry_after() {
    let bench = Bench::start("rate_limit: { interval: 1h, burst: 3 }\n");
    for _ in 0..3 {
        assert_eq!(bench.ask(Method::GET, "/metrics").await.status(), 200);
    }
    let answer = bench.ask(Method::GET, "/metrics").await;
    assert_eq!(answer.status(), 429);
    let seconds: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3000..=3600).contains(&seconds), "{seconds}");
    assert_eq!(bench.ask(Method::GET, "/no-such-page").await.status(), 429);
    assert_eq!(bench.ask(Method::GET, "/-/healthy").await.status(), 200, "a probe is no load");
}
