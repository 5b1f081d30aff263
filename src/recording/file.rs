//! The file of a recording: sorted JSON that a person can read before handing it on.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::served::{Malformed, Place, served, text};
use crate::domain::{Outcome, Provider, Timestamp};
use crate::process::file;
use crate::provider;

/// The version of the format.
pub const VERSION: u32 = 1;
/// Maximum size of a file.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// Maximum number of requests in a file.
pub const MAX_REQUESTS: usize = 20_000;
/// Maximum number of objects in a file: one of two bytes may take several hundred.
const MAX_OBJECTS: usize = 200_000;
/// Maximum number of values in a file.
const MAX_VALUES: usize = 2_000_000;
/// Maximum length of what a request sends, its ids and parameters together: as URLs they have at most 4 KiB.
const MAX_REQUEST_BYTES: usize = 16 << 10;

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
    /// The vendor asked for a pause that is too long to wait for, so not everything was requested.
    RateLimited,
    /// There was more than a recording may hold.
    TooLarge,
}

impl Ended {
    /// What a person has to know of the recording.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::ListingFailed => "incomplete: the tenants could not be listed",
            Self::Interrupted => "incomplete: it was interrupted",
            Self::RateLimited => "incomplete: the vendor limited the rate, so not everything was requested",
            Self::TooLarge => "incomplete: there was more than a recording may hold",
        }
    }
}

/// How many objects and values a JSON text has at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    objects: usize,
    values: usize,
}

impl Extent {
    /// More than a file has besides its requests.
    pub const BESIDE_REQUESTS: Self = Self { objects: 16, values: 64 + MAX_REQUESTS };

    /// The extent of this text; separators inside texts count as well, which no recorder writes.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        content.iter().fold(Self { objects: 0, values: 0 }, |Self { objects, values }, byte| match byte {
            b'{' => Self { objects: objects + 1, values: values + 1 },
            b'[' | b',' => Self { objects, values: values + 1 },
            _ => Self { objects, values },
        })
    }

    /// That of both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { objects: self.objects + other.objects, values: self.values + other.values }
    }

    /// What it has too many of, and how many there may be.
    #[must_use]
    pub const fn excess(self) -> Option<(&'static str, usize)> {
        match self {
            Self { objects, .. } if objects > MAX_OBJECTS => Some(("objects", MAX_OBJECTS)),
            Self { values, .. } if values > MAX_VALUES => Some(("values", MAX_VALUES)),
            _ => None,
        }
    }
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
    /// The ids of the tenants that were collected, as far as it got.
    pub tenants: Vec<String>,
    /// The parts that were collected.
    pub parts: Vec<String>,
    /// The objectives of the workloads, in seconds.
    pub objectives: BTreeMap<String, u32>,
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
    /// It has too many parts.
    #[error("has more than {limit} {of}")]
    TooMany {
        /// Of what.
        of: &'static str,
        /// How many there may be.
        limit: usize,
    },
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
        if let Some((of, limit)) = Extent::of(content).excess() {
            return Err(ReadError::TooMany { of, limit });
        }
        let recording: Self = serde_json::from_slice(content)?;
        let invalid = |path: &str, problem: String| ReadError::Invalid { path: path.to_owned(), problem };
        if recording.version != VERSION {
            return Err(invalid("version", format!("is {}, and this exporter reads {VERSION}", recording.version)));
        }
        let vendor = recording.vendor().ok_or_else(|| invalid("provider", "is unknown".to_owned()))?;
        text(&recording.credential).ok_or_else(|| invalid("credential", "is not a recorded value".to_owned()))?;
        if recording.tenants.iter().any(|id| text(id).is_none()) {
            return Err(invalid("tenants", "has an id that is not a recorded value".to_owned()));
        }
        if recording.requests.len() > MAX_REQUESTS {
            return Err(ReadError::TooMany { of: "requests", limit: MAX_REQUESTS });
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
        let mut text = pretty(&sorted);
        text.push('\n');
        text
    }

    /// Whether a recording can be written to this file: nobody wants to hear after it was made that it cannot.
    ///
    /// # Errors
    ///
    /// If there can be no such file.
    pub fn try_to_write(path: &Path) -> io::Result<()> {
        temporary(&file::target(path)?).map(drop)
    }

    /// Writes the file atomically. Only a complete recording replaces another file.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or would replace a file without being complete.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let path = file::target(path)?;
        let mut temporary = temporary(&path)?;
        temporary.write_all(self.to_json().as_bytes())?;
        temporary.as_file().sync_all()?;
        let persisted = match self.ended {
            Ended::Complete => temporary.persist(path),
            Ended::ListingFailed | Ended::Interrupted | Ended::RateLimited | Ended::TooLarge => {
                temporary.persist_noclobber(path)
            }
        };
        persisted.map(drop).map_err(|error| error.error)
    }
}

