//! Reads the worst bodies that a vendor could send, and prints the maximum memory and time for each.
//!
//! `cargo run --release --example worst-bodies`, on Linux. Each body has the maximum size, and is in memory before the
//! measurement starts, so its own size is added; for a list of several pages that of the largest. SECURITY.md has the
//! bound.

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
    let enclosed = |start: &str, unit: &str, end: &str| {
        format!("{start}{}{end}", unit.repeat((BODY - start.len() - end.len()) / unit.len()))
    };
    let nested = |inner: &str| format!(r#"{{"suites":[{{"appTypes":[{{"backupHistory":[{inner}]}}]}}]}}"#);
    let name = |start: &str| enclosed(&format!(r#"{{"result_set":[{{"organization_name":"{start}"#), "a", r#""}]}"#);
    let apps = |from: usize| (from..from + 1_000).map(|bytes| format!(r#"{{"appType":"mail","usedBytes":{bytes}}}"#));
    let suite = |number: usize| format!(r#"{{"appTypes":[{}]}}"#, apps(number * 1_000).collect::<Vec<_>>().join(","));
    let history = format!(r#"{{"backupHistory":[{}]}}"#, vec!["{}"; 1_000].join(","));
    let histories = |page: u64| {
        let apps = vec![history.as_str(); 49].join(",");
        format!(r#"{{"items":[{{"usedBytes":{page},"suites":[{{"appTypes":[{apps}]}}]}}]}}"#)
    };
    let without_utf_8 = |text: String| {
        let mut bytes = text.into_bytes();
        let middle = bytes.len() / 2;
        // Within a text: anywhere else it would end the JSON.
        let inside = bytes[middle..].iter().position(u8::is_ascii_alphanumeric).unwrap_or(0);
        bytes[middle + inside] = 0xff;
        bytes
    };
    let bodies = [
        ("empty objects", filled("[", "{}", "]")),
        ("numbers", filled("[", "7", "]")),
        ("empty lists", filled("[", "[]", "]")),
        ("objects in an envelope", filled(r#"{"result_set":["#, "{}", "]}")),
        ("numbers in an envelope", filled(r#"{"items":["#, "7", "]}")),
        ("envelopes", filled("[", r#"{"items":[]}"#, "]")),
        ("an object of many keys", filled("{", r#""a":1"#, "}")),
        ("one long id", enclosed(r#"[{"id":""#, "a", r#""}]"#)),
        ("one long id of escapes", enclosed(r#"[{"id":""#, "\\u0061", r#""}]"#)),
        ("one long name", name("")),
        ("one long name after an escape", name("\\u0061")),
        ("deep nesting", "[".repeat(BODY)),
        ("a long history", filled("[", &nested("{},".repeat(900).trim_end_matches(',')), "]")),
        ("many short histories", filled("[", &nested("7"), "]")),
        ("a history of numbers", format!("[{}]", nested("7,".repeat(BODY / 2 - 64).trim_end_matches(',')))),
        ("suites of numbers", filled("[", r#"{"suites":[7,7,7,7,7,7,7,7]}"#, "]")),
        // As many records as a page may have, which are all read.
        ("50,000 empty objects", format!("[{}{{}}]", "{},".repeat(49_999))),
        ("50,000 reports", format!("[{}7]", format!("{},", nested("7")).repeat(16_000))),
        ("49,000 distinct applications", {
            format!(r#"[{{"suites":[{}]}}]"#, (0..49).map(suite).collect::<Vec<_>>().join(","))
        }),
    ];
    let bytes = [
        ("one long name, no UTF-8", without_utf_8(name(""))),
        ("objects, no UTF-8", without_utf_8(filled("[", &format!(r#"{{"id":"{}"}}"#, "a".repeat(400)), "]"))),
        ("short texts, no UTF-8", without_utf_8(filled(r#"{"items":["#, r#""7""#, "]}"))),
    ];
    // Of a list that is kept: every page has other records, with texts as long as are kept, or as many as a page may have.
    let users = |page: usize, count: usize, length: usize| {
        let user = |row: usize| {
            let text = format!("{page} {row:0width$}", width = length);
            format!(
                r#"{{"id":{row},"organization_id":{page},"organization_name":"{text}","saasCustomerId":{row},"domain":"{text}"}}"#
            )
        };
        format!(r#"{{"result_set":[{}],"pagination":{{}}}}"#, (0..count).map(user).collect::<Vec<_>>().join(","))
    };
    let long_users = [0, 1, 2, 3].map(|page| users(page, 7_000, 1_000));
    let short_users = [0, 1, 2, 3].map(|page| users(page, 50_000, 10));
    let (long_name, page_of_histories) = (name(""), [1, 2, 3, 4, 5].map(histories));
    let mut lists: Vec<(&str, Vec<&[u8]>)> = Vec::new();
    lists.extend(bodies.iter().map(|(name, body)| (*name, vec![body.as_bytes()])));
    lists.extend(bytes.iter().map(|(name, body)| (*name, vec![&**body])));
    lists.push(("one long name on 32 pages", {
        let mut pages = vec![long_name.as_bytes(); 32];
        pages.push(br#"{"result_set":[]}"#);
        pages
    }));
    lists.push(("long histories on 5 pages", page_of_histories.iter().map(String::as_bytes).collect()));
    lists.push(("7,000 long names on 4 pages", long_users.iter().map(String::as_bytes).collect()));
    lists.push(("50,000 names on 4 pages", short_users.iter().map(String::as_bytes).collect()));
    let rpo = Objectives::default().of_tenant("7", "seven");
    let mut is_within = true;
    // Of the whole run: what the allocator keeps from one body for the next must not hide what that takes.
    let before = memory("VmRSS:")?;
    println!("{:30} {:>10} {:>9}  outcome", "body", "takes MiB", "ms");
    for (name, pages) in &lists {
        let largest = pages.iter().map(|page| page.len()).max().unwrap_or(0);
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
            let outcome = read(pages);
            let took = started.elapsed().as_millis();
            let taken = memory("VmHWM:")?.saturating_sub(before) + largest as u64;
            is_within &= taken <= BOUND;
            println!("{name:30} {:>10.1} {took:>9}  {endpoint}: {outcome}", taken as f64 / f64::from(1 << 20));
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
