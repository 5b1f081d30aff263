//! Negotiates formats and parses rate limit headers: one header per line.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::exposition::Format;
use saasbackup_exporter::fuzzing::{Limits, retry_after};
use saasbackup_exporter_fuzz::NOW;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (accept, remaining, cost, resets, wait) = (line(), line(), line(), line(), line());
    if let Ok(accept) = std::str::from_utf8(accept) {
        let names_it = accept.to_ascii_lowercase().contains("application/openmetrics-text");
        assert!(names_it || Format::negotiate(accept) == Format::Text, "OpenMetrics to whom did not ask: {accept:?}");
    }
    let limits = Limits::observe(remaining, cost, resets, NOW);
    assert!(limits.remaining.is_none_or(f64::is_finite), "{limits:?}");
    assert!(limits.pause.is_none_or(|pause| pause <= HOUR), "{limits:?}");
    assert!(limits.pause.is_none() || limits.remaining.is_some(), "a pause of no known reason: {limits:?}");
    if let Ok(wait) = std::str::from_utf8(wait)
        && let Some((asked, pause)) = retry_after(wait, NOW)
    {
        assert!(pause.is_none_or(|pause| pause <= asked.min(DAY)), "longer than asked: {pause:?}");
        // A pause so short may be over by now.
        assert!(pause.is_some() || asked < Duration::from_secs(10), "{asked:?} is not kept");
    }
});