/// A new file beside this one.
fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".recording-").tempfile_in(file::folder(path))
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("texts and numbers are always JSON")
}

impl Recorded {
    /// The request and its response as they are in the file, but for the indentation.
    #[must_use]
    pub fn to_json(&self) -> String {
        pretty(self)
    }

    /// What distinguishes requests, in the order of the file.
    fn request(&self) -> (&str, &str, &[String], &BTreeMap<String, String>) {
        (&self.endpoint, &self.credential, &self.ids, &self.query)
    }

    fn problem(&self, vendor: Provider) -> Option<String> {
        if !provider::endpoints(vendor).contains(&self.endpoint.as_str()) {
            return Some("endpoint is unknown".to_owned());
        }
        let values = [&self.credential].into_iter().chain(&self.ids).chain(self.query.iter().flat_map(|(k, v)| [k, v]));
        let length = values.into_iter().try_fold(0_usize, |length, value| Some(length + text(value)?.len()));
        let Some(length) = length else {
            return Some("credential, ids or query is not a recorded value".to_owned());
        };
        if length > MAX_REQUEST_BYTES {
            return Some("credential, ids and query are too long".to_owned());
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
            tenants: vec!["<id 1>".to_owned()],
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
            (("/tenants/0", json!("<ada>")), "tenants: has an id that is not a recorded value"),
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

    fn refusal(recording: &Recording) -> String {
        Recording::parse(recording.to_json().as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn more_requests_than_a_recording_may_have_are_refused() {
        let mut long = recording();
        long.requests = vec![Recorded { body: None, ..long.requests[0].clone() }; MAX_REQUESTS + 1];
        assert_eq!(refusal(&long), "has more than 20000 requests");
    }

    #[test]
    fn what_takes_more_memory_than_a_file_should_is_refused() {
        let with = |body: Value| {
            let mut recording = recording();
            recording.requests[0].body = Some(body);
            recording
        };
        for (part, most, words) in [
            ("{", MAX_OBJECTS, "has more than 200000 objects"),
            ("[", MAX_VALUES, "has more than 2000000 values"),
            (",", MAX_VALUES, "has more than 2000000 values"),
        ] {
            assert_eq!(Recording::parse(part.repeat(most + 1).as_bytes()).unwrap_err().to_string(), words);
        }
        let deep = (0..130).fold(json!(0), |inner, _| json!([inner]));
        assert!(refusal(&with(deep)).starts_with("is not a recording: recursion limit exceeded"));
        let texts = vec![json!("<text(2000) 1>"); 20_000];
        assert_eq!(refusal(&with(texts.into())), "requests[1]: body is larger than 32 MiB");
        let mut long = recording();
        long.requests[0].ids = vec!["<text(2000) 1>".to_owned(); 9];
        assert_eq!(refusal(&long), "requests[1]: credential, ids and query are too long");
        let objective = json!({ "mail": u64::from(u32::MAX) + 1 });
        let mut document: Value = serde_json::from_str(&recording().to_json()).unwrap();
        document["objectives"] = objective;
        assert!(Recording::parse(document.to_string().as_bytes()).is_err());
    }
}
