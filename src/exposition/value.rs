//! Writes sample values: whole numbers, times in milliseconds, and other numbers.

use std::io::Write as _;
use std::time::Duration;

use crate::domain::Timestamp;

/// The value of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// A non-negative whole number.
    Whole(u64),
    /// A time, written in seconds since the Unix epoch.
    Moment(Timestamp),
    /// Any number.
    Number(f64),
}

/// An `f64` represents every whole number up to here exactly; beyond, the text is what Prometheus will store.
const EXACT: u64 = 1 << 53;

/// Up to here milliseconds have 15 digits, so that their seconds are also the shortest text of the `f64`.
const SHORTEST: u64 = 1_000_000_000_000_000;

impl Value {
    /// Appends whole numbers without a fraction, and others in their shortest exact form.
    #[inline]
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Whole(number) if number < 10 => out.push(b'0' + number as u8),
            Self::Whole(number) if number < EXACT => {
                out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            #[expect(clippy::cast_precision_loss, reason = "what Prometheus will hold is meant")]
            Self::Whole(number) => write_number(number as f64, out),
            Self::Moment(at) if at.as_millis().unsigned_abs() < SHORTEST => write_moment(at.as_millis(), out),
            Self::Moment(at) => write_number(at.as_seconds(), out),
            Self::Number(number) => write_number(number, out),
        }
    }
}

impl From<Duration> for Value {
    /// The seconds.
    fn from(duration: Duration) -> Self {
        if duration.subsec_nanos() == 0 {
            Self::Whole(duration.as_secs())
        } else {
            Self::Number(duration.as_secs_f64())
        }
    }
}

fn write_moment(millis: i64, out: &mut Vec<u8>) {
    if millis < 0 {
        out.push(b'-');
    }
    let millis = millis.unsigned_abs();
    out.extend_from_slice(itoa::Buffer::new().format(millis / 1000).as_bytes());
    let fraction = millis % 1000;
    if fraction != 0 {
        #[expect(clippy::cast_possible_truncation, reason = "one digit")]
        let digits = [fraction / 100, fraction / 10 % 10, fraction % 10].map(|digit| b'0' + digit as u8);
        let length = if digits[2] != b'0' { 3 } else { 1 + usize::from(digits[1] != b'0') };
        out.push(b'.');
        out.extend_from_slice(&digits[..length]);
    }
}

/// Whole numbers have no fraction here either.
fn write_number(number: f64, out: &mut Vec<u8>) {
    write!(out, "{number}").expect("writing to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: Value) -> String {
        let mut out = Vec::new();
        value.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_in_full() {
        for (value, expected) in [
            (Value::Whole(0), "0"),
            (Value::Whole(9), "9"),
            (Value::Whole(10), "10"),
            (Value::Whole(4_162_915_533_000), "4162915533000"),
            (Value::Whole(EXACT + 1), "9007199254740992"),
            (Value::Moment(Timestamp::from_millis(1_763_752_800_125)), "1763752800.125"),
            (Value::Moment(Timestamp::from_millis(1_763_752_800_120)), "1763752800.12"),
            (Value::Moment(Timestamp::from_millis(1_763_752_800_100)), "1763752800.1"),
            (Value::Moment(Timestamp::from_millis(1_763_752_800_000)), "1763752800"),
            (Value::Moment(Timestamp::from_millis(1_763_752_800_005)), "1763752800.005"),
            (Value::Moment(Timestamp::from_millis(-500)), "-0.5"),
            (Value::Moment(Timestamp::from_millis(0)), "0"),
            (Value::Number(0.5), "0.5"),
            (Value::Number(1e300), &("1".to_owned() + &"0".repeat(300))),
            (Duration::from_secs(86_400).into(), "86400"),
            (Duration::from_millis(1500).into(), "1.5"),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_written_as_its_seconds_would_be(millis in prop_oneof![any::<i64>(), -2_000_000_000_000..2_000_000_000_000_i64]) {
            let at = Timestamp::from_millis(millis);
            prop_assert_eq!(written(Value::Moment(at)), format!("{}", at.as_seconds()));
        }

        #[test]
        fn a_whole_number_is_written_as_prometheus_will_hold_it(number in prop_oneof![any::<u64>(), 0..2000_u64]) {
            #[expect(clippy::cast_precision_loss, reason = "as it is meant")]
            let held = number as f64;
            prop_assert_eq!(written(Value::Whole(number)), format!("{held}"));
        }
    }
}
