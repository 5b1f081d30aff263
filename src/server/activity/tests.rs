//! Walks connections through requests, answers, pauses and stalls.

use std::convert::Infallible;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use tokio::sync::mpsc;

use super::*;
use crate::server::client::Client;
use crate::server::holding::Holding;
use crate::server::places::{Limits, Places, now};

const USUAL: Timeouts = Timeouts::USUAL;

/// A body that is made piece by piece.
struct Pieces(mpsc::Receiver<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

fn after(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

/// A connection of HTTP/2, which has frames that are no request.
fn http2() -> Arc<Activity> {
    let activity = Activity::new();
    activity.speaks_http2();
    activity
}

#[test]
fn a_connection_that_asks_nothing_is_overdue_after_ten_seconds() {
    let activity = Activity::new();
    assert!(!activity.is_overdue(after(9), USUAL));
    assert!(activity.is_overdue(after(11), USUAL));
    activity.received();
    assert!(activity.is_overdue(after(11), USUAL), "single bytes of a head win no time");
}

#[test]
fn an_answer_has_two_minutes_and_a_pause_after_it_three() {
    let activity = Activity::new();
    let answering = activity.answering();
    assert!(!activity.is_overdue(after(119), USUAL));
    assert!(activity.is_overdue(after(121), USUAL));
    assert!(activity.is_overdue(after(31), Timeouts::SHORT), "where connections are many");
    drop(answering);
    activity.flushed();
    assert!(!activity.is_overdue(after(179), USUAL));
    assert!(activity.is_overdue(after(181), USUAL));
    assert!(activity.is_overdue(after(3), Timeouts::SHORT));
    activity.received();
    assert!(activity.is_overdue(after(11), USUAL), "the next request has begun and must end");
}

#[test]
fn an_answer_lasts_until_its_last_byte_is_written_whatever_comes_meanwhile() {
    let activity = Activity::new();
    drop(Holding::new(Body::from("all of it"), activity.answering()));
    activity.received();
    activity.stalls();
    activity.sent();
    assert!(!activity.is_overdue(after(11), USUAL), "the body has ended, and its bytes are on their way");
    assert_eq!(activity.idle_for(after(0)), None);
    activity.flushed();
    assert!(!activity.is_overdue(after(9), USUAL));
    assert!(activity.is_overdue(after(11), USUAL), "now the head of the next request must end");
}

#[test]
fn an_answer_lasts_as_long_as_its_body() {
    let activity = Activity::new();
    let body = Holding::new(Body::from("a piece"), activity.answering());
    activity.flushed();
    assert_eq!(activity.idle_for(after(0)), None, "the next piece may take long to make");
    drop(body);
    activity.flushed();
    assert!(activity.idle_for(after(0)).is_some());
}

#[test]
fn a_client_that_takes_nothing_of_its_answer_is_overdue() {
    let activity = Activity::new();
    let _answering = activity.answering();
    activity.stalls();
    assert!(!activity.is_overdue(after(59), USUAL));
    assert!(activity.is_overdue(after(61), USUAL));
    activity.sent();
    assert!(!activity.is_overdue(after(61), USUAL));
}

#[tokio::test(start_paused = true)]
async fn the_time_that_answers_wait_for_a_client_adds_up() {
    let activity = Activity::new();
    let answering = activity.answering();
    for _ in 0..3 {
        activity.stalls();
        tokio::time::advance(Duration::from_secs(2)).await;
        activity.sent();
        tokio::time::advance(Duration::from_secs(5)).await;
    }
    assert_eq!(activity.blocked_for(Instant::now()), Duration::from_secs(6));
    drop(answering);
    activity.flushed();
    assert_eq!(activity.blocked_for(Instant::now()), Duration::ZERO, "another answer, another account");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_takes_nothing_of_its_answer_is_seen_though_nothing_is_written() {
    let advance = |seconds| tokio::time::advance(Duration::from_secs(seconds));
    let blocked = |activity: &Activity| activity.blocked_for(Instant::now()).as_secs();
    let activity = http2();
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let mut body = Holding::new(Body::new(Pieces(receiver)), activity.answering());
    advance(2).await;
    assert_eq!(blocked(&activity), 2, "its window was never open");
    sender.send("a piece".into()).await.unwrap();
    body.frame().await.unwrap().unwrap();
    assert!(!activity.is_overdue(after(59), USUAL));
    assert!(activity.is_overdue(after(61), USUAL));
    advance(3).await;
    assert_eq!(blocked(&activity), 5);
    assert!(now(body.frame()).is_none());
    advance(7).await;
    assert_eq!(blocked(&activity), 5, "the next piece is being made, which is not the client's fault");
    let _other = Holding::new(Body::from("another"), activity.answering());
    advance(4).await;
    assert_eq!(blocked(&activity), 5, "streams that wait at once do not add up");
    drop(body);
    assert_eq!(blocked(&activity), 4);
}

#[test]
fn several_answers_of_one_connection_end_with_the_last() {
    let activity = http2();
    let (first, second) = (activity.answering(), activity.answering());
    drop(first);
    activity.flushed();
    assert_eq!(activity.idle_for(after(0)), None);
    drop(second);
    activity.flushed();
    assert!(activity.is_overdue(after(181), USUAL));
}

#[test]
fn frames_that_are_no_request_begin_none() {
    let activity = http2();
    drop(activity.answering());
    activity.received();
    activity.flushed();
    activity.received();
    assert!(!activity.is_overdue(after(11), USUAL));
}

#[tokio::test]
async fn what_an_answer_occupies_is_free_once_it_is_written_or_the_connection_is_over() {
    let places = Places::new(Limits { places: 1, waiting: 0, waiting_of_one: 0 });
    let client = Client::new([127, 0, 0, 1].into());
    for end in [Activity::flushed, Activity::ended] {
        let answering = client.activity().answering();
        answering.hold(places.take(&client).await.unwrap());
        drop(answering);
        assert!(places.take(&client).await.is_none(), "its bytes are on their way");
        end(client.activity());
        assert!(places.take(&client).await.is_some());
    }
}
