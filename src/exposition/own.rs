//! Appends the exporter's own metrics, translated to the format that was asked for.
//!
//! `prometheus-client` writes OpenMetrics only. The older text format differs in
//! the headers: a counter's header bears the sample's name with `_total`, an
//! info is a gauge, units are not declared.

use super::{Exposed, Format};

/// Which of the exporter's own samples are shown.
#[derive(Debug)]
pub(super) struct Keeps<'a> {
    /// The families.
    pub(super) exposed: &'a Exposed,
    /// The label of each source that is asked for, as it is written; `None` means all.
    pub(super) source_labels: Option<&'a [String]>,
}

impl Keeps<'_> {
    /// Whether a sample is shown; one that names no source is the whole process's.
    fn sample(&self, line: &str) -> bool {
        let Some(wanted) = self.source_labels else { return true };
        let Some(at) = line.find(SOURCE_LABEL) else { return true };
        // What follows the opening quote up to a quote that is not escaped is the value, so no other one can match.
        let label = &line[at + 1..];
        wanted.iter().any(|wanted| label.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with([',', '}'])))
    }
}

/// How the label of a source begins: after the provider's, and no value can hold a quote that is not escaped.
const SOURCE_LABEL: &str = ",source=\"";

/// Appends what an exposition ends with: what is kept of the exporter's own metrics, if they are asked for, and the
/// format's last line.
pub(super) fn end(openmetrics: Option<&str>, format: Format, keeps: &Keeps<'_>, out: &mut String) {
    if let Some(openmetrics) = openmetrics {
        append(openmetrics, format, keeps, out);
    }
    out.push_str(format.trailer());
}

/// Appends what `keeps` keeps of `openmetrics`, an exposition by `prometheus-client`, without its trailer.
fn append(openmetrics: &str, format: Format, keeps: &Keeps<'_>, out: &mut String) {
    let body = openmetrics.strip_suffix("# EOF\n").unwrap_or(openmetrics);
    let mut lines = body.lines().peekable();
    while let Some(line) = lines.next() {
        // The library writes HELP, TYPE and UNIT before the samples of a family, and the suffix depends on the type.
        let Some(help) = line.strip_prefix("# HELP ") else { continue };
        let (name, text) = help.split_once(' ').unwrap_or((help, ""));
        let kind = lines.next_if(|line| line.starts_with("# TYPE "));
        let kind = kind.and_then(|line| line.rsplit(' ').next()).unwrap_or("unknown");
        let unit = lines.next_if(|line| line.starts_with("# UNIT "));
        let suffix = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        let is_shown = keeps.exposed.shows(&format!("{name}{suffix}"));
        let mut header_due = is_shown;
        while let Some(sample) = lines.next_if(|line| !line.starts_with("# ")) {
            if !is_shown || !keeps.sample(sample) {
                continue;
            }
            if std::mem::take(&mut header_due) {
                let kind = if (format, kind) == (Format::Text, "info") { "gauge" } else { kind };
                let suffix = if format == Format::Text { suffix } else { "" };
                push(out, &["# HELP ", name, suffix, " ", text]);
                push(out, &["# TYPE ", name, suffix, " ", kind]);
                if let (Format::OpenMetrics, Some(unit)) = (format, unit) {
                    push(out, &[unit]);
                }
            }
            push(out, &[sample]);
        }
    }
}

fn push(out: &mut String, pieces: &[&str]) {
    pieces.iter().for_each(|piece| out.push_str(piece));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENMETRICS: &str = "\
# HELP saasbackup_exporter_api_throttled Throttled.
# TYPE saasbackup_exporter_api_throttled counter
saasbackup_exporter_api_throttled_total{provider=\"datto\",source=\"a\"} 3
saasbackup_exporter_api_throttled_total{provider=\"datto\",source=\"a,source=\\\"b\\\"\"} 4
# HELP saasbackup_exporter_build Build.
# TYPE saasbackup_exporter_build info
saasbackup_exporter_build_info{version=\"1\"} 1
# HELP saasbackup_exporter_collection_duration_seconds Duration.
# TYPE saasbackup_exporter_collection_duration_seconds histogram
# UNIT saasbackup_exporter_collection_duration_seconds seconds
saasbackup_exporter_collection_duration_seconds_sum{provider=\"datto\",source=\"b\"} 1.0
# EOF
";

    fn appended(format: Format, exposed: &Exposed, source_labels: Option<&[String]>) -> String {
        let mut out = String::new();
        append(OPENMETRICS, format, &Keeps { exposed, source_labels }, &mut out);
        out
    }

    #[test]
    fn headers_are_those_of_the_text_format() {
        assert_eq!(
            appended(Format::Text, &Exposed::default(), None),
            "\
# HELP saasbackup_exporter_api_throttled_total Throttled.
# TYPE saasbackup_exporter_api_throttled_total counter
saasbackup_exporter_api_throttled_total{provider=\"datto\",source=\"a\"} 3
saasbackup_exporter_api_throttled_total{provider=\"datto\",source=\"a,source=\\\"b\\\"\"} 4
# HELP saasbackup_exporter_build_info Build.
# TYPE saasbackup_exporter_build_info gauge
saasbackup_exporter_build_info{version=\"1\"} 1
# HELP saasbackup_exporter_collection_duration_seconds Duration.
# TYPE saasbackup_exporter_collection_duration_seconds histogram
saasbackup_exporter_collection_duration_seconds_sum{provider=\"datto\",source=\"b\"} 1.0
"
        );
    }

    #[test]
    fn openmetrics_is_passed_on_but_for_the_trailer() {
        let expected = OPENMETRICS.trim_end_matches("# EOF\n");
        assert_eq!(appended(Format::OpenMetrics, &Exposed::default(), None), expected);
    }

    #[test]
    fn a_family_that_is_hidden_leaves_no_header() {
        let exposed = Exposed::default().without(|name| name.ends_with("_total") || name.ends_with("_seconds"));
        let out = appended(Format::Text, &exposed, None);
        assert_eq!(out.lines().count(), 3, "{out}");
        assert!(out.ends_with("saasbackup_exporter_build_info{version=\"1\"} 1\n"), "{out}");
    }

    #[test]
    fn a_source_gets_its_own_samples_and_those_of_the_whole_process() {
        for (label, expected) in [
            ("source=\"a\"", ["source=\"a\"} 3", "version"]),
            ("source=\"b\"", ["version", "source=\"b\"} 1.0"]),
            ("source=\"a,source=\\\"b\\\"\"", ["} 4", "version"]),
        ] {
            let out = appended(Format::Text, &Exposed::default(), Some(&[label.to_owned()]));
            let samples: Vec<_> = out.lines().filter(|line| !line.starts_with('#')).collect();
            assert_eq!(samples.len(), 2, "{label}: {out}");
            assert!(samples.iter().zip(expected).all(|(sample, words)| sample.contains(words)), "{label}: {out}");
        }
    }
}
