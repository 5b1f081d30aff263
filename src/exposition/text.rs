//! Writes families and samples in the two text formats, piece by piece.

use std::ops::ControlFlow;

use super::{Format, Value};
use crate::metric::{Descriptor, Kind};

/// Approximate size in bytes of the pieces of an exposition; the last one is shorter.
pub const PIECE: usize = 64 * 1024;

/// Receives what has been written so far: it empties the buffer or lets it grow, and may stop the writer.
pub type Drain<'a> = dyn FnMut(&mut Vec<u8>) -> ControlFlow<()> + 'a;

/// Writes one exposition, family by family.
///
/// A family without samples has no header: it is written with the first sample.
pub(super) struct Writer<'a> {
    format: Format,
    out: Vec<u8>,
    drain: &'a mut Drain<'a>,
    family: Descriptor,
    /// The beginning of the family's lines.
    head: Vec<u8>,
    /// The beginning of lines with common labels.
    common: Vec<u8>,
    header_due: bool,
    samples: u64,
    counts_only: bool,
}

/// The state before the first family.
const NONE: Descriptor = Descriptor::gauge("", "");

/// Maximum length of a line without its labels, unless the value is extreme.
const REST: usize = 32;

impl<'a> Writer<'a> {
    pub(super) fn new(format: Format, drain: &'a mut Drain<'a>) -> Self {
        Self {
            format,
            out: Vec::with_capacity(PIECE + PIECE / 16),
            drain,
            family: NONE,
            head: Vec::new(),
            common: Vec::new(),
            header_due: false,
            samples: 0,
            counts_only: false,
        }
    }

    /// A writer that only counts samples.
    pub(super) fn counting(drain: &'a mut Drain<'a>) -> Self {
        Self { counts_only: true, ..Self::new(Format::Text, drain) }
    }

    /// Starts a family.
    pub(super) fn family(&mut self, descriptor: &Descriptor) {
        self.family = *descriptor;
        self.header_due = true;
        self.head.clear();
        self.head.extend_from_slice(descriptor.name.as_bytes());
        self.head.push(b'{');
    }

    /// Writes one sample; its labels are passed in pieces, ready to be concatenated.
    #[inline]
    pub(super) fn sample<const N: usize>(&mut self, labels: [&str; N], value: Value) {
        if !self.begins_a_line() {
            return;
        }
        let length = labels.iter().map(|piece| piece.len()).sum::<usize>();
        self.out.reserve(self.head.len() + length + REST);
        self.out.extend_from_slice(&self.head);
        for piece in labels {
            self.out.extend_from_slice(piece.as_bytes());
        }
        self.out.extend_from_slice(b"} ");
        value.write(&mut self.out);
        self.out.push(b'\n');
    }

    /// Sets the labels that the [further](Writer::further) samples begin with, in pieces.
    #[inline]
    pub(super) fn common<const N: usize>(&mut self, labels: [&str; N]) {
        self.common.clear();
        self.common.extend_from_slice(&self.head);
        for piece in labels {
            self.common.extend_from_slice(piece.as_bytes());
        }
    }

    /// Writes one sample with common labels; the rest is passed in pieces, up to the space before the value.
    #[inline]
    pub(super) fn further<const N: usize>(&mut self, rest: [&str; N], value: Value) {
        if !self.begins_a_line() {
            return;
        }
        let length = rest.iter().map(|piece| piece.len()).sum::<usize>();
        self.out.reserve(self.common.len() + length + REST);
        self.out.extend_from_slice(&self.common);
        for piece in rest {
            self.out.extend_from_slice(piece.as_bytes());
        }
        value.write(&mut self.out);
        self.out.push(b'\n');
    }

    /// Writes one sample without labels.
    pub(super) fn bare_sample(&mut self, value: Value) {
        if self.begins_a_line() {
            self.out.extend_from_slice(self.family.name.as_bytes());
            self.out.push(b' ');
            value.write(&mut self.out);
            self.out.push(b'\n');
        }
    }

    /// Passes on what has been written, once it is a full piece.
    #[inline]
    pub(super) fn hand_on(&mut self) -> ControlFlow<()> {
        if self.out.len() < PIECE { ControlFlow::Continue(()) } else { (self.drain)(&mut self.out) }
    }

    /// The number of samples written.
    pub(super) const fn samples(&self) -> u64 {
        self.samples
    }

    /// Passes on the rest.
    pub(super) fn finish(mut self) -> ControlFlow<()> {
        (self.drain)(&mut self.out)
    }

    #[inline]
    fn begins_a_line(&mut self) -> bool {
        self.samples += 1;
        if self.counts_only {
            return false;
        }
        if self.header_due {
            self.header();
        }
        true
    }

    #[cold]
    fn header(&mut self) {
        self.header_due = false;
        let family = self.family;
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
        pieces.iter().for_each(|piece| self.out.extend_from_slice(piece.as_bytes()));
        self.out.push(b'\n');
    }
}

/// Appends `name="value"` with the value escaped, as both formats require.
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

/// Labels that follow others, with the comma.
pub(super) fn further_labels<const N: usize>(labels: [(&str, &str); N]) -> String {
    let mut text = String::new();
    set_further(&mut text, labels);
    text
}

/// The same, reusing the memory of `text`.
pub(super) fn set_further<'t, 'l>(
    text: &'t mut String,
    labels: impl IntoIterator<Item = (&'l str, &'l str)>,
) -> &'t str {
    text.clear();
    for (name, value) in labels {
        text.push(',');
        push_label(text, name, value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_label_value_stays_inside_its_quotes() {
        let mut out = String::new();
        push_label(&mut out, "tenant", "quo\"ted \\ Söhne\n# EOF");
        assert_eq!(out, r#"tenant="quo\"ted \\ Söhne\n# EOF""#);
    }

    #[test]
    fn pieces_put_together_are_the_whole() {
        let family = Descriptor::gauge("saasbackup_up", "Help");
        let mut pieces = Vec::new();
        let mut drain = |out: &mut Vec<u8>| {
            pieces.push(std::mem::take(out));
            ControlFlow::Continue(())
        };
        let mut writer = Writer::new(Format::Text, &mut drain);
        writer.family(&family);
        let mut expected = String::from("# HELP saasbackup_up Help.\n# TYPE saasbackup_up gauge\n");
        for number in 0..50_000 {
            writer.sample(["source=\"us\"", ",state=\"ok\""], Value::Whole(number));
            writer.common(["source=\"us\""]);
            writer.further([",state=\"ok\"} "], Value::Whole(number));
            assert!(writer.hand_on().is_continue());
            expected += &format!("saasbackup_up{{source=\"us\",state=\"ok\"}} {number}\n").repeat(2);
        }
        assert_eq!(writer.samples(), 100_000);
        assert!(writer.finish().is_continue());
        assert!(pieces.len() > 5, "{} pieces", pieces.len());
        assert!(pieces.iter().all(|piece| piece.len() < PIECE + 200));
        assert_eq!(String::from_utf8(pieces.concat()).unwrap(), expected);
    }
}
