//! Lists everything in the fake's answers that must never leave an exporter.

use super::fleet::Customer;
use super::service::State;

/// The secret key, and the pair as a header carries it; no answer holds either.
pub(super) fn secrets(state: &State) -> Vec<String> {
    vec![state.credentials.secret_key.clone(), state.credentials.encoded()]
}

pub(super) fn private_names(state: &State) -> Vec<String> {
    let fleet = state.fleet();
    let seats = fleet.customers().flat_map(Customer::seats);
    let mut names: Vec<_> = seats.flat_map(|seat| [seat.name, seat.main_id]).collect();
    names.sort_unstable();
    names.dedup();
    names
}
