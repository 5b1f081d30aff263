//! Defines the API endpoints.

use crate::provider::endpoint::Endpoint;

pub(super) const DOMAINS: Endpoint = Endpoint::new("/v1/saas/domains");
pub(super) const SEATS: Endpoint = Endpoint::new("/v1/saas/{saasCustomerId}/seats");
/// Missing in the published description, and the only source of backup freshness.
pub(super) const APPLICATIONS: Endpoint = Endpoint::new("/v1/saas/{saasCustomerId}/applications");

/// All endpoint templates.
pub(in crate::provider) const ENDPOINTS: &[&str] = &[DOMAINS.template(), SEATS.template(), APPLICATIONS.template()];
