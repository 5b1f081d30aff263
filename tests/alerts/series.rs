//! Reads and writes the notation of promtool's input series.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

/// What a scrape found of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sample {
    Value(f64),
    /// No scrape, or one without this series that left no mark.
    Missing,
    /// The mark that Prometheus leaves at the first scrape that fails or lacks the series.
    Stale,
}

/// The samples, one for each interval: `1x2 _x2 stale` is 1, 1, 1, two missing ones and a stale one.
pub(crate) fn expand(values: &str) -> Vec<Sample> {
    static BLANK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(_|stale)(?:x(\d+))?$").unwrap());
    static VALUE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(-?[\d.]+)([+-][\d.]+)?(?:x(\d+))?$").unwrap());
    let mut samples = Vec::new();
    for word in values.split_whitespace() {
        if let Some(found) = BLANK.captures(word) {
            let count = found.get(2).map_or(1, |count| count.as_str().parse().unwrap());
            let sample = if &found[1] == "_" { Sample::Missing } else { Sample::Stale };
            samples.extend(std::iter::repeat_n(sample, count));
            continue;
        }
        let found = VALUE.captures(word).unwrap_or_else(|| panic!("{word:?} in {values:?}"));
        let first: f64 = found[1].parse().unwrap();
        let step: f64 = found.get(2).map_or(0.0, |step| step.as_str().parse().unwrap());
        // A value that is repeated stands there once more than it says.
        let more: u32 = found.get(3).map_or(0, |more| more.as_str().parse().unwrap());
        samples.extend((0..=more).map(|index| Sample::Value(first + step * f64::from(index))));
    }
    samples
}

/// The shortest notation of equal neighbours.
pub(crate) fn pack(samples: &[Sample]) -> String {
    let mut text = String::new();
    for run in samples.chunk_by(|one, next| one == next) {
        match run[0] {
            Sample::Value(value) => write!(text, "{value}x{} ", run.len() - 1).unwrap(),
            Sample::Missing => write!(text, "_x{} ", run.len()).unwrap(),
            Sample::Stale => text += &"stale ".repeat(run.len()),
        }
    }
    text
}

#[test]
fn the_notation_is_that_of_promtool() {
    use Sample::{Missing, Stale, Value};
    for (text, samples) in [
        ("1x2 _x2 stale", vec![Value(1.0), Value(1.0), Value(1.0), Missing, Missing, Stale]),
        ("0+300x2 5", vec![Value(0.0), Value(300.0), Value(600.0), Value(5.0)]),
        ("-2-0.5x1 _", vec![Value(-2.0), Value(-2.5), Missing]),
    ] {
        assert_eq!(expand(text), samples, "{text}");
        assert_eq!(expand(&pack(&samples)), samples, "{text}");
    }
}
