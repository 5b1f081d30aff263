//! Keeps the ids of known tenants stable, even if the logins that they derive from change.

use std::collections::BTreeMap;

use super::Listed;
use crate::domain::{SourceState, TenantId};

/// Renames listed tenants to the ids in `state`: an organization keeps its id while it is known, even if the login
/// behind the id is gone.
#[must_use]
pub fn under_known_ids(listed: Vec<Listed>, state: &SourceState) -> Vec<Listed> {
    let known: BTreeMap<&str, &TenantId> = state
        .tenants
        .values()
        .filter_map(|known| Some((known.tenant.organization_id.as_deref()?, &known.tenant.id)))
        .collect();
    // An id that now belongs to another organization cannot be kept.
    let taken: BTreeMap<TenantId, Option<String>> =
        listed.iter().map(|listed| (listed.id().clone(), listed.organization().map(ToOwned::to_owned))).collect();
    let rename = |listed: Listed| {
        let id = listed.organization().and_then(|organization| known.get(organization).copied());
        match id.filter(|id| taken.get(id).is_none_or(|owner| owner.as_deref() == listed.organization())) {
            Some(id) => listed.known_as(id),
            None => listed,
        }
    };
    listed.into_iter().map(rename).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::domain::{Event, Listing, Objectives, Policy, Provider, SourceIdentity, Tenant, Timestamp};
    use crate::provider::Target;

    /// A listed organization: its id, and the number behind it where the listing gives one.
    fn listed(id: &str, organization: Option<&str>) -> Listed {
        let organization_id = organization.map(ToOwned::to_owned);
        let tenant = Tenant { id: id.into(), organization_id, ..Tenant::default() };
        Listed { tenant: Arc::new(tenant), target: Target::test(id) }
    }

    fn knowing(tenants: &[(&str, Option<&str>)]) -> SourceState {
        let policy =
            Policy { stale_after: Duration::from_secs(1), workloads: Vec::new(), objectives: Objectives::default() };
        let identity = SourceIdentity { provider: Provider::Dropsuite, name: "us".into() };
        let tenants = tenants.iter().map(|(id, organization)| listed(id, *organization).tenant).collect();
        let listing = Event::Listed(Ok(Listing { tenants, ..Listing::default() }));
        SourceState::new(identity, Arc::new(policy)).advance(listing, Timestamp::from_millis(0))
    }

    #[test]
    fn an_organization_keeps_its_id_while_it_is_known() {
        let known = knowing(&[("7-1", Some("100")), ("9-1", Some("200")), ("11-1", None)]);
        for (rows, expected) in [
            // Its administrator changed, and so did the smallest id of its logins.
            (vec![("8-1", Some("100"))], vec!["7-1"]),
            (vec![("7-1", Some("100"))], vec!["7-1"]),
            // Two changed at once, each into the other's former order.
            (vec![("10-1", Some("200")), ("8-1", Some("100"))], vec!["9-1", "7-1"]),
            // The login went over to another organization, which is named by it from now on.
            (vec![("7-1", Some("300")), ("8-1", Some("100"))], vec!["7-1", "8-1"]),
            // Two organizations that exchanged their logins.
            (vec![("9-1", Some("100")), ("7-1", Some("200"))], vec!["9-1", "7-1"]),
            // The login has no organization, or had none before.
            (vec![("8-1", None)], vec!["8-1"]),
            (vec![("11-1", Some("400"))], vec!["11-1"]),
            (vec![("12-1", Some("500"))], vec!["12-1"]),
        ] {
            let rows: Vec<_> = rows.into_iter().map(|(id, organization)| listed(id, organization)).collect();
            let targets: Vec<_> = rows.iter().map(|row| format!("{:?}", row.target)).collect();
            let found = under_known_ids(rows, &known);
            assert_eq!(found.iter().map(|row| row.id().as_str()).collect::<Vec<_>>(), expected);
            assert!(found.iter().map(|row| format!("{:?}", row.target)).eq(targets), "each is asked as it is listed");
        }
    }
}
