//! Renders what an organization's administrator manages: delegates, policies, journals and links.

use serde_json::{Value, json};

use super::call::{Answer, Call, Outcome};
use super::refusal::Refusal;
use super::shapes::Envelope;
use crate::dropsuite::fleet::Organization;
use crate::random::draw;
use crate::text::{microseconds, milliseconds};

const DAY: i64 = 86_400_000;

const ROLES: &[&str] = &[
    "full_admin",
    "it_admin",
    "restricted_it_admin",
    "group_admin",
    "user",
    "user_read_only",
    // Spelled so in the document.
    "compliance_and_review_offocer",
    "reviewer",
    "limited_reviewer",
    "dpo",
];

const POLICY_TYPES: &[&str] = &[
    "default_domain",
    "email_account",
    "all_email_accounts",
    "department",
    "saved_search",
    "message",
    // Listed with a space, seen in a sample with an underscore.
    "review_process",
    "site",
    "all_sites",
];

/// `GET /users/{id}/delegated`.
pub(super) fn delegated(call: &Call<'_>, organization: &Organization) -> Outcome {
    call.list(call.shapes.delegated, organization.delegated_users(), |index| {
        let created = call.moment.origin - (index as i64 % 700 + 1) * DAY;
        json!({
            "id": login_like_id(organization, index),
            "email": organization.delegated_email(index),
            "role": ROLES[index % ROLES.len()],
            "login_enabled": index % 3 != 0,
            "activated": index % 5 != 0,
            "authentication_token": organization.delegated_token(index),
            "created_at": microseconds(created),
            "updated_at": microseconds(created + DAY / 2),
        })
    })
}

/// `GET /users/{id}/retention_policies`.
pub(super) fn retention_policies(call: &Call<'_>, organization: &Organization) -> Outcome {
    let wanted = call.query.get("type").map(|text| text.replace(' ', "_"));
    if wanted.as_deref().is_some_and(|wanted| !POLICY_TYPES.contains(&wanted)) {
        return Err(Refusal::InvalidType);
    }
    let kind = |index: usize| POLICY_TYPES[index % POLICY_TYPES.len()];
    let chosen: Vec<_> = (0..organization.retention_policies())
        .filter(|&index| wanted.as_deref().is_none_or(|wanted| wanted == kind(index)))
        .collect();
    let (account, _) = split_login_id(organization);
    call.list_of(Envelope::Data, &chosen, |index| {
        let (number, unit) = [(90, "days"), (14, "months"), (7, "years")][index % 3];
        let created = microseconds(call.moment.origin - (index as i64 % 400 + 1) * DAY);
        let covers_all = kind(index).starts_with("all_");
        let accounts: Vec<_> = (0..3).map(|item| login_like_id(organization, 500 + item)).collect();
        json!({
            "id": 2_000 + organization.index() * 256 + index,
            "name": organization.policy_name(index),
            "retention_type": kind(index),
            "item_ids": (!covers_all).then_some(accounts),
            "account_id": account,
            "organization_id": organization.organization_id(),
            "created_at": created,
            "updated_at": created,
            "period_number": number + index / 3,
            "period_unit": unit,
        })
    })
}

/// `GET /users/{id}/generate_sso_link` and `GET /users/generate_redirect_link`; the document calls `role` required and
/// optional.
pub(super) fn sign_on_link(call: &Call<'_>, organization: &Organization) -> Outcome {
    if call.query.get("role").is_some_and(|role| !ROLES.contains(&role)) {
        return Err(Refusal::InvalidParameter("role"));
    }
    Ok(call.sign_on_link("en", &organization.sign_on_key()).into())
}

/// `GET /users/sub_users`.
pub(super) fn sub_users(call: &Call<'_>, organization: &Organization) -> Outcome {
    let rows = call.list(Envelope::Whole, organization.sub_users(), |index| {
        json!({
            "id": login_like_id(organization, 900 + index),
            "email": organization.sub_user_email(index),
            "authentication_token": organization.sub_user_token(index),
            "current_role": if index == 0 { "User View And Restore" } else { "IT Admin" },
        })
    });
    rows.and_then(|answer| Answer::created(answer.body))
}

/// `GET /users/hosted_exchange`.
pub(super) fn hosted_exchange(call: &Call<'_>, organization: &Organization) -> Outcome {
    let id = call.query.get("exchange_request_id").and_then(|id| id.parse::<u32>().ok());
    let id = id.ok_or(Refusal::InvalidParameter("exchange_request_id"))?;
    let created = milliseconds(call.moment.origin - draw(organization.seed(), "exchange", 0).i64(1..300) * DAY);
    let body = json!({
        "exchange_request_id": id, "status": "completed", "error_message": null, "created_at": created,
        "updated_at": created,
    });
    Ok(body.into())
}

/// `GET /journals`: of the archiver alone.
pub(super) fn journals(call: &Call<'_>, organization: &Organization) -> Outcome {
    let email = archived(organization, organization.journal_email())?;
    let mut row = json!({"id": organization.index() + 1, "email": email});
    if call.shapes.journals == Envelope::Whole {
        row["organization_id"] = organization.organization_id().into();
        row["added_on"] = milliseconds(call.moment.origin - 200 * DAY).into();
    }
    call.list(call.shapes.journals, 1, |_| row.clone())
}

/// `GET /ndr_journals`: of the archiver alone.
pub(super) fn ndr_journals(_: &Call<'_>, organization: &Organization) -> Outcome {
    let email = archived(organization, organization.ndr_journal_email())?;
    Ok(json!({"id": organization.index() + 1, "email": email}).into())
}

fn archived(organization: &Organization, email: String) -> Result<Value, Refusal> {
    if organization.is_archiver() { Ok(email.into()) } else { Err(Refusal::NotLicensed) }
}

/// An id in the form of a login's that no login has.
fn login_like_id(organization: &Organization, index: usize) -> String {
    let (_, suffix) = split_login_id(organization);
    format!("{}-{suffix}", 5_000_000 + organization.index() * 1_024 + index)
}

fn split_login_id(organization: &Organization) -> (u64, String) {
    let id = organization.login_id();
    let (number, suffix) = id.split_once('-').unwrap_or((&id, "6"));
    (number.parse().unwrap_or_default(), suffix.to_owned())
}
