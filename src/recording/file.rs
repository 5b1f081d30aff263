//! The file of a recording: sorted JSON that a person can read before handing it on.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::served::{Malformed, Place, served, text};
use crate::domain::{Outcome, Provider, Timestamp};
use crate::process::file;
use crate::provider;

/// The version of the format.
pub const VERSION: u32 = 1;
/// Maximum size of a file.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// Maximum number of requests in a file.
pub(super) const MAX_REQUESTS: usize = 20_000;

/// How the recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Everything was requested.
    Complete,
    /// The tenants could not be listed.
    ListingFailed,
    /// The operator stopped it.
    Interrupted,
    /// There was more than a recording may hold.
    TooLarge,
}

/// What a vendor responded to one collection of a few tenants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The version of the format.
    pub version: u32,
    /// The version of the exporter.
    pub exporter: String,
    /// The vendor.
    pub provider: String,
    /// How it ended.
    pub ended: Ended,
    /// How many tenants were to be collected.
    pub tenants: usize,
    /// The parts that were collected.
    pub parts: Vec<String>,
    /// The objectives of the workloads, in seconds.
    pub objectives: BTreeMap<String, u64>,
    /// The account's own credential.
    pub credential: String,
    /// The requests, sorted; equal ones in the order in which they were sent.
    pub requests: Vec<Recorded>,
}

/// A request and its response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// The endpoint's template.
    pub endpoint: String,
    /// Whose credential was sent.
    pub credential: String,
    /// The ids in the path.
    pub ids: Vec<String>,
    /// The parameters.
    pub query: BTreeMap<String, String>,
    /// The status; `None` if there was no response.
    pub status: Option<u16>,
    /// Why the exchange failed although a status came, or without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Allow-listed headers.
    pub headers: BTreeMap<String, String>,
    /// The duration in milliseconds.
    pub duration_ms: u64,
    /// The size of the body in bytes.
    pub size: usize,
    /// The shape of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The apparent type of the body, if it was not JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// Why a file is no recording.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is too large.
    #[error("is larger than 64 MiB")]
    TooLarge,
    /// It has another structure.
    #[error("is not a recording: {0}")]
    Json(#[from] serde_json::Error),
    /// Something in it is invalid.
    #[error("{path}: {problem}")]
    Invalid {
        /// Where.
        path: String,
        /// What.
        problem: String,
    },
}

impl Recording {
    /// Reads and checks a recording.
    ///
    /// # Errors
    ///
    /// If it is too large or not a recording of this version.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        Self::parse(&file::read(path, MAX_FILE_BYTES)?.ok_or(ReadError::TooLarge)?)
    }

    /// Checks the content of a file.
    ///
    /// # Errors
    ///
    /// If it is not a recording of this version.
    pub fn parse(content: &[u8]) -> Result<Self, ReadError> {
        let recording: Self = serde_json::from_slice(content)?;
        let invalid = |path: &str, problem: String| ReadError::Invalid { path: path.to_owned(), problem };
        if recording.version != VERSION {
            return Err(invalid("version", format!("is {}, and this exporter reads {VERSION}", recording.version)));
        }
        let vendor = recording.vendor().ok_or_else(|| invalid("provider", "is unknown".to_owned()))?;
        text(&recording.credential).ok_or_else(|| invalid("credential", "is not a recorded value".to_owned()))?;
        if recording.requests.len() > MAX_REQUESTS {
            return Err(invalid("requests", format!("are more than {MAX_REQUESTS}")));
        }
        for (index, request) in recording.requests.iter().enumerate() {
            let problem = request.problem(vendor);
            problem.map_or(Ok(()), |problem| Err(invalid(&format!("requests[{index}]"), problem)))?;
        }
        Ok(recording)
    }

    /// The vendor; `None` if it is unknown.
    #[must_use]
    pub fn vendor(&self) -> Option<Provider> {
        self.provider.parse().ok()
    }

    /// The file's content: sorted, and readable by people.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut sorted = self.clone();
        sorted.requests.sort_by(|one, other| one.request().cmp(&other.request()));
        let mut text = serde_json::to_string_pretty(&sorted).expect("texts and numbers are always JSON");
        text.push('\n');
        text
    }

    /// Writes the file atomically. Only a complete recording replaces another file.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or would replace a file without being complete.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let path = file::target(path)?;
        let mut temporary = tempfile::Builder::new().prefix(".recording-").tempfile_in(file::folder(&path))?;
        temporary.write_all(self.to_json().as_bytes())?;
        temporary.as_file().sync_all()?;
        let persisted = match self.ended {
            Ended::Complete => temporary.persist(path),
            Ended::ListingFailed | Ended::Interrupted | Ended::TooLarge => temporary.persist_noclobber(path),
        };
        persisted.map(drop).map_err(|error| error.error)
    }
}

