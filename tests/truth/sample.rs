//! Chooses of all changes one for each answer as a whole, and some of the kinds of changes within an answer: the same each
//! time.

use std::collections::HashSet;

use serde_json::Value;

use super::change::{Change, endpoint};
use super::plausible::has_later_page;
use super::truth::resource_state;
use super::world::World;

/// Fields on which a verdict depends: these are changed in each kind of row, for each state that a workload can be in.
const DECISIVE: [&str; 17] = [
    "errors",
    "last_backup",
    "deactivated_since",
    "current_backup_status",
    "status",
    "active",
    "id",
    "seatState",
    "appType",
    "lastFullyProtectedTime",
    "timeWindow",
    "startTime",
    "endTime",
    "activeServiceCount",
    "activeServiceWithBackupCount",
    "flg_suspended",
    "customer_deactivated",
];

/// What is done with the other fields: to lose a value, and to hold what cannot be one.
const FEW: [&str; 6] = ["absent", "null", "text", "negative", "huge", "far-date"];

/// Of the kinds of changes within an answer one in so many is chosen, always the same.
const ONE_IN: u32 = 3;

/// What has been chosen so far, over all worlds.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    chosen: HashSet<String>,
}

impl Sample {
    /// Whether no change of this kind was chosen before.
    pub(crate) fn chooses(&mut self, world: &World, change: &Change) -> bool {
        let recorded = &world.exchanges[change.exchange];
        let row = change.row.as_deref().unwrap_or(&Value::Null);
        let inner = change.inner_field();
        let name = inner.rsplit('.').next().unwrap_or(inner);
        let is_whole = change.field == "answer" || change.field.contains("pagination") || change.field.ends_with("[]");
        let circumstances = if is_whole {
            let is_paged = has_later_page(world, change);
            format!("{} {is_paged} {} {}", change.field, has_fault(world, change), class_of(row))
        } else if DECISIVE.contains(&name) {
            format!("{} {}", has_fault(world, change), class_of(row))
        } else if change.word == "absent" || (FEW.contains(&change.word) && !inner.starts_with("user.")) {
            String::new()
        } else {
            return false;
        };
        // How a list of tenants is paged differs from fleet to fleet.
        let fleet = if recorded.serves.is_none() { world.name } else { "" };
        let vendor = world.provider.as_str();
        let key = format!("{vendor} {fleet} {} {inner} {} {circumstances}", endpoint(recorded), change.word);
        let is_in_turn = change.field == "answer" || hash(&key).is_multiple_of(ONE_IN);
        is_in_turn && self.chosen.insert(key)
    }
}

/// The same for the same text, on any machine and at any time.
fn hash(text: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(text.as_bytes());
    hasher.finalize()
}

/// Whether there is a fault to lose in what the answer serves.
fn has_fault(world: &World, change: &Change) -> bool {
    let Some((tenant, parts)) = &world.exchanges[change.exchange].serves else { return true };
    let truth = &world.truth[tenant];
    truth.faults().any(|(faulty, _)| parts.iter().any(|part| part.as_str() == faulty))
}

/// What a row says about backups, leaving out all else.
fn class_of(row: &Value) -> String {
    if row.get("last_backup").is_some() {
        return resource_state(row).to_owned();
    }
    let newest = row.get("backupHistory").and_then(|history| history.get(0)).unwrap_or(row);
    let is_full =
        newest.get("activeServiceCount").map(|active| newest.get("activeServiceWithBackupCount") == Some(active));
    let is_newest = row.get("timeWindow").is_some_and(|window| window == "Between0dAnd1d");
    let state = row.get("seatState").or_else(|| row.get("status")).unwrap_or(&Value::Null);
    format!("{is_full:?} {is_newest} {state}")
}
