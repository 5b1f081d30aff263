//! A proxy that marks every text of a mock vendor's responses: values, names of fields, errors and headers.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::http;

/// Nothing of it may be in a recording: its letters follow each other in no word.
pub(crate) const MARK: &str = "qzxvkjqwzx";

struct Proxy {
    vendor: String,
    here: String,
    http: reqwest::Client,
}

/// The address of a proxy before this vendor, whose base URL has `path` after the port.
pub(crate) async fn before(base_url: &str, path: &str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let vendor = base_url.strip_suffix(path).unwrap().to_owned();
    let http = http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let proxy = Arc::new(Proxy { vendor, here: here.clone(), http });
    let router = Router::new().fallback(answer).with_state(proxy);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("{here}{path}")
}

async fn answer(State(proxy): State<Arc<Proxy>>, request: Parts) -> Response {
    // What was marked comes back in paths, parameters and tokens.
    let url = format!("{}{}", proxy.vendor, request.uri).replace(MARK, "");
    let mut asked = proxy.http.get(url);
    for name in ["x-access-token", "x-reseller-token", AUTHORIZATION.as_str()] {
        if let Some(value) = request.headers.get(name) {
            asked = asked.header(name, value.to_str().unwrap().replace(MARK, ""));
        }
    }
    let reply = asked.send().await.unwrap();
    let status = reply.status();
    let body = reply.text().await.unwrap().replace(&proxy.vendor, &proxy.here);
    let body = match serde_json::from_str::<Value>(&body) {
        Ok(json) => marked(&json).to_string(),
        Err(_) => format!("<html>{MARK}</html>"),
    };
    let mark = HeaderValue::from_static(MARK);
    let response = Response::builder().status(status).header("content-type", format!("application/json; x={MARK}"));
    let response = response.header("x-request-id", mark.clone()).header("x-api-limit-resets", mark.clone());
    response.header(format!("x-{MARK}"), mark).body(Body::from(body)).unwrap()
}

fn marked(json: &Value) -> Value {
    match json {
        // An address that numbers pages stays one.
        Value::String(text) if text.contains("page=") => format!("{text}&{MARK}={MARK}").into(),
        Value::String(text) => format!("{text}{MARK}").into(),
        Value::Array(items) => items.iter().map(marked).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), marked(value)));
            Value::Object(fields.chain([(MARK.to_owned(), MARK.into())]).collect())
        }
        other => other.clone(),
    }
}
