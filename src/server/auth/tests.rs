//! Counts what is computed, and by whom.

use std::path::Path;

use axum::http::HeaderValue;

use super::*;
use crate::config::web::WebConfig;
use crate::server::places::now;

fn guard() -> Arc<Guard> {
    guard_of("secret", &SignIns::default())
}

/// A reading of the web configuration in which this is ada's password.
fn guard_of(password: &str, sign_ins: &SignIns) -> Arc<Guard> {
    let hash = bcrypt::hash(password, 4).unwrap();
    let text = format!("basic_auth_users:\n  ada: {hash}\n");
    Guard::new(WebConfig::parse(&text, &|_| None, Path::new("")).unwrap().users, sign_ins.clone())
}

/// The verdict on a client of its own.
async fn judged(guard: &Arc<Guard>, headers: &HeaderMap) -> Verdict {
    guard.judge(headers, &client(1)).await
}

fn client(last: u8) -> Arc<Client> {
    Client::new([10, 0, 0, last].into())
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
        assert_eq!(judged(&guard, &basic("ada", "secret")).await, Verdict::Allowed);
        assert_eq!(judged(&guard, &basic("ada", "wrong")).await, Verdict::Denied);
    }
    assert_eq!(guard.computed.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_unknown_user_costs_as_much_as_a_wrong_password() {
    let guard = guard();
    assert_eq!(judged(&guard, &basic("eve", "secret")).await, Verdict::Denied);
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
        assert_eq!(judged(&guard, &sent(header)).await, Verdict::Denied, "{header}");
    }
    assert_eq!(judged(&guard, &HeaderMap::new()).await, Verdict::Denied);
    assert_eq!(guard.computed.load(Ordering::Relaxed), 0);
    assert_eq!(
        judged(&guard, &sent("bAsIc YWRhOnNlY3JldA==")).await,
        Verdict::Allowed,
        "the scheme is no matter of case"
    );
}

#[tokio::test]
async fn equal_sign_ins_at_once_are_computed_once() {
    let guard = guard();
    let headers = basic("ada", "secret");
    let all = (0..8).map(|_| {
        let (guard, headers) = (Arc::clone(&guard), headers.clone());
        tokio::spawn(async move { judged(&guard, &headers).await })
    });
    for one in all.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), Verdict::Allowed);
    }
    assert_eq!(guard.computed.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn guesses_beyond_the_queue_are_sent_away_while_others_pass() {
    let guard = guard();
    assert_eq!(judged(&guard, &basic("ada", "secret")).await, Verdict::Allowed);
    let turn = guard.sign_ins.turns.take(&client(1)).await.unwrap();
    let guesser = client(2);
    let mut queue: Vec<_> = (0..MAX_WAITING_OF_ONE)
        .map(|guess| {
            let (guard, guesser) = (Arc::clone(&guard), Arc::clone(&guesser));
            Box::pin(async move { guard.judge(&basic("ada", &format!("guess {guess}")), &guesser).await })
        })
        .collect();
    queue.iter_mut().for_each(|guess| assert_eq!(now(guess), None));
    assert_eq!(guard.judge(&basic("ada", "one more"), &guesser).await, Verdict::Busy);
    assert_eq!(guard.judge(&basic("ada", "secret"), &guesser).await, Verdict::Allowed, "who is known");
    let other = {
        let guard = Arc::clone(&guard);
        async move { guard.judge(&basic("ada", "of another address"), &client(3)).await }
    };
    let mut other = Box::pin(other);
    assert_eq!(now(&mut other), None, "another address has a turn of its own");
    let waiting: Vec<_> = queue.into_iter().map(tokio::spawn).collect();
    let other = tokio::spawn(other);
    drop(turn);
    for one in waiting.into_iter().chain([other]) {
        assert_eq!(one.await.unwrap(), Verdict::Denied);
    }
}

#[tokio::test]
async fn who_is_known_stays_known_when_the_files_are_read_again_unless_the_password_changes() {
    let sign_ins = SignIns::default();
    let hash = bcrypt::hash("secret", 4).unwrap();
    let reading = || {
        let text = format!("basic_auth_users:\n  ada: {hash}\n");
        Guard::new(WebConfig::parse(&text, &|_| None, Path::new("")).unwrap().users, sign_ins.clone())
    };
    let before = reading();
    assert!(!before.knows(&basic("ada", "secret")), "no user is known before the first sign-in");
    assert_eq!(judged(&before, &basic("ada", "secret")).await, Verdict::Allowed);
    let after = reading();
    assert!(after.knows(&basic("ada", "secret")) && !after.knows(&basic("ada", "wrong")));
    assert_eq!(judged(&after, &basic("ada", "secret")).await, Verdict::Allowed);
    assert_eq!(after.computed.load(Ordering::Relaxed), 0);
    let changed = guard_of("another", &sign_ins);
    assert!(!changed.knows(&basic("ada", "secret")));
    assert_eq!(judged(&changed, &basic("ada", "secret")).await, Verdict::Denied);
    let nobody = Guard::new(Users::default(), sign_ins);
    assert!(!nobody.knows(&basic("ada", "secret")));
}

#[test]
fn debug_output_shows_no_hash() {
    let shown = format!("{:?}", guard());
    assert!(shown.contains("ada") && !shown.contains("$2"), "{shown}");
}
