//! Builds one page: the totals, and the requested tenants in order, a limited number at a time.

use std::cmp::Reverse;

use super::counts::Counts;
use super::problems::Problems;
use super::query::{Query, Sort};
use super::source::SourceRow;
use super::tenant::TenantRow;
use crate::domain::Timestamp;
use crate::domain::shard::Shard;
use crate::store::Published;

/// Maximum number of tenants per page.
pub(super) const PAGE_SIZE: usize = 200;

/// The content of a page.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// When it was built.
    pub now: Timestamp,
    /// The shard whose tenants are shown.
    pub shard: Shard,
    /// The query; its page exists.
    pub query: Query,
    /// The number of all tenants by verdict, regardless of the query.
    pub counts: Counts,
    /// The problems of all tenants, regardless of the query.
    pub problems: Problems,
    /// Every source, in the order of the configuration.
    pub sources: Vec<SourceRow<'a>>,
    /// The number of tenants that match the query.
    pub matching: usize,
    /// The number of pages that they fill; at least one.
    pub pages: usize,
    /// The tenants of this page.
    pub tenants: Vec<TenantRow<'a>>,
}

impl<'a> Page<'a> {
    /// The requested page, or the last one if there are fewer.
    #[must_use]
    pub fn new(published: &'a [Published], query: &Query, now: Timestamp) -> Self {
        let mut rows = Vec::new();
        let mut problems = Problems::default();
        let mut sources = Vec::with_capacity(published.len());
        let name_part = query.tenant.to_lowercase();
        for source in published {
            let mut counts = Counts::default();
            for tenant in source.state.tenants.values() {
                let row = TenantRow::new(source, tenant, now);
                counts.add(&row);
                problems.add(&row);
                if row.is_wanted(query, &name_part) {
                    rows.push(row);
                }
            }
            sources.push(SourceRow::new(source, counts, now));
        }
        sort(&mut rows, query.sort);
        let matching = rows.len();
        let pages = matching.div_ceil(PAGE_SIZE).max(1);
        let page = query.page.clamp(1, pages);
        let tenants = rows.into_iter().skip((page - 1) * PAGE_SIZE).take(PAGE_SIZE).collect();
        let counts = sources.iter().filter_map(|source| source.tenants.as_ref()).fold(Counts::default(), Counts::plus);
        let shard = Shard::WHOLE;
        Self { now, shard, query: query.on_page(page), counts, problems, sources, matching, pages, tenants }
    }

    /// The same for one shard.
    #[must_use]
    pub fn of_shard(self, shard: Shard) -> Self {
        Self { shard, ..self }
    }
}

/// Ties are broken by name and then by id, so that reloading a page does not change the order.
fn sort(rows: &mut [TenantRow<'_>], order: Sort) {
    let name = |row: &TenantRow<'_>| row.tenant.display_name().to_lowercase();
    rows.sort_by_cached_key(|row| (name(row), row.source.state.identity.clone(), row.tenant.tenant.id.clone()));
    match order {
        Sort::Name => {}
        Sort::State => rows.sort_by_cached_key(TenantRow::severity),
        // Tenants with a part that was never collected precede those with old data.
        Sort::Age => rows.sort_by_key(|row| (Reverse(row.parts_without_value > 0), row.oldest.map(|(_, at)| at))),
        Sort::Next => rows.sort_by_key(|row| row.next.order()),
    }
}
