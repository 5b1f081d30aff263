//! Counts what is computed, and by whom.

use std::path::Path;

use axum::http::HeaderValue;

use super::*;
use crate::config::web::WebConfig;

fn guard() -> Arc<Guard> {
    let hash = bcrypt::hash("secret", 4).unwrap();
    let text = format!("basic_auth_users:\n  ada: {hash}\n");
    Guard::new(WebConfig::parse(&text, &|_| None, Path::new("")).unwrap().users, Turns::default())
}

fn sent(header: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(header).unwrap());
    headers
}

fn basic(user: &str, password: &str) -> HeaderMap {
    sent(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

#[tokio::test]
async fn a_password_is_computed_once_whether_it_is_right_or_wrong() {
    let guard = guard();
    for _ in 0..5 {
        assert_eq!(guard.judge(&basic("ada", "secret")).await, Verdict::Allowed);
        assert_eq!(guard.judge(&basic("ada", "wrong")).await, Verdict::Denied);
    }
    assert_eq!(guard.computed.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_unknown_user_costs_as_much_as_a_wrong_password() {
    let guard = guard();
    assert_eq!(guard.judge(&basic("eve", "secret")).await, Verdict::Denied);
    assert_eq!(guard.computed.load(Ordering::Relaxed), 1);
    let (nobody, is_user) = guard.users.hash_of("eve");
    let (ada, _) = guard.users.hash_of("ada");
    let cost = |hash: &SecretString| hash.expose_secret().parse::<bcrypt::HashParts>().unwrap().get_cost();
    assert_eq!((cost(nobody), is_user), (cost(ada), false));
}

#[tokio::test]
async fn what_is_no_basic_authentication_is_refused_without_computing() {
    let guard = guard();
    for header in ["Bearer abc", "Basic", "Basic !!!", "Basic YWRh", "basic"] {
        assert_eq!(guard.judge(&sent(header)).await, Verdict::Denied, "{header}");
    }
    assert_eq!(guard.judge(&HeaderMap::new()).await, Verdict::Denied);
    assert_eq!(guard.computed.load(Ordering::Relaxed), 0);
    assert_eq!(guard.judge(&sent("bAsIc YWRhOnNlY3JldA==")).await, Verdict::Allowed, "the scheme is no matter of case");
}

#[tokio::test]
async fn equal_sign_ins_at_once_are_computed_once() {
    let guard = guard();
    let headers = basic("ada", "secret");
    let all = (0..8).map(|_| {
        let (guard, headers) = (Arc::clone(&guard), headers.clone());
        tokio::spawn(async move { guard.judge(&headers).await })
    });
    for one in all.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), Verdict::Allowed);
    }
    assert_eq!(guard.computed.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn guesses_beyond_the_queue_are_sent_away_while_a_known_user_passes() {
    let guard = guard();
    assert_eq!(guard.judge(&basic("ada", "secret")).await, Verdict::Allowed);
    let turn = guard.turns.computing.acquire().await.unwrap();
    let queue: Vec<_> = (0..MAX_WAITING)
        .map(|guess| {
            let guard = Arc::clone(&guard);
            tokio::spawn(async move { guard.judge(&basic("ada", &format!("guess {guess}"))).await })
        })
        .collect();
    while guard.turns.waiting.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(guard.judge(&basic("ada", "one more")).await, Verdict::Busy);
    assert_eq!(guard.judge(&basic("ada", "secret")).await, Verdict::Allowed);
    drop(turn);
    for one in queue {
        assert_eq!(one.await.unwrap(), Verdict::Denied);
    }
}

#[test]
fn debug_output_shows_no_hash() {
    let shown = format!("{:?}", guard());
    assert!(shown.contains("ada") && !shown.contains("$2"), "{shown}");
}
