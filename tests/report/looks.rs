//! Checks how a report looks in a browser.

use super::{Fake, entries, prometheus};
use crate::support::process::{Process, text};
use crate::views::browser::{Scheme, look_at};
use crate::views::looks::{DESK, PHONE, READABLE};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium"]
async fn a_report_of_two_months_is_readable_on_a_phone_and_at_a_desk_by_day_and_by_night() {
    let folder = tempfile::tempdir().unwrap();
    let (url, output) = (prometheus(Fake::OneCustomer).await, text(folder.path()).to_owned());
    let days = ["--all", "--from=2026-08-01", "--to=2026-10-01", "--format=html"];
    let process = Process::start(&[&["report", "--prometheus.url", &url, "--output", &output], &days[..]].concat());
    let ended = tokio::task::spawn_blocking(|| process.wait()).await.unwrap();
    let written = std::path::PathBuf::from(ended.stdout.trim());
    let pages = entries(&written).into_iter().filter(|name| name.ends_with(".html"));
    let pages: Vec<_> = pages.map(|name| std::fs::read_to_string(written.join(name)).unwrap()).collect();
    assert_eq!(pages.len(), 2, "{}", ended.stderr);
    // Without the space between bars of which there are too many for a phone.
    assert_eq!(pages.iter().filter(|page| page.contains("class=\"days many\"")).count(), 1);
    let pages: Vec<_> = pages.iter().flat_map(|page| [(page.as_str(), PHONE), (page.as_str(), DESK)]).collect();
    for found in [Scheme::Light, Scheme::Dark].into_iter().flat_map(|scheme| look_at(&pages, scheme)) {
        // The page's own policy is an element that a name must not bring in.
        assert_eq!((found.overflow, found.smuggled, found.ran), (0, 1, 0), "{}", found.text);
        assert!(found.contrast.0 >= READABLE, "{:?} on {}", found.contrast, found.background);
    }
}
