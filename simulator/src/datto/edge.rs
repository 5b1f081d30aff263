//! Simulates the latency of the API: tens of seconds per response, and none for large lists of seats.

use std::time::Duration;

use super::endpoint::Endpoint;

/// After this long the edge gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the vendor takes at full scale.
///
/// Seats take longer the nearer the customer is to `limit`, above which the edge gives up. There is no measurement of a
/// change of seats.
pub(super) fn latency(endpoint: Endpoint, seats: usize, limit: Option<usize>) -> Duration {
    const QUICKEST_SEATS: u64 = 38;
    match endpoint {
        Endpoint::Domains => Duration::from_secs(20),
        Endpoint::Applications => Duration::from_secs(19),
        Endpoint::Seats if gives_up(endpoint, seats, limit) => PATIENCE,
        Endpoint::Seats => {
            let slowest = PATIENCE.as_secs() - QUICKEST_SEATS;
            let share = seats as u64 * slowest / limit.unwrap_or(400).max(1) as u64;
            Duration::from_secs(QUICKEST_SEATS + share.min(slowest))
        }
        Endpoint::SeatChange => Duration::ZERO,
    }
}

/// Whether the edge answers 504 in the vendor's place.
pub(super) fn gives_up(endpoint: Endpoint, seats: usize, limit: Option<usize>) -> bool {
    endpoint == Endpoint::Seats && limit.is_some_and(|limit| seats > limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_take_38_to_60_seconds_and_large_lists_never_come() {
        let seconds = |seats| latency(Endpoint::Seats, seats, Some(40)).as_secs();
        assert_eq!((seconds(0), seconds(20), seconds(40), seconds(41)), (38, 49, 60, 60));
        assert!(!gives_up(Endpoint::Seats, 40, Some(40)));
        assert!(gives_up(Endpoint::Seats, 41, Some(40)));
        assert!(!gives_up(Endpoint::Seats, 41, None));
        assert!(!gives_up(Endpoint::Applications, 41, Some(40)));
    }
}
