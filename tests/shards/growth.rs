//! Adds a shard to three, and checks which tenants move.

use std::collections::BTreeMap;

use super::*;

type Tenant = (String, String);

/// The shard of each tenant.
async fn owners(vendors: &Vendors, total: u16) -> BTreeMap<Tenant, u16> {
    let mut owners = BTreeMap::new();
    for index in 0..total {
        let exporter = Exporter::start(&vendors.config().for_shard(shard(index, total))).await;
        let scrape = listed(&exporter).await;
        exporter.stop().await;
        for tenant in tenants(&scrape) {
            let other = owners.insert(tenant.clone(), index);
            assert_eq!(other, None, "{tenant:?} is in shard {index} as well");
        }
    }
    owners
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fourth_shard_takes_about_a_quarter_and_no_other_tenant_moves() {
    let vendors = Vendors::start(100).await;
    let (three, four) = (owners(&vendors, 3).await, owners(&vendors, 4).await);
    assert!(three.keys().eq(four.keys()), "no tenant is lost");
    let moved: Vec<_> = three.keys().filter(|tenant| three[*tenant] != four[*tenant]).collect();
    assert!(moved.iter().all(|tenant| four[*tenant] == 3), "{moved:?}");
    let share = moved.len() as f64 / three.len() as f64;
    assert!(three.len() > 150 && (0.15..=0.35).contains(&share), "{share} of {}", three.len());
}
