//! Lists the routes and finds the one a path means.

use axum::http::Method;

use super::Shape;
use crate::text::decode_segment;

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Domains,
    Seats,
    Applications,
    SeatChange,
}

/// A route with the variables of one request's path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) endpoint: Endpoint,
    /// The customer's id as sent; empty for the list of domains.
    pub(super) customer: String,
    /// The subscription's id as sent; empty elsewhere.
    pub(super) subscription: String,
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

    pub(super) fn method(self) -> Method {
        match self {
            Self::Domains | Self::Seats | Self::Applications => Method::GET,
            Self::SeatChange => Method::PUT,
        }
    }
}

impl Target {
    pub(super) fn find(path: &str, shape: Shape) -> Option<Self> {
        let rest = path.strip_prefix("/v1/saas/")?;
        let segments: Vec<_> = rest.split('/').map(decode_segment).collect();
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        let (endpoint, customer, subscription) = match *segments.as_slice() {
            ["domains"] => (Endpoint::Domains, "", ""),
            ["", ..] => return None,
            [customer, "seats"] => (Endpoint::Seats, customer, ""),
            [customer, "applications"] if shape == Shape::Live => (Endpoint::Applications, customer, ""),
            [_, "", _] => return None,
            [customer, subscription, "bulkSeatChange"] => (Endpoint::SeatChange, customer, subscription),
            _ => return None,
        };
        Some(Self { endpoint, customer: customer.to_owned(), subscription: subscription.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(path: &str, shape: Shape) -> Option<Endpoint> {
        Target::find(path, shape).map(|target| target.endpoint)
    }

    #[test]
    fn every_template_finds_its_own_endpoint() {
        for wanted in Endpoint::ALL {
            assert_eq!(endpoint(wanted.template(), Shape::Live), Some(wanted));
        }
    }

    #[test]
    fn the_document_knows_no_applications() {
        assert_eq!(endpoint(Endpoint::Applications.template(), Shape::Documented), None);
    }

    #[test]
    fn variables_are_decoded_and_never_empty() {
        let target = Target::find("/v1/saas/20013/Classic%3AOffice365%3A7/bulkSeatChange", Shape::Live).unwrap();
        assert_eq!((target.customer.as_str(), target.subscription.as_str()), ("20013", "Classic:Office365:7"));
        for path in ["/v1/saas//seats", "/v1/saas/1//bulkSeatChange", "/v1/saas/1/seats/", "/v1/saas", "/v1/saas/1"] {
            assert_eq!(endpoint(path, Shape::Live), None, "{path}");
        }
    }
}
