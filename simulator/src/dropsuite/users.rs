//! Renders the reseller's own view: logins, one subscription, plans and support links.

use serde_json::{Value, json};

use super::call::{Answer, Call, Outcome};
use super::refusal::Refusal;
use crate::dropsuite::fleet::{Login, Organization};
use crate::random::{draw, letters, uuid};

/// `GET /users`.
pub(super) fn list(call: &Call<'_>) -> Outcome {
    let envelope = call.shapes.users;
    let row = |row| {
        let (organization, login) = call.fleet.login(row);
        subscription(call, organization, &login, call.shapes.counters_in_users)
    };
    let total = call.fleet.login_count();
    if call.query.get("email").is_none() && call.query.get("external_id").is_none() {
        return call.list(envelope, total, row);
    }
    let chosen: Vec<_> = (0..total)
        .filter(|&row| {
            let (organization, login) = call.fleet.login(row);
            call.query.allows("email", &[Some(&login.email)])
                && call.query.allows("external_id", &[organization.external_id().as_deref()])
        })
        .collect();
    call.list_of(envelope, &chosen, row)
}

/// `GET /users/{id}`; the document has 201 as its success code.
pub(super) fn one(call: &Call<'_>) -> Outcome {
    let id = call.login_id().ok_or(Refusal::InvalidUser)?;
    let (organization, login) = call.fleet.by_login(id).ok_or(Refusal::InvalidUser)?;
    Answer::created(subscription(call, organization, &login, true))
}

/// `GET /users/generate_support_sso_link`.
pub(super) fn support_link(call: &Call<'_>) -> Outcome {
    call.query.get("email").ok_or(Refusal::InvalidParameter("email"))?;
    Answer::created(call.sign_on_link("sign_in", &support_key(call.fleet.seed())))
}

/// The secret part of a support link.
pub(super) fn support_key(seed: u64) -> String {
    let random = &mut draw(seed, "support link", 0);
    format!("{}/{}=", uuid(random), letters(random, 43))
}

/// `GET /plans`.
pub(super) fn plans(_: &Call<'_>) -> Outcome {
    let plan = |id: &str, name: &str, amount: &str, product: &str| {
        json!({
            "id": id, "name": name, "currency": "USD", "data_storage": "unlimited", "periodicity": "monthly",
            "amount": amount, "product_type": product,
        })
    };
    let plans = json!([
        plan("163847-14", "Business Backup", "2.50", "res_backup"),
        plan("163848-14", "Business Backup Plus", "3.25", "res_backup"),
        plan("163850-14", "Email Archiver", "4.00", "res_archive"),
    ]);
    Ok(plans.into())
}

fn subscription(call: &Call<'_>, organization: &Organization, login: &Login, counters: bool) -> Value {
    let used = organization.seats_used();
    let mut row = json!({
        "id": login.id,
        "email": login.email,
        "authentication_token": login.token,
        "organization_id": organization.organization_id(),
        "plan_id": organization.plan_id(),
        "reseller_token": call.reseller_token,
        "notification_email": [login.email],
        "external_id": organization.external_id(),
        "is_business": true,
        "admin": login.admin,
        "customer_deactivated": organization.quirks().deactivated,
        "seats_used": used,
        "seats_available": organization.seats_available(),
        "storage_used": 0,
        "storage_available": 0,
        "archive": organization.is_archiver(),
        "backup_summary": null,
        "login_disabled": organization.quirks().suspended,
        "flg_suspended": organization.quirks().suspended,
    });
    if !organization.name().is_empty() {
        row["organization_name"] = organization.name().into();
    }
    if counters {
        row["auto_license"] = organization.is_licensed_automatically().into();
        row["deactivated_seats"] = organization.departed().into();
        row["active_seats"] = used.into();
        row["required_seats"] = organization.seats_required().into();
        row["paid_shared_mailboxes"] = (used / 20).into();
        row["free_shared_mailboxes"] = (used / 8).into();
    }
    row
}
