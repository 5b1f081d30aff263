//! Tests basic authentication, and which endpoints require it.

use reqwest::Method;

use super::bench::{Bench, PASSWORD, users};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_but_the_health_needs_a_password() {
    let bench = Bench::start(&users("ada"));
    for path in ["/-/healthy", "/-/ready"] {
        let status = bench.ask(Method::GET, path).await.status().as_u16();
        assert!(status == 200 || status == 503, "{path}: {status}");
    }
    let client = bench.client(None);
    for (method, path, status) in [
        (Method::GET, "/", 200),
        (Method::GET, "/metrics", 200),
        (Method::HEAD, "/metrics", 200),
        (Method::POST, "/metrics", 405),
        (Method::GET, "/status", 200),
        (Method::GET, "/config", 200),
        (Method::GET, "/metrics?tenants=misspelt", 400),
        (Method::POST, "/-/reload", 403),
        (Method::GET, "/no-such-page", 404),
        (Method::GET, "/-/healthy/", 404),
        (Method::GET, "/-/healthy/../../metrics", 200),
        (Method::GET, "//-/healthy", 404),
        (Method::GET, "/-/Healthy", 404),
        (Method::GET, "/%2d/healthy", 404),
    ] {
        let refused = bench.ask(method.clone(), path).await;
        assert_eq!(refused.status(), 401, "{method} {path}");
        let challenge = &refused.headers()["www-authenticate"];
        assert_eq!(challenge, "Basic realm=\"saasbackup-exporter\", charset=\"UTF-8\"", "{method} {path}");
        if method != Method::HEAD {
            assert_eq!(refused.text().await.unwrap(), "Unauthorized\n", "{path}");
        }
        let request = client.request(method.clone(), bench.url(path)).basic_auth("ada", Some(PASSWORD));
        let found = request.send().await.unwrap().status();
        assert_eq!(found, status, "{method} {path} with a password");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_users_own_password_fits() {
    let bench = Bench::start(&format!("{}  bob: {}\n", users("ada"), super::bench::hash("canary: another")));
    assert_eq!(bench.status_for("ada", PASSWORD).await, 200);
    assert_eq!(bench.status_for("bob", "canary: another").await, 200, "with a colon in the password");
    for (user, password) in
        [("ada", "canary: another"), ("bob", PASSWORD), ("eve", PASSWORD), ("ada", ""), ("", PASSWORD)]
    {
        // Twice: what is remembered refuses as well.
        assert_eq!(bench.status_for(user, password).await, 401, "{user:?}");
        assert_eq!(bench.status_for(user, password).await, 401, "{user:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn below_a_prefix_only_the_health_there_is_open() {
    let bench = Bench::start_with(&users("ada"), &["--web.route-prefix=/backups"]);
    assert_eq!(bench.ask(Method::GET, "/backups/-/healthy").await.status(), 200);
    for path in ["/-/healthy", "/backups/metrics", "/backups/", "/backups", "/", "/metrics"] {
        assert_eq!(bench.ask(Method::GET, path).await.status(), 401, "{path}");
    }
}
