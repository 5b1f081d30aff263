//! Reads the worst bodies that a vendor could send, and says how much memory each takes at most.
//!
//! `cargo run --release --example worst-bodies`, on Linux. Each body is as large as an answer may be, and in memory before
//! the measuring begins, so its own size is added; SECURITY.md has the bound.

#![expect(clippy::print_stdout, reason = "the table is what it is run for")]

use std::error::Error;
use std::fs;
use std::time::Instant;

use saasbackup_exporter::domain::{Objectives, Timestamp};
use saasbackup_exporter::fuzzing::{datto, dropsuite};

/// As large as an answer may be (`MAX_BODY`).
const BODY: usize = 16 << 20;
/// What one request may take.
const BOUND: u64 = 64 << 20;
/// What a reader makes of the pages of one list.
type Read<'r> = Box<dyn Fn(&[&[u8]]) -> String + 'r>;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn main() -> Result<(), Box<dyn Error>> {
    let filled = |start: &str, unit: &str, end: &str| {
        let count = (BODY - start.len() - end.len() - unit.len()) / (unit.len() + 1);
        format!("{start}{}{unit}{end}", format!("{unit},").repeat(count))
    };
    let nested = |inner: &str| format!(r#"{{"suites":[{{"appTypes":[{{"backupHistory":[{inner}]}}]}}]}}"#);
    let text = |unit: &str| format!(r#"[{{"id":"{}"}}]"#, unit.repeat((BODY - 10) / unit.len()));
    let bodies = [
        ("empty objects", filled("[", "{}", "]")),
        ("numbers", filled("[", "7", "]")),
        ("empty lists", filled("[", "[]", "]")),
        ("objects in an envelope", filled(r#"{"result_set":["#, "{}", "]}")),
        ("numbers in an envelope", filled(r#"{"items":["#, "7", "]}")),
        ("envelopes", filled("[", r#"{"items":[]}"#, "]")),
        ("an object of many keys", filled("{", r#""a":1"#, "}")),
        ("one long text", text("a")),
        ("one long text of escapes", text("\\u0061")),
        ("deep nesting", "[".repeat(BODY)),
        ("a long history", filled("[", &nested("{},".repeat(900).trim_end_matches(',')), "]")),
        ("many short histories", filled("[", &nested("7"), "]")),
        ("a history of numbers", format!("[{}]", nested("7,".repeat(BODY / 2 - 64).trim_end_matches(',')))),
        ("suites of numbers", filled("[", r#"{"suites":[7,7,7,7,7,7,7,7]}"#, "]")),
        // As many records as a page may have, which are all read.
        ("50,000 empty objects", format!("[{}{{}}]", "{},".repeat(49_999))),
        ("50,000 reports", format!("[{}7]", format!("{},", nested("7")).repeat(16_000))),
    ];
    let rpo = Objectives::default().of_tenant("7", "seven");
    let mut is_within = true;
    // Of the whole run: what the allocator keeps from one body for the next must not hide what that takes.
    let before = memory("VmRSS:")?;
    println!("{:28} {:>10} {:>9}  outcome", "body", "takes MiB", "ms");
    for (name, body) in &bodies {
        let readers: [(&str, Read<'_>); 4] = [
            ("/users", Box::new(|body| outcome(dropsuite::organizations(body)))),
            ("/accounts (counted)", Box::new(|body| outcome(dropsuite::invites(body)))),
            ("/domains", Box::new(|body| outcome(datto::customers(body)))),
            ("/applications", Box::new(|body| outcome(datto::applications(body, &rpo, NOW)))),
        ];
        for (endpoint, read) in readers {
            // Has the kernel forget the highest value so far.
            fs::write("/proc/self/clear_refs", "5")?;
            let started = Instant::now();
            let outcome = read(&[body.as_bytes()]);
            let took = started.elapsed().as_millis();
            let taken = memory("VmHWM:")?.saturating_sub(before) + body.len() as u64;
            is_within &= taken <= BOUND;
            println!("{name:28} {:>10.1} {took:>9}  {endpoint}: {outcome}", taken as f64 / f64::from(1 << 20));
        }
    }
    if is_within { Ok(()) } else { Err("a body takes more than 64 MiB".into()) }
}

fn outcome<T>(
    result: Result<saasbackup_exporter::fuzzing::Reading<T>, saasbackup_exporter::provider::ErrorKind>,
) -> String {
    match result {
        Ok(reading) => format!("{} records", reading.records),
        Err(error) => error.to_string(),
    }
}

/// A line of the process's status, in bytes.
fn memory(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("the kernel does not say")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
