//! Dispatches an admitted request to its renderer.

use axum::body::Bytes;
use serde_json::Value;

use super::endpoint::{Endpoint, LITERAL_SUBSCRIPTION};
use super::fleet::{Customer, Fleet};
use super::refusal::Refusal;
use super::seat_change::Decision;
use super::state::Shell;
use super::{Shape, applications, documented, live, seat_change};
use crate::clock::Moment;
use crate::query::Query;

/// One admitted request.
pub(super) struct Call<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) customer: Option<&'a Customer>,
    pub(super) subscription: &'a str,
    pub(super) query: Query,
    pub(super) body: Bytes,
    pub(super) moment: Moment,
    /// Whether every page is to be the first one, with one more to come.
    pub(super) repeated: bool,
}

pub(super) fn answer(shell: &Shell, fleet: &Fleet, call: &Call<'_>) -> Result<Value, Refusal> {
    let options = &shell.vendor.options;
    match (call.endpoint, options.shape) {
        (Endpoint::Domains, Shape::Live) => Ok(live::domains(fleet, call.moment)),
        (Endpoint::Domains, Shape::Documented) => Ok(documented::domains(fleet)),
        (Endpoint::Seats, Shape::Live) => live::seats(call.customer()?, &call.query, options.billable),
        (Endpoint::Seats, Shape::Documented) => {
            let customer = call.customer.ok_or(Refusal::UnknownCustomer)?;
            Ok(documented::seats(customer, &call.query, call.moment))
        }
        (Endpoint::Applications, _) => {
            applications::answer(call.customer()?, &call.query, options.applications, call.moment, call.repeated)
        }
        (Endpoint::SeatChange, Shape::Live) => {
            let customer = call.customer()?;
            let mut known = (0..customer.domain_count()).map(|record| customer.subscription(record));
            if call.subscription != LITERAL_SUBSCRIPTION && !known.any(|known| known == call.subscription) {
                return Err(Refusal::UnknownSubscription);
            }
            Ok(apply(shell, call, seat_change::live(customer, &call.body)?))
        }
        (Endpoint::SeatChange, Shape::Documented) => {
            Ok(apply(shell, call, seat_change::documented(call.customer, &call.body)?))
        }
    }
}

impl Call<'_> {
    /// The customer, within the key's scope; the document has no 403.
    fn customer(&self) -> Result<&Customer, Refusal> {
        let customer = self.customer.ok_or(Refusal::UnknownCustomer)?;
        if customer.quirks().out_of_scope { Err(Refusal::Forbidden) } else { Ok(customer) }
    }
}

fn apply(shell: &Shell, call: &Call<'_>, decision: Decision) -> Value {
    if let Some(id) = call.customer.map(Customer::id) {
        for change in decision.changes {
            shell.replace_fleet(|fleet| fleet.with_seats(id, &change.positions, change.state));
        }
    }
    decision.answer
}
