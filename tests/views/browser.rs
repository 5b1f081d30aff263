//! Measures pages in a headless Chromium.
//!
//! A page is loaded into a frame of the wanted width, because no window is as narrow
//! as a phone, and a script of the test inspects the frame. The frame has
//! none of the headers that forbid scripts, so an injected script would run.

use std::fs;

use serde::Deserialize;
use tempfile::TempDir;

use crate::support::process::Process;
use crate::support::tools::tool;

/// What the reader's system asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Dark,
    Light,
}

/// What was found in one frame.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Found {
    /// Pixels by which the page is wider than its frame.
    pub(crate) overflow: i64,
    /// Elements that only a name could have brought in.
    pub(crate) smuggled: usize,
    /// Scripts of the page that ran.
    pub(crate) ran: usize,
    /// All that a reader sees.
    pub(crate) text: String,
    /// The colour behind everything.
    pub(crate) background: String,
    /// The least contrast of any text, and the text.
    pub(crate) contrast: (f64, String),
    /// How a chip of each state looks: colours and border.
    pub(crate) looks: std::collections::BTreeMap<String, String>,
}

/// Each of these pages in a frame of its width.
pub(crate) fn look_at(pages: &[(&str, u32)], scheme: Scheme) -> Vec<Found> {
    let folder = tempfile::tempdir().unwrap();
    let frames: String = pages
        .iter()
        .map(|(page, width)| {
            let page = page.replace('&', "&amp;").replace('"', "&quot;");
            format!("<iframe width=\"{width}\" height=\"800\" frameborder=\"0\" srcdoc=\"{page}\"></iframe>\n")
        })
        .collect();
    let script = include_str!("measure.js");
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><body>{frames}<pre id=\"found\"></pre><script>{script}</script>"
    );
    let path = folder.path().join("page.html");
    fs::write(&path, page).unwrap();
    let (dump, log) = dump(&format!("file://{}", path.display()), scheme, &folder);
    let found = dump.rsplit_once("<pre id=\"found\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let Some((found, _)) = found else { panic!("nothing was measured:\n{log}") };
    let found = found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&found).unwrap_or_else(|error| panic!("{error}: {found:?}\n{log}"))
}

/// The document at an address after it was loaded, and what the browser complained of.
pub(crate) fn load(address: &str) -> (String, String) {
    dump(address, Scheme::Light, &tempfile::tempdir().unwrap())
}

fn dump(address: &str, scheme: Scheme, folder: &TempDir) -> (String, String) {
    let preferred = if scheme == Scheme::Dark { 0 } else { 1 };
    let mut command = tool("chromium");
    command
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--disable-background-networking", "--no-proxy-server", "--enable-logging=stderr", "--dump-dom"])
        .arg("--window-size=1600,1000")
        .arg(format!("--blink-settings=preferredColorScheme={preferred}"))
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(address);
    let ended = Process::spawn(&mut command).wait();
    (ended.stdout, ended.stderr)
}