impl Recorded {
    /// What distinguishes requests, in the order of the file.
    fn request(&self) -> (&str, &str, &[String], &BTreeMap<String, String>) {
        (&self.endpoint, &self.credential, &self.ids, &self.query)
    }

    fn problem(&self, vendor: Provider) -> Option<String> {
        if !provider::endpoints(vendor).contains(&self.endpoint.as_str()) {
            return Some("endpoint is unknown".to_owned());
        }
        let values = [&self.credential].into_iter().chain(&self.ids).chain(self.query.iter().flat_map(|(k, v)| [k, v]));
        if values.into_iter().any(|value| text(value).is_none()) {
            return Some("credential, ids or query is not a recorded value".to_owned());
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Some("status is none of HTTP".to_owned());
        }
        if self.failure.as_ref().is_some_and(|failure| failure.parse::<Outcome>().is_err()) {
            return Some("failure is unknown".to_owned());
        }
        let place = Place { url: "http://127.0.0.1/", now: Timestamp::from_millis(0) };
        let body = self.body.as_ref().map(|body| served(body, &place));
        body.and_then(Result::err).map(|problem: Malformed| problem.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recording() -> Recording {
        let request = |endpoint: &str| Recorded {
            endpoint: endpoint.to_owned(),
            credential: "<token 1>".to_owned(),
            ids: Vec::new(),
            query: BTreeMap::new(),
            status: Some(200),
            failure: None,
            headers: BTreeMap::new(),
            duration_ms: 1,
            size: 2,
            body: Some(json!([{"id": "<id 1>"}])),
            unreadable: None,
        };
        Recording {
            version: VERSION,
            exporter: "0.1.0".to_owned(),
            provider: "dropsuite".to_owned(),
            ended: Ended::Complete,
            tenants: 1,
            parts: vec!["mail".to_owned()],
            objectives: BTreeMap::new(),
            credential: "<token 1>".to_owned(),
            requests: vec![request("/users"), request("/accounts")],
        }
    }

    #[test]
    fn a_recording_is_read_as_it_was_written_and_sorted() {
        let written = recording().to_json();
        let read = Recording::parse(written.as_bytes()).unwrap();
        assert_eq!(read.requests[0].endpoint, "/accounts");
        assert_eq!(read.to_json(), written);
    }

    #[test]
    fn what_is_no_recording_is_refused_by_its_path() {
        for (change, words) in [
            (("/version", json!(2)), "version: is 2, and this exporter reads 1"),
            (("/provider", json!("acme")), "provider: is unknown"),
            (("/requests/1/endpoint", json!("/ada")), "requests[1]: endpoint is unknown"),
            (("/requests/0/status", json!(99)), "requests[0]: status is none of HTTP"),
            (("/requests/0/body/0/id", json!("<ada>")), "requests[0]: body[0].id is not a recorded value"),
            (("/requests/0/ids", json!(["<x>"])), "requests[0]: credential, ids or query is not a recorded value"),
            (("/tenants", json!("many")), "is not a recording: invalid type"),
        ] {
            let mut document: Value = serde_json::from_str(&recording().to_json()).unwrap();
            *document.pointer_mut(change.0).unwrap() = change.1;
            let problem = Recording::parse(document.to_string().as_bytes()).unwrap_err().to_string();
            assert!(problem.starts_with(words), "{problem}");
        }
    }

    #[test]
    fn only_a_complete_recording_replaces_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.json");
        let interrupted = Recording { ended: Ended::Interrupted, ..recording() };
        interrupted.write(&path).unwrap();
        assert!(interrupted.write(&path).is_err());
        recording().write(&path).unwrap();
        assert!(interrupted.write(&path).is_err());
        assert_eq!(Recording::read(&path).unwrap().ended, Ended::Complete);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn more_requests_than_a_recording_may_have_are_refused() {
        let mut long = recording();
        long.requests = vec![long.requests[0].clone(); MAX_REQUESTS + 1];
        assert!(Recording::parse(long.to_json().as_bytes()).unwrap_err().to_string().contains("are more than"));
    }
}
