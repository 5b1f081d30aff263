//! Lists the routes.

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Domains,
    Seats,
    Applications,
    SeatChange,
}

/// What the document has where a real path has the subscription's id.
pub(super) const LITERAL_SUBSCRIPTION: &str = "externalSubscriptionId";

impl Endpoint {
    pub(super) const ALL: [Self; 4] = [Self::Domains, Self::Seats, Self::Applications, Self::SeatChange];

    /// The path as clients write it, and as faults are aimed.
    pub(super) fn template(self) -> &'static str {
        match self {
            Self::Domains => "/v1/saas/domains",
            Self::Seats => "/v1/saas/{saasCustomerId}/seats",
            Self::Applications => "/v1/saas/{saasCustomerId}/applications",
            Self::SeatChange => "/v1/saas/{saasCustomerId}/{externalSubscriptionId}/bulkSeatChange",
        }
    }

    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Domains | Self::Seats | Self::Applications => "GET",
            Self::SeatChange => "PUT",
        }
    }

    /// Whether the published document has it.
    pub(super) fn is_documented(self) -> bool {
        self != Self::Applications
    }
}
