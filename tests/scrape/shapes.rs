//! Serves one fleet in every envelope and paging style: the metrics must not depend on them.

use std::collections::BTreeMap;

use saasbackup_exporter::process::clock;
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet::Fleet;
use saasbackup_simulator::dropsuite::{Envelope, Options, PerPage, Shapes};

use super::fleet::without_times;
use crate::support::exporter::{Exporter, patient};
use crate::support::exposition::{Series, differences};
use crate::support::vendor::Vendor;

/// Organizations with lists of many lengths: shorter than, as long as and longer than a page of any style.
const SELECTION: &str =
    "    tenants: { include: [\"^(Harbor|Bright|Cedar|Sterling|Sunrise|Metro|Heritage|Twenty)\"] }\n";

/// Everything said of the selected tenants.
async fn said(clock: &Clock, shapes: Shapes) -> BTreeMap<Series, f64> {
    let options = Options { shapes, ..Options::new(Fleet::demo(60, 7), clock.clone()) };
    let vendor = Vendor::serving(options).await;
    let exporter = Exporter::start(&patient(&vendor.server, SELECTION)).await;
    let scrape = exporter.collected().await;
    exporter.stop().await;
    let said: BTreeMap<_, _> = scrape
        .series()
        .filter(|(series, _)| {
            !series.name.starts_with("saasbackup_exporter_api") && !series.name.starts_with("process")
        })
        .filter(|(series, _)| series.labels.contains_key("tenant_id") || series.name == "saasbackup_exporter_tenants")
        .collect();
    without_times(said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_envelope_and_no_paging_style_changes_what_is_said() {
    let clock = Clock::fixed(clock::now().as_millis());
    let usual = Shapes::default();
    let expected = said(&clock, usual).await;
    assert_eq!(expected.keys().filter(|series| series.name == "saasbackup_tenant_info").count(), 9);
    let variants = [
        Shapes { users: Envelope::Whole, accounts: Envelope::Whole, ..usual },
        Shapes { users: Envelope::ArrayOfResultSets, drives: Envelope::ResultSet, ..usual },
        Shapes { accounts: Envelope::WholeOrObject, drives: Envelope::Data, ..usual },
        Shapes {
            journals: Envelope::Whole,
            invites: Envelope::Whole,
            delegated: Envelope::Whole,
            counters_in_users: false,
            ..usual
        },
        Shapes { ignores_page: true, ..usual },
        Shapes { ignores_page: true, users: Envelope::Whole, drives: Envelope::Data, ..usual },
        Shapes { result_set_limit: 7, drives: Envelope::ResultSet, ..usual },
        Shapes { omits_totals: true, ..usual },
        Shapes { undocumented_per_page: PerPage::Honoured(100), ..usual },
        Shapes { undocumented_per_page: PerPage::Honoured(30), ..usual },
        Shapes { undocumented_per_page: PerPage::Refused, ..usual },
    ];
    for shapes in variants {
        let wrong = differences(&expected, &said(&clock, shapes).await);
        assert!(wrong.is_empty(), "{shapes:#?} changes {} series:\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_pages_without_totals_are_read_to_their_end() {
    let clock = Clock::fixed(clock::now().as_millis());
    let usual = Shapes::default();
    let expected = said(&clock, usual).await;
    for shapes in [
        Shapes { omits_totals: true, drives: Envelope::ResultSet, ..usual },
        Shapes { omits_totals: true, result_set_limit: 20, ..usual },
    ] {
        let wrong = differences(&expected, &said(&clock, shapes).await);
        assert!(wrong.is_empty(), "{shapes:#?} changes {} series:\n{}", wrong.len(), wrong.join("\n"));
    }
}
