//! Makes one page: the totals, and the requested tenants in order, a limited number at a time.

use std::cmp::Reverse;

use super::counts::Counts;
use super::query::{Query, Sort};
use super::source::SourceRow;
use super::tenant::TenantRow;
use crate::domain::Timestamp;
use crate::domain::shard::Shard;
use crate::store::Published;

/// Tenants on one page: what a browser shows at once, and a person scrolls through.
pub(super) const PAGE_SIZE: usize = 200;

/// What is shown.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// When it was made.
    pub now: Timestamp,
    /// Whose tenants these are: those of other shards are nowhere on the page.
    pub shard: Shard,
    /// What was asked for; its page is one that exists.
    pub query: Query,
    /// How all tenants are, whatever was asked for.
    pub counts: Counts,
    /// Every source, in the order of the configuration.
    pub sources: Vec<SourceRow<'a>>,
    /// How many tenants are as was asked for.
    pub matching: usize,
    /// How many pages these fill; at least one.
    pub pages: usize,
    /// Those of this page.
    pub tenants: Vec<TenantRow<'a>>,
}

impl<'a> Page<'a> {
    /// The page that was asked for, or the last where there are not so many.
    #[must_use]
    pub fn new(published: &'a [Published], query: &Query, now: Timestamp) -> Self {
        let mut rows = Vec::new();
        let mut sources = Vec::with_capacity(published.len());
        let name_part = query.tenant.to_lowercase();
        for source in published {
            let mut counts = Counts::default();
            for tenant in source.state.tenants.values() {
                let row = TenantRow::new(source, tenant, now);
                counts.add(&row);
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
        Self { now, shard, query: query.on_page(page), counts, sources, matching, pages, tenants }
    }

    /// The same for one of several exporters that split the tenants.
    #[must_use]
    pub fn of_shard(self, shard: Shard) -> Self {
        Self { shard, ..self }
    }
}

/// Ties are broken by name and then by id, so that a page shows the same when it is loaded again.
fn sort(rows: &mut [TenantRow<'_>], order: Sort) {
    let name = |row: &TenantRow<'_>| row.tenant.display_name().to_lowercase();
    rows.sort_by_cached_key(|row| (name(row), row.source.state.identity.clone(), row.tenant.tenant.id.clone()));
    match order {
        Sort::Name => {}
        Sort::State => rows.sort_by_cached_key(TenantRow::severity),
        // A tenant with a part that was never observed stands before all whose parts are merely old.
        Sort::Age => rows.sort_by_key(|row| (Reverse(row.parts_without_value > 0), row.oldest.map(|(_, at)| at))),
        Sort::Next => rows.sort_by_key(|row| row.next.order()),
    }
}
