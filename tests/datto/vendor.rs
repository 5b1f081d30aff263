//! Queries the mock Datto directly, without the product, for comparison.

use std::net::Ipv4Addr;

use crate::support::http;
use reqwest::Method;
use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto::fleet::{Fleet, Quirk};
use saasbackup_simulator::datto::{CustomerSummary, Options, Server};
use serde_json::Value;

/// Large enough for every named customer and some generated ones.
pub(crate) const CUSTOMERS: usize = 60;

/// A fake Datto, and a client of its own to ask it with.
pub(crate) struct Vendor {
    pub(crate) server: Server,
    http: reqwest::Client,
}

/// A fleet whose time stands still at the present, so that asking twice gives the same answer.
pub(crate) fn options() -> Options {
    Options::new(Fleet::demo(CUSTOMERS, 7), Clock::fixed(clock::now().as_millis()))
}

impl Vendor {
    pub(crate) async fn serving(options: Options) -> Self {
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
        let http = http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { server, http }
    }

    /// A fleet of which only the first customers with these oddities are left.
    pub(crate) async fn with_only(options: Options, oddities: &[Quirk]) -> Self {
        let vendor = Self::serving(options).await;
        let kept: Vec<u64> = oddities.iter().map(|oddity| vendor.customer(*oddity).id).collect();
        for customer in vendor.server.customers().iter().filter(|customer| !kept.contains(&customer.id)) {
            vendor.server.remove_customer(&customer.id.to_string());
        }
        vendor
    }

    /// The first customer of this oddity.
    pub(crate) fn customer(&self, oddity: Quirk) -> CustomerSummary {
        let mut all = self.server.customers().into_iter();
        all.find(|customer| customer.quirk == oddity).unwrap_or_else(|| panic!("no {oddity:?} in the fleet"))
    }

    /// The id of the first customer of this oddity, as the live shape has it.
    pub(crate) fn id(&self, oddity: Quirk) -> String {
        self.customer(oddity).id.to_string()
    }

    /// The answer, or the status of the refusal.
    pub(crate) async fn send(&self, method: Method, path: &str, body: &str) -> Result<Value, u16> {
        let request = self.http.request(method, format!("{}{path}", self.server.base_url()));
        let request = request.basic_auth(self.server.public_key(), Some(self.server.secret_key()));
        let reply = request.body(body.to_owned()).send().await.unwrap();
        match reply.status().as_u16() {
            200..=299 => Ok(serde_json::from_str(&reply.text().await.unwrap()).unwrap()),
            status => Err(status),
        }
    }

    async fn get(&self, path: &str) -> Result<Value, u16> {
        self.send(Method::GET, path, "").await
    }

    /// The records of all domains, in either shape.
    pub(crate) async fn domains(&self) -> Vec<Value> {
        rows(&self.get("/v1/saas/domains").await.unwrap(), "domains")
    }

    /// The seats of a customer, in either shape.
    pub(crate) async fn seats(&self, id: &str) -> Result<Vec<Value>, u16> {
        Ok(rows(&self.get(&format!("/v1/saas/{id}/seats")).await?, "seats"))
    }

    /// The items of a customer's applications, on all pages: one that brings nothing is the end.
    pub(crate) async fn applications(&self, id: &str) -> Result<Vec<Value>, u16> {
        let mut all = Vec::new();
        for page in 1.. {
            let answer = self.get(&format!("/v1/saas/{id}/applications?_page={page}")).await?;
            let envelope = if answer.is_array() { &answer[0] } else { &answer };
            let items = rows(envelope, "items");
            if items.is_empty() {
                break;
            }
            all.extend(items);
        }
        Ok(all)
    }

    /// How often something was asked of a customer; `what` is the end of its path.
    pub(crate) fn asked(&self, id: &str, what: &str) -> usize {
        let path = format!("/v1/saas/{id}/{what}");
        let log = self.server.requests().log;
        log.iter().filter(|request| request.path.split('?').next() == Some(&path)).count()
    }
}

fn rows(answer: &Value, list: &str) -> Vec<Value> {
    answer.as_array().or_else(|| answer[list].as_array()).unwrap_or_else(|| panic!("no rows in {answer}")).clone()
}
