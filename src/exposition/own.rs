//! Appends the exporter's own metrics, translated to the format that was asked for.
//!
//! `prometheus-client` writes OpenMetrics only. The older text format differs in
//! the headers: a counter's header bears the sample's name with `_total`, an
//! info is a gauge, units are not declared.

use super::Format;

/// Appends `openmetrics`, an exposition by `prometheus-client`, without its trailer.
pub(super) fn append(openmetrics: &str, format: Format, out: &mut String) {
    let body = openmetrics.strip_suffix("# EOF\n").unwrap_or(openmetrics);
    match format {
        Format::OpenMetrics => out.push_str(body),
        Format::Text => append_text(body, out),
    }
}

fn append_text(body: &str, out: &mut String) {
    let mut lines = body.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(help) = line.strip_prefix("# HELP ") else {
            if !line.starts_with("# UNIT ") {
                push(out, &[line]);
            }
            continue;
        };
        // The library writes HELP before TYPE, and the suffix depends on the type.
        let (name, text) = help.split_once(' ').unwrap_or((help, ""));
        let kind = lines
            .next_if(|line| line.starts_with("# TYPE "))
            .and_then(|line| line.rsplit(' ').next())
            .unwrap_or("untyped");
        let (suffix, kind) = match kind {
            "counter" => ("_total", "counter"),
            "info" => ("_info", "gauge"),
            other => ("", other),
        };
        push(out, &["# HELP ", name, suffix, " ", text]);
        push(out, &["# TYPE ", name, suffix, " ", kind]);
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
# HELP requests Requests.
# TYPE requests counter
requests_total{outcome=\"success\"} 3
# HELP build Build.
# TYPE build info
build_info{version=\"1\"} 1
# HELP duration_seconds Duration.
# TYPE duration_seconds histogram
# UNIT duration_seconds seconds
duration_seconds_sum 1.0
# EOF
";

    #[test]
    fn headers_are_those_of_the_text_format() {
        let mut out = String::new();
        append(OPENMETRICS, Format::Text, &mut out);
        assert_eq!(
            out,
            "\
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{outcome=\"success\"} 3
# HELP build_info Build.
# TYPE build_info gauge
build_info{version=\"1\"} 1
# HELP duration_seconds Duration.
# TYPE duration_seconds histogram
duration_seconds_sum 1.0
"
        );
    }

    #[test]
    fn the_trailer_is_left_to_the_exposition() {
        let mut out = String::new();
        append(OPENMETRICS, Format::OpenMetrics, &mut out);
        assert!(out.ends_with("duration_seconds_sum 1.0\n") && out.contains("# UNIT"));
    }
}
