//! Reads a request to change seats and applies it to each.

use serde_json::{Value, json};

use super::fleet::{Customer, SeatState, SeatType};
use super::refusal::Refusal;

/// The most seats that one request may change.
pub(super) const MAX_SEATS: usize = 100;

/// One group of seats that get the same state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) positions: Vec<usize>,
    pub(super) state: SeatState,
}

/// What a request asks for, and what it is answered.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) changes: Vec<Change>,
    pub(super) answer: Value,
}

/// Reads `{seat_type, action_type, ids}`, as clients send it: all seats change or none does.
pub(super) fn live(customer: &Customer, body: &[u8]) -> Result<Decision, Refusal> {
    let request: Value = serde_json::from_slice(body).map_err(|_| bad("the body is not JSON"))?;
    let kind =
        request["seat_type"].as_str().and_then(SeatType::from_word).ok_or_else(|| bad("seat_type is invalid"))?;
    let state = request["action_type"].as_str().and_then(outcome).ok_or_else(|| bad("action_type is invalid"))?;
    let ids = request["ids"].as_array().ok_or_else(|| bad("ids is not a list"))?;
    let ids: Option<Vec<_>> = ids.iter().map(Value::as_str).collect();
    let ids = ids.ok_or_else(|| bad("ids holds something else than text"))?;
    if ids.is_empty() || ids.len() > MAX_SEATS {
        return Err(bad(&format!("ids must hold 1 to {MAX_SEATS} ids")));
    }
    let positions: Option<Vec<_>> = ids.iter().map(|id| find(customer, id, kind)).collect();
    let positions =
        positions.ok_or_else(|| Refusal::Conflict(format!("ids holds an id that is no {} seat", kind.word())))?;
    let results: Vec<_> = ids.iter().map(|id| result(Some(id), Ok(state))).collect();
    Ok(Decision { changes: vec![Change { positions, state }], answer: json!({"results": results}) })
}

/// Reads `{seats: [{remoteId, action, seatType}]}`, as the document has it: each seat has its own result.
///
/// The document demands none of the fields, and knows no error for a customer that does not exist.
pub(super) fn documented(customer: Option<&Customer>, body: &[u8]) -> Result<Decision, Refusal> {
    let request: Value = serde_json::from_slice(body).map_err(|_| bad("the body is not JSON"))?;
    let fields = request.as_object().ok_or_else(|| bad("the body is not an object"))?;
    let no_seats = Vec::new();
    let seats = match fields.get("seats") {
        None => &no_seats,
        Some(seats) => seats.as_array().ok_or_else(|| bad("seats is not a list"))?,
    };
    if seats.len() > MAX_SEATS {
        return Err(bad(&format!("seats must hold at most {MAX_SEATS} changes")));
    }
    let wishes: Vec<_> = seats.iter().map(Wish::read).collect::<Result<_, _>>()?;
    let mut changes = Vec::new();
    let results = wishes.iter().map(|wish| {
        let decided = wish.decide(customer);
        if let Ok((position, state)) = decided {
            changes.push(Change { positions: vec![position], state });
        }
        result(wish.remote_id, decided.map(|(_, state)| state))
    });
    let results: Vec<_> = results.collect();
    Ok(Decision { changes, answer: json!({"results": results}) })
}

/// One element of the document's request; every field may be missing, and none may be of another type.
struct Wish<'a> {
    remote_id: Option<&'a str>,
    state: Option<SeatState>,
    kind: Option<SeatType>,
}

impl<'a> Wish<'a> {
    fn read(seat: &'a Value) -> Result<Self, Refusal> {
        let fields = seat.as_object().ok_or_else(|| bad("seats holds something else than objects"))?;
        let text = |name: &str| match fields.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| bad(&format!("{name} is not text"))),
        };
        let action = text("action")?;
        let state = action.map(|word| outcome(word).ok_or_else(|| bad("action is invalid"))).transpose()?;
        let kind = text("seatType")?;
        let is_documented = |kind: &SeatType| *kind != SeatType::SharedDrive;
        let kind =
            kind.map(|word| SeatType::from_word(word).filter(is_documented).ok_or_else(|| bad("seatType is invalid")));
        Ok(Self { remote_id: text("remoteId")?, state, kind: kind.transpose()? })
    }

    fn decide(&self, customer: Option<&Customer>) -> Result<(usize, SeatState), &'static str> {
        let customer = customer.ok_or("Customer not found")?;
        let state = self.state.ok_or("Action is missing")?;
        let kind = self.kind.ok_or("Seat type is missing")?;
        let position = self.remote_id.and_then(|id| find(customer, id, kind)).ok_or("Seat not found")?;
        Ok((position, state))
    }
}

fn find(customer: &Customer, id: &str, kind: SeatType) -> Option<usize> {
    customer.seat_position(id).filter(|&position| customer.seat_type(position) == kind)
}

/// The state that an action leads to.
fn outcome(action: &str) -> Option<SeatState> {
    match action {
        "License" => Some(SeatState::Active),
        "Unlicense" => Some(SeatState::Unprotected),
        "Pause" => Some(SeatState::Paused),
        _ => None,
    }
}

fn result(id: Option<&str>, outcome: Result<SeatState, &'static str>) -> Value {
    let message = match outcome {
        Ok(SeatState::Paused) => "Seat paused successfully",
        Ok(SeatState::Unprotected) => "Seat unlicensed successfully",
        Ok(SeatState::Active | SeatState::Archived) => "Seat licensed successfully",
        Err(reason) => reason,
    };
    let mut result = json!({"success": outcome.is_ok(), "message": message});
    if let Some(id) = id {
        result["remoteId"] = json!(id);
    }
    result
}

fn bad(reason: &str) -> Refusal {
    Refusal::BadRequest(reason.to_owned())
}
