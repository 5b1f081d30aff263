//! Renders the connected domains and every account in them, protected or not.

use serde_json::json;

use super::call::{Call, Outcome};
use super::refusal::Refusal;
use super::shapes::Envelope;
use crate::dropsuite::fleet::{Organization, SUITE_GOOGLE, SUITE_MICROSOFT};
use crate::random::draw;
use crate::text::microseconds;

const DAY: i64 = 86_400_000;

/// `GET /users/{id}/tenants`.
pub(super) fn list(call: &Call<'_>, organization: &Organization) -> Outcome {
    let suite = call.query.get("type");
    if suite.is_some_and(|suite| suite != SUITE_MICROSOFT && suite != SUITE_GOOGLE) {
        return Err(Refusal::InvalidType);
    }
    let names = organization.connected_domains();
    let total = if suite.is_none_or(|suite| suite == organization.suite()) { names.len() } else { 0 };
    call.list(Envelope::Data, total, |domain| {
        json!({
            "id": tenant_id(organization, domain),
            "organization_id": organization.organization_id(),
            "created_at": microseconds(created(call, organization)),
            "updated_at": microseconds(call.moment.now.div_euclid(DAY) * DAY),
            "domain": names[domain],
            "status": organization.quirks().domain_status,
            "total_users": organization.domain_accounts(domain),
            "type": organization.suite(),
        })
    })
}

/// `GET /users/{id}/tenants/{tenant_id}/accounts`.
pub(super) fn accounts(call: &Call<'_>, organization: &Organization) -> Outcome {
    if call.query.get("type") != Some(organization.suite()) {
        return Err(Refusal::InvalidCredentials);
    }
    let id = call.number(1);
    let domain =
        (0..organization.connected_domains().len()).find(|&domain| id == Some(tenant_id(organization, domain)));
    let domain = domain.ok_or(Refusal::InvalidCredentials)?;
    let chosen: Vec<_> = (0..organization.domain_accounts(domain))
        .filter(|&index| {
            call.query.get("status").is_none()
                || call.query.allows("status", &[organization.protectable_account(domain, index).status])
        })
        .collect();
    call.list_of(Envelope::Data, &chosen, |index| {
        let account = organization.protectable_account(domain, index);
        json!({
            "name": account.name,
            "email": account.email,
            "upn": account.upn,
            "mailbox": account.mailbox,
            "licensed": account.licensed,
            "status": account.status,
            "type": organization.suite(),
            "tenant_status": account.tenant_status,
            "created_at": microseconds(created(call, organization)),
            "updated_at": microseconds(call.moment.now.div_euclid(DAY) * DAY),
        })
    })
}

fn created(call: &Call<'_>, organization: &Organization) -> i64 {
    call.moment.origin - draw(organization.seed(), "connected", 0).i64(1..900) * DAY
}

fn tenant_id(organization: &Organization, domain: usize) -> usize {
    13_000 + organization.index() * 16 + domain
}
