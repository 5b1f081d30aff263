//! Transposes scrapes into series, the order that a backfill requires.

use std::collections::HashMap;
use std::io::{self, Write};

use super::Written;
use crate::domain::Timestamp;

/// All series so far, in memory with sixteen bytes for each sample.
#[derive(Debug, Default)]
pub(super) struct Columns {
    families: Vec<Family>,
    /// The index of a family, by the name in its header.
    by_name: HashMap<String, usize>,
}

#[derive(Debug, Default)]
struct Family {
    /// The lines before its first sample.
    header: String,
    series: Vec<Series>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug)]
struct Series {
    /// The name of the sample with its labels.
    name: String,
    samples: Vec<(i64, f64)>,
}

impl Columns {
    /// Adds one exposition in OpenMetrics, as of `now`.
    pub(super) fn add(&mut self, now: Timestamp, exposition: &str) {
        let mut current = None;
        for line in exposition.lines() {
            if let Some(header) = line.strip_prefix("# ") {
                current = self.describe(header, line).or(current);
            } else if let (Some(family), Some((name, value))) = (current, line.rsplit_once(' '))
                && let Ok(value) = value.parse()
                && !is_of_this_process(name)
            {
                self.families[family].add(name, (now.as_millis(), value));
            }
        }
    }

    /// The family that a line of a header describes; `None` for the trailer.
    fn describe(&mut self, header: &str, line: &str) -> Option<usize> {
        let name = header.split(' ').nth(1)?;
        let position = *self.by_name.entry(name.to_owned()).or_insert(self.families.len());
        if position == self.families.len() {
            self.families.push(Family::default());
        }
        let family = &mut self.families[position];
        // Its samples follow only after all lines of the first header.
        if family.series.is_empty() && !family.header.contains(line) {
            family.header.push_str(line);
            family.header.push('\n');
        }
        Some(position)
    }

    /// Writes all of it, with these labels in each series.
    pub(super) fn write(&self, labels: &[(String, String)], out: &mut impl Write) -> io::Result<()> {
        let mut more = String::new();
        for (name, value) in labels {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            more.push_str(&format!("{name}=\"{value}\","));
        }
        for family in self.families.iter().filter(|family| !family.series.is_empty()) {
            out.write_all(family.header.as_bytes())?;
            for series in &family.series {
                let name = series.with_labels(&more);
                for (millis, value) in &series.samples {
                    writeln!(out, "{name} {value} {}", millis / 1_000)?;
                }
            }
        }
        out.write_all(b"# EOF\n")
    }

    /// The number of series and samples.
    pub(super) fn written(&self) -> Written {
        let all = || self.families.iter().flat_map(|family| &family.series);
        Written { series: all().count(), samples: all().map(|series| series.samples.len()).sum() }
    }
}

/// Memory, start time and files of this process are not part of the history.
fn is_of_this_process(name: &str) -> bool {
    name.starts_with("process_")
}

impl Family {
    fn add(&mut self, name: &str, sample: (i64, f64)) {
        let position = match self.by_name.get(name) {
            Some(position) => *position,
            None => {
                self.by_name.insert(name.to_owned(), self.series.len());
                self.series.push(Series { name: name.to_owned(), samples: Vec::new() });
                self.series.len() - 1
            }
        };
        self.series[position].samples.push(sample);
    }
}

impl Series {
    /// The series' name with more labels, each followed by a comma, before its own.
    fn with_labels(&self, more: &str) -> String {
        match (self.name.split_once('{'), more) {
            (_, "") => self.name.clone(),
            (Some((name, own)), more) => format!("{name}{{{more}{own}"),
            (None, more) => format!("{}{{{}}}", self.name, more.trim_end_matches(',')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrapes_become_series() {
        let mut columns = Columns::default();
        let scrape = |value: u32, more: &str| {
            format!(
                "# HELP a A.\n# TYPE a gauge\na{{b=\"c d\"}} {value}\n{more}# TYPE process_x gauge\nprocess_x 1\n# EOF\n"
            )
        };
        columns.add(Timestamp::from_millis(60_000), &scrape(1, ""));
        columns.add(Timestamp::from_millis(120_000), &scrape(2, "a 0.5\n# TYPE n counter\nn_total 7\n"));
        let mut out = Vec::new();
        columns.write(&[("job".to_owned(), "x\"y".to_owned())], &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\
# HELP a A.
# TYPE a gauge
a{job=\"x\\\"y\",b=\"c d\"} 1 60
a{job=\"x\\\"y\",b=\"c d\"} 2 120
a{job=\"x\\\"y\"} 0.5 120
# TYPE n counter
n_total{job=\"x\\\"y\"} 7 120
# EOF
"
        );
        assert_eq!(columns.written(), Written { series: 3, samples: 4 });
    }
}
