//! Writes families and samples in the two text formats.

use super::{Descriptor, Format, Kind};

/// Writes one exposition, family by family.
///
/// A family without samples leaves no trace: its header is written with the first sample.
#[derive(Debug)]
pub(super) struct Writer {
    format: Format,
    out: String,
    family: Option<Descriptor>,
    header_due: bool,
    samples: u64,
    counts_only: bool,
}

impl Writer {
    pub(super) const fn new(format: Format) -> Self {
        Self { format, out: String::new(), family: None, header_due: false, samples: 0, counts_only: false }
    }

    /// A writer that counts the samples and writes none.
    pub(super) const fn counting() -> Self {
        Self {
            format: Format::Text,
            out: String::new(),
            family: None,
            header_due: false,
            samples: 0,
            counts_only: true,
        }
    }

    /// The samples that follow belong to this family.
    pub(super) const fn family(&mut self, descriptor: &Descriptor) {
        self.family = Some(*descriptor);
        self.header_due = true;
    }

    /// Writes one sample; `labels` are prepared, `more` are escaped here.
    pub(super) fn sample(&mut self, labels: &str, more: &[(&str, &str)], value: f64) {
        self.samples += 1;
        if self.counts_only {
            return;
        }
        let Some(family) = self.family else { return };
        if std::mem::take(&mut self.header_due) {
            self.header(&family);
        }
        self.out.push_str(family.name);
        if !(labels.is_empty() && more.is_empty()) {
            self.out.push('{');
            self.out.push_str(labels);
            for (index, (name, value)) in more.iter().enumerate() {
                if index > 0 || !labels.is_empty() {
                    self.out.push(',');
                }
                push_label(&mut self.out, name, value);
            }
            self.out.push('}');
        }
        self.out.push(' ');
        push_number(&mut self.out, value);
        self.out.push('\n');
    }

    /// How many samples were written.
    pub(super) const fn samples(&self) -> u64 {
        self.samples
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn header(&mut self, family: &Descriptor) {
        let (name, kind) = match (self.format, family.kind) {
            (Format::Text, Kind::Info) => (family.name, Kind::Gauge),
            (Format::Text, kind) => (family.name, kind),
            (Format::OpenMetrics, kind) => (family.family_name(), kind),
        };
        self.line(&["# HELP ", name, " ", family.help, "."]);
        self.line(&["# TYPE ", name, " ", kind.as_str()]);
        if let (Format::OpenMetrics, Some(unit)) = (self.format, family.unit) {
            self.line(&["# UNIT ", name, " ", unit.as_str()]);
        }
    }

    fn line(&mut self, pieces: &[&str]) {
        pieces.iter().for_each(|piece| self.out.push_str(piece));
        self.out.push('\n');
    }
}

/// Appends `name="value"` with the value escaped, as both formats demand.
pub(super) fn push_label(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str("=\"");
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '"', '\n']) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(match special.as_bytes()[0] {
            b'\\' => "\\\\",
            b'"' => "\\\"",
            _ => "\\n",
        });
        rest = &special[1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends whole numbers without a fraction and others in their shortest exact form.
fn push_number(out: &mut String, value: f64) {
    #[expect(clippy::cast_possible_truncation, reason = "compared after the round trip")]
    let whole = value as i64;
    #[expect(clippy::cast_precision_loss, reason = "a lost digit fails the comparison")]
    let is_whole = (whole as f64).to_bits() == value.to_bits() && whole.unsigned_abs() < 1 << 53;
    if is_whole {
        out.push_str(itoa::Buffer::new().format(whole));
    } else {
        use std::fmt::Write as _;
        write!(out, "{value}").expect("writing to a String cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        for (value, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (1_763_752_800.125, "1763752800.125"),
            (4_162_915_533_000.0, "4162915533000"),
            (0.5, "0.5"),
            (1e300, &("1".to_owned() + &"0".repeat(300))),
        ] {
            let mut out = String::new();
            push_number(&mut out, value);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_hostile_label_value_stays_inside_its_quotes() {
        let mut out = String::new();
        push_label(&mut out, "tenant", "quo\"ted \\ Söhne\n# EOF");
        assert_eq!(out, r#"tenant="quo\"ted \\ Söhne\n# EOF""#);
    }
}
