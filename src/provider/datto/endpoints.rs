//! Lists the endpoints that are asked.

use crate::provider::endpoint::Endpoint;

pub(super) const DOMAINS: Endpoint = Endpoint::new("/v1/saas/domains");
pub(super) const SEATS: Endpoint = Endpoint::new("/v1/saas/{saasCustomerId}/seats");
/// Not in the published description, and the only source of how fresh backups are.
pub(super) const APPLICATIONS: Endpoint = Endpoint::new("/v1/saas/{saasCustomerId}/applications");

/// The templates of all of them.
pub(in crate::provider) const ENDPOINTS: &[&str] = &[DOMAINS.template(), SEATS.template(), APPLICATIONS.template()];
