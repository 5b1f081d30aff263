//! A proxy that marks the responses of a mock vendor: values, names of fields, ids, numbers, errors and headers.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::support::http;

/// Nothing of it may be in a recording: its letters follow each other in no word.
pub(crate) const MARK: &str = "qzxvkjqwzx";
/// The end of an id, which is escaped in a path: a percent sign as of a byte that is no text, a slash and others.
const END_OF_ID: &str = "%FE/qzxvkjqwzx?ü#";
/// The same in a path.
const END_OF_ID_IN_PATH: &str = "%25FE%2Fqzxvkjqwzx%3F%C3%BC%23";
/// The ids that the clients put into paths.
const IDS: [&str; 4] = ["id", "organization_id", "saasCustomerId", "customerId"];
/// Numbers of a telephone and of an account. As times, these would be the years 2038 and 2026.
pub(crate) const NUMBERS: [u64; 2] = [2_177_339_173, 1_797_331_773_739];
/// A word that the clients do not know.
pub(crate) const WORD: &str = "Hibernating";

/// What is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    /// Every text.
    Texts,
    /// Every text but that of this field, which is [`WORD`].
    Beside(&'static str),
    /// Every text of a refusal, and the headers.
    Refusals,
}

struct Proxy {
    vendor: String,
    here: String,
    marks: Marks,
    http: reqwest::Client,
}

/// The address of a proxy before this vendor, whose base URL has `path` after the port.
pub(crate) async fn before(base_url: &str, path: &str, marks: Marks) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let vendor = base_url.strip_suffix(path).unwrap().to_owned();
    let http = http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let proxy = Arc::new(Proxy { vendor, here: here.clone(), marks, http });
    let router = Router::new().fallback(answer).with_state(proxy);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("{here}{path}")
}

async fn answer(State(proxy): State<Arc<Proxy>>, request: Parts) -> Response {
    // What was marked comes back in paths, parameters and tokens.
    let url = format!("{}{}", proxy.vendor, request.uri).replace(END_OF_ID_IN_PATH, "").replace(MARK, "");
    let mut asked = proxy.http.get(url);
    for name in ["x-access-token", "x-reseller-token", AUTHORIZATION.as_str()] {
        if let Some(value) = request.headers.get(name) {
            asked = asked.header(name, value.to_str().unwrap().replace(MARK, ""));
        }
    }
    let reply = asked.send().await.unwrap();
    let (status, retry_after) = (reply.status(), reply.headers().get(RETRY_AFTER).cloned());
    let body = reply.text().await.unwrap().replace(&proxy.vendor, &proxy.here);
    let body = match serde_json::from_str::<Value>(&body) {
        Ok(_) if status.is_success() && proxy.marks == Marks::Refusals => body,
        Ok(json) => proxy.marked("", &json).to_string(),
        Err(_) => format!("<html>{MARK}</html>"),
    };
    let mark = HeaderValue::from_static(MARK);
    let response = Response::builder().status(status).header("content-type", format!("application/json; x={MARK}"));
    let response = response.header("x-request-id", mark.clone()).header("x-api-limit-resets", mark.clone());
    let mut response = response.header(format!("x-{MARK}"), mark).body(Body::from(body)).unwrap();
    response.headers_mut().extend(retry_after.map(|delay| (RETRY_AFTER, delay)));
    response
}

impl Proxy {
    fn marked(&self, field: &str, json: &Value) -> Value {
        match json {
            Value::String(_) if matches!(self.marks, Marks::Beside(spared) if spared == field) => WORD.into(),
            Value::String(text) if IDS.contains(&field) => format!("{text}{END_OF_ID}").into(),
            // An address that numbers pages stays one.
            Value::String(text) if text.contains("page=") => {
                format!("{text}&{MARK}={MARK}&after={}", NUMBERS[0]).into()
            }
            Value::String(text) => format!("{text}{MARK}").into(),
            Value::Array(items) => items.iter().map(|item| self.marked(field, item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| (key.clone(), self.marked(key, value)));
                Value::Object(fields.chain(strange()).collect())
            }
            other => other.clone(),
        }
    }
}

/// What no vendor is known to send: keys that are data, and numbers of people.
fn strange() -> Map<String, Value> {
    let [telephone, account] = NUMBERS;
    let map = json!({
        MARK: MARK,
        format!("{MARK}@{MARK}.example"): {
            format!("{MARK}-{MARK}"): [MARK, { MARK: true }],
            "message": telephone,
            "code": account.to_string(),
        },
        account.to_string(): account,
        "telephone": telephone,
        "telephones": [telephone, telephone.to_string(), format!("+{telephone}"), -1.5],
        "avatar": format!("data:image/png;base64,{MARK}"),
        "profile": format!("https://{MARK}.example/%FF%FE/{MARK}?u=%FF{MARK}&n={telephone}"),
    });
    let Value::Object(fields) = map else { unreachable!("it is an object") };
    fields
}
