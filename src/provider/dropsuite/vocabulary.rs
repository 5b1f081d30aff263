//! Lists Dropsuite's fields and their contents; the conversion defines which words are known.

use super::{convert, endpoints, wire};
use crate::provider::field::{Count, Field, Text};
use crate::provider::note::Notes;
use crate::provider::vocabulary::{Recognized, Role};

/// The fields of the vendor's document, of its paging and of what live clients see.
#[rustfmt::skip]
pub(in crate::provider) const FIELDS: &[(&str, Role)] = &[
    ("id", Role::Id), ("organization_id", Role::Id), ("plan_id", Role::Id), ("drive_account_id", Role::Id),
    ("email_account_id", Role::Id), ("account_id", Role::Id), ("domain_id", Role::Id), ("external_id", Role::Id),
    ("tenant_id", Role::Id),
    ("authentication_token", Role::Secret), ("reseller_token", Role::Secret),
    ("seats_used", Role::Count), ("seats_available", Role::Count), ("active_seats", Role::Count),
    ("deactivated_seats", Role::Count), ("required_seats", Role::Count), ("paid_shared_mailboxes", Role::Count),
    ("free_shared_mailboxes", Role::Count), ("total_users", Role::Count), ("site_count", Role::Count),
    ("group_count", Role::Count), ("period_number", Role::Count),
    ("current_page", Role::Count), ("per_page", Role::Count), ("next_page", Role::Count), ("prev_page", Role::Count),
    ("total_entries", Role::Count), ("total_pages", Role::Count), ("api_version", Role::Count), ("page", Role::Count),
    ("storage", Role::Amount), ("msg_count", Role::Amount), ("calendar_schedule_count", Role::Amount),
    ("contact_count", Role::Amount), ("task_count", Role::Amount), ("file_count", Role::Amount),
    ("storage_used", Role::Amount), ("storage_available", Role::Amount), ("total_storage_used", Role::Amount),
    ("next_url", Role::Link), ("prev_url", Role::Link), ("next_link", Role::Link),
    ("current_backup_status", Role::Word(status)), ("type", Role::Word(directory)),
    ("status", Role::Word(account_state)), ("tenant_status", Role::Word(account_state)),
    ("expire", Role::WordOrTime(expiry)), ("period_unit", Role::Word(period_unit)),
    ("result_set", Role::Other), ("data", Role::Other), ("pagination", Role::Other), ("user", Role::Other),
    ("errors", Role::Other), ("error", Role::Other), ("message", Role::Other), ("code", Role::Other),
    ("organization_name", Role::Other), ("admin", Role::Other), ("archive", Role::Other),
    ("customer_deactivated", Role::Other), ("flg_suspended", Role::Other), ("login_disabled", Role::Other),
    ("is_business", Role::Other), ("backup_summary", Role::Other), ("notification_email", Role::Other),
    ("last_backup", Role::Time), ("deactivated_since", Role::Time), ("active", Role::Other),
    ("flg_deleted", Role::Other), ("domain", Role::Other), ("email", Role::Other), ("upn", Role::Other),
    ("mailbox", Role::Other), ("licensed", Role::Other), ("added_on", Role::Time), ("created_at", Role::Time),
    ("updated_at", Role::Time), ("last_activity", Role::Time), ("last_sent_at", Role::Time),
    ("display_name", Role::Other), ("username", Role::Other), ("name", Role::Other), ("requester_email", Role::Other),
    ("domain_name", Role::Other), ("sd_domain", Role::Other), ("sp_site", Role::Other), ("group_name", Role::Other),
    ("group_type", Role::Other), ("sd_drive", Role::Other), ("delta_link", Role::Other),
    ("last_sd_domain_backup_id", Role::Other), ("gd_tenant", Role::Other), ("gd_drive_type", Role::Other),
    ("role", Role::Other), ("login_enabled", Role::Other), ("activated", Role::Other),
    ("retention_type", Role::Other), ("item_ids", Role::Other), ("managed_domain", Role::Other),
    ("auto_license", Role::Other),
];

/// Whether a conversion takes a word without a note.
fn quietly<T>(convert: impl FnOnce(&mut Notes) -> T) -> Recognized {
    let mut notes = Notes::new(endpoints::USERS);
    convert(&mut notes);
    Recognized::when(notes.into_drift().is_empty())
}

fn text(word: &str) -> Field<Text> {
    Field::Value(Text(word.to_owned()))
}

fn status(word: &str) -> Recognized {
    match quietly(|notes| convert::status_word(word, notes)) {
        Recognized::Unknown if convert::sounds_like_failure(word) => Recognized::Failure,
        recognized => recognized,
    }
}

fn directory(word: &str) -> Recognized {
    let (domain, status) = (text("domain.example"), Field::Value(Count(7)));
    let record = wire::ConnectedDomain { domain, status, r#type: text(word), ..wire::ConnectedDomain::default() };
    quietly(|notes| convert::connected_domain(&record, notes))
}

/// Google's accounts have the most words.
fn account_state(word: &str) -> Recognized {
    let record = wire::DomainAccount { status: text(word), r#type: text("gws"), ..wire::DomainAccount::default() };
    quietly(|notes| convert::account_state(&Ok(record), notes))
}

fn expiry(word: &str) -> Recognized {
    let record = wire::Invite { expire: text(word), ..wire::Invite::default() };
    Recognized::when(!convert::invite_is_pending(&Ok(record), &mut Notes::new(endpoints::INVITES)))
}

fn period_unit(word: &str) -> Recognized {
    let record = wire::RetentionPolicy {
        period_number: Field::Value(Count(1)),
        period_unit: text(word),
        ..wire::RetentionPolicy::default()
    };
    quietly(|notes| convert::retention_period(&Ok(record), notes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::vocabulary::tests::fields_of;

    #[test]
    fn every_field_that_is_read_is_listed() {
        let read = [
            fields_of::<wire::User>(),
            fields_of::<wire::Resource>(),
            fields_of::<wire::ProductDomain>(),
            fields_of::<wire::ConnectedDomain>(),
            fields_of::<wire::DomainAccount>(),
            fields_of::<wire::Counted>(),
            fields_of::<wire::Invite>(),
            fields_of::<wire::RetentionPolicy>(),
        ];
        for field in read.concat() {
            assert!(FIELDS.iter().any(|(name, _)| *name == field), "{field}");
        }
    }

    #[test]
    fn only_words_that_the_conversion_knows_are_known() {
        for (recognize, word, expected) in [
            (status as fn(&str) -> Recognized, "Preparing Backup", Recognized::Known),
            (status, "Warming Up", Recognized::Unknown),
            (status, "Sync Failed", Recognized::Failure),
            (directory, "m365", Recognized::Known),
            (directory, "zoho", Recognized::Unknown),
            (account_state, "suspended", Recognized::Known),
            (account_state, "resting", Recognized::Unknown),
            (expiry, "Expired", Recognized::Known),
            (expiry, "Ada", Recognized::Unknown),
            (period_unit, "years", Recognized::Known),
            (period_unit, "moons", Recognized::Unknown),
        ] {
            assert_eq!(recognize(word), expected, "{word}");
        }
    }
}
