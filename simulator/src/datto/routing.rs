//! Hands an admitted request to the renderer it means.

use axum::body::Bytes;
use serde_json::Value;

use super::endpoint::{Endpoint, LITERAL_SUBSCRIPTION, Target};
use super::fleet::{Customer, Fleet, Oddity};
use super::query::Query;
use super::refusal::Refusal;
use super::service::State;
use super::{Shape, applications, documented, live, seat_change};
use crate::clock::Moment;

/// One admitted request.
pub(super) struct Call<'a> {
    pub(super) target: &'a Target,
    pub(super) query: Query,
    pub(super) body: Bytes,
    pub(super) moment: Moment,
    /// Whether every page is to be the first one, with one more to come.
    pub(super) repeated: bool,
}

pub(super) fn answer(
    state: &State,
    fleet: &Fleet,
    customer: Option<&Customer>,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    let options = &state.options;
    let is_live = options.shape == Shape::Live;
    match call.target.endpoint {
        Endpoint::Domains if is_live => return Ok(live::domains(fleet, call.moment)),
        Endpoint::Domains => return Ok(documented::domains(fleet)),
        Endpoint::SeatChange if !is_live => {
            let decision = seat_change::documented(customer, &call.body)?;
            return Ok(apply(state, customer, decision));
        }
        Endpoint::Seats | Endpoint::Applications | Endpoint::SeatChange => {}
    }
    let customer = customer.ok_or(Refusal::UnknownCustomer)?;
    // The document has no 403.
    if is_live && customer.oddity() == Oddity::OutOfScope {
        return Err(Refusal::Forbidden);
    }
    match call.target.endpoint {
        Endpoint::Applications => {
            applications::applications(customer, &call.query, options.applications, call.moment, call.repeated)
        }
        Endpoint::SeatChange => {
            let subscription = call.target.subscription.as_str();
            let mut known = (0..customer.domain_count()).map(|record| customer.subscription(record));
            if subscription != LITERAL_SUBSCRIPTION && !known.any(|known| known == subscription) {
                return Err(Refusal::UnknownSubscription);
            }
            let decision = seat_change::live(customer, &call.body)?;
            Ok(apply(state, Some(customer), decision))
        }
        Endpoint::Domains | Endpoint::Seats if is_live => live::seats(customer, &call.query, options.billable),
        Endpoint::Domains | Endpoint::Seats => Ok(documented::seats(customer, &call.query, call.moment)),
    }
}

fn apply(state: &State, customer: Option<&Customer>, decision: seat_change::Decision) -> Value {
    if let Some(id) = customer.map(Customer::id) {
        for change in decision.changes {
            state.replace_fleet(|fleet| (fleet.with_seats(id, &change.positions, change.state), ()));
        }
    }
    decision.answer
}
