//! Checks the rendering: no injection, no overflow, readable contrast, and a distinct style for unknown.

use std::collections::BTreeSet;

use super::browser::{Found, Scheme, load, look_at};
use super::demo::Demo;

pub(crate) const PHONE: u32 = 375;
pub(crate) const DESK: u32 = 1440;
/// What the accessibility guidelines (WCAG 2, level AA) ask of text.
pub(crate) const READABLE: f64 = 4.5;

#[tokio::test]
#[ignore = "needs chromium"]
async fn pages_are_readable_on_a_phone_and_at_a_desk_by_day_and_by_night() {
    let demo = Demo::start().await;
    let (status, landing) = (demo.get("/status").await.body, demo.get("/").await.body);
    let hostile = demo.get("/status?tenant=%3C").await.body;
    let pages = [(&*status, PHONE), (&*status, DESK), (&*landing, PHONE), (&*landing, DESK), (&*hostile, PHONE)];
    let [light, dark] = [Scheme::Light, Scheme::Dark].map(|scheme| look_at(&pages, scheme));
    assert_eq!((light.len(), dark.len()), (pages.len(), pages.len()));
    for found in light.iter().chain(&dark) {
        assert_eq!(found.overflow, 0, "a reader has to scroll sideways");
        assert_eq!((found.smuggled, found.ran), (0, 0), "a name became markup");
        assert!(found.contrast.0 >= READABLE, "{:?} on {}", found.contrast, found.background);
    }
    for (by_day, by_night) in light.iter().zip(&dark) {
        assert_ne!(by_day.background, by_night.background);
    }
    for name in ["<script>alert(1)</script>", "<img src=x>"] {
        assert!(light[4].text.contains(name), "{name} is shown as it is written: {}", light[4].text);
    }
    for found in [&light[1], &dark[1]] {
        unknown_looks_like_nothing_else(found);
    }
}

fn unknown_looks_like_nothing_else(found: &Found) {
    let unknown = &found.looks["chip unknown"];
    assert!(unknown.contains("dashed"), "distinguishable without colours too: {unknown}");
    for other in ["chip ok", "chip failing", "chip late"] {
        assert!(!found.looks[other].contains("dashed"), "{other}: {}", found.looks[other]);
    }
    let states = ["chip ok", "chip failing", "chip late", "chip unknown"];
    let looks: BTreeSet<_> = states.iter().map(|state| &found.looks[*state]).collect();
    assert_eq!(looks.len(), states.len(), "{looks:?}");
}

#[tokio::test]
#[ignore = "needs chromium"]
async fn a_browser_keeps_the_policy_without_a_complaint() {
    let demo = Demo::start().await;
    let (document, log) = load(&format!("http://{}/status", demo.address));
    assert!(document.contains("class=\"chip failing\""), "the page was shown: {document}");
    for word in ["Refused to", "Content Security Policy", "violates"] {
        assert!(!log.contains(word), "{log}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_browser_finds_what_it_is_to_look_for() {
    let bad = "<body style='background: #fff; color: #ccc'><div style='width: 2000px'>pale and wide</div>\
               <img src=x><script>window.ran = 1</script>";
    let found = &look_at(&[(bad, PHONE)], Scheme::Light)[0];
    assert!(found.overflow > 1_600, "{found:?}");
    assert_eq!((found.smuggled, found.ran), (2, 1));
    assert!(found.contrast.0 < 2.0 && found.contrast.1.contains("pale"), "{found:?}");
}
