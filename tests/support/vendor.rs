//! Queries the mock vendor directly, page by page and without the product, for comparison.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::http;
use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet::{Fleet, Quirk};
use saasbackup_simulator::dropsuite::{Options, OrganizationSummary, Server, Shapes};
use serde_json::Value;

/// A fake Dropsuite whose time stands still at the present, so that asking twice gives the same answer.
pub(crate) struct Vendor {
    pub(crate) server: Server,
    http: reqwest::Client,
}

impl Vendor {
    pub(crate) async fn start(tenants: usize) -> Self {
        Self::with(tenants, Shapes::default()).await
    }

    pub(crate) async fn with(tenants: usize, shapes: Shapes) -> Self {
        let clock = Clock::fixed(clock::now().as_millis());
        let options = Options { shapes, ..Options::new(Fleet::demo(tenants, 7), clock) };
        Self::serving(options).await
    }

    pub(crate) async fn serving(options: Options) -> Self {
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
        let http = http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { server, http }
    }

    /// The first organization of this oddity.
    pub(crate) fn organization(&self, oddity: Quirk) -> OrganizationSummary {
        self.organizations(oddity).into_iter().next().unwrap_or_else(|| panic!("no {oddity:?} in the fleet"))
    }

    pub(crate) fn organizations(&self, oddity: Quirk) -> Vec<OrganizationSummary> {
        let all = self.server.organizations().into_iter();
        all.filter(|organization| organization.quirk == oddity).collect()
    }

    /// The id of the first organization of this oddity.
    pub(crate) fn id(&self, oddity: Quirk) -> String {
        self.organization(oddity).login_id
    }

    /// All rows that the reseller's own token gets.
    pub(crate) async fn rows_of_reseller(&self, path: &str) -> Vec<Value> {
        let token = self.server.admin_token();
        self.rows(path, &token).await.unwrap_or_else(|status| panic!("{path}: {status}"))
    }

    /// All rows that an organization's token gets, or the status of the refusal.
    ///
    /// Pages are asked for until one brings nothing new: that end holds for every envelope.
    pub(crate) async fn rows(&self, path: &str, token: &str) -> Result<Vec<Value>, u16> {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for page in 1.. {
            let separator = if path.contains('?') { '&' } else { '?' };
            let url = format!("{}{path}{separator}page={page}", self.server.base_url());
            let request = self.http.get(url).header("X-Reseller-Token", self.server.reseller_token());
            let reply = request.header("X-Access-Token", token).send().await.unwrap();
            let status = reply.status().as_u16();
            if !(200..300).contains(&status) {
                return Err(status);
            }
            let answer: Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
            let before = all.len();
            all.extend(unwrap_rows(&answer).into_iter().filter(|row| seen.insert(row.to_string())));
            if all.len() == before {
                break;
            }
        }
        Ok(all)
    }
}

/// The rows of any envelope.
fn unwrap_rows(answer: &Value) -> Vec<Value> {
    match answer {
        Value::Array(elements) => elements
            .iter()
            .flat_map(|element| match element.get("result_set") {
                Some(inner) => unwrap_rows(inner),
                None => vec![element.clone()],
            })
            .collect(),
        Value::Object(object) => match object.get("result_set").or_else(|| object.get("data")) {
            Some(inner) => unwrap_rows(inner),
            None => vec![answer.clone()],
        },
        other => panic!("no rows in {other}"),
    }
}
