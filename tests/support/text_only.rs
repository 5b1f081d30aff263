//! A proxy that requests only the text format from the exporter, like old scrapers.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use super::demo::{Wish, client};

/// Starts on a free port, until the test ends; returns its address.
///
/// Prometheus learned to be told which format to ask for in version 2.49, and older ones are in use.
pub(crate) async fn start(exporter: &str) -> SocketAddr {
    let (client, source) = (client(), format!("http://{exporter}/metrics"));
    let serve = async move || {
        let request = client.get(source).header("accept", Wish::TEXT.accept.unwrap());
        let answer = request.send().await.unwrap();
        let content_type = answer.headers()[CONTENT_TYPE.as_str()].to_str().unwrap().to_owned();
        ([(CONTENT_TYPE, content_type)], answer.bytes().await.unwrap())
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, Router::new().route("/metrics", get(serve))).into_future());
    address
}
