//! Sets up small fleets of known truth, and records the exporter's requests.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::Ipv4Addr;

use saasbackup_exporter::domain::{Part, Provider, Timestamp, Workload};
use saasbackup_exporter::provider::{Credentials, DattoCredentials, DropsuiteCredentials};
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto::{self, ApplicationsShape};
use saasbackup_simulator::dropsuite::{self, Envelope, Shapes};
use strum::IntoEnumIterator as _;

use super::exporter::{Exporter, Round, Scope};
use super::proxy::{Edit, Exchange, Proxy, Upstream};
use super::said::Said;
use super::truth::{self, TenantTruth};

/// When everything happens, for the vendor and for the exporter: 2026-09-21T14:13:20Z.
pub(crate) const NOW: i64 = 1_790_000_000_000;
/// Large enough to hold every named oddity of either vendor.
const NAMED: usize = 48;
const SEED: u64 = 7;

/// One fleet behind a proxy, with the good conversation and what is true.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) name: &'static str,
    pub(crate) proxy: Proxy,
    pub(crate) exporter: Exporter,
    pub(crate) exchanges: Vec<Recorded>,
    pub(crate) truth: BTreeMap<String, TenantTruth>,
    /// What is known after one good round.
    pub(crate) good: Round,
    /// What is said after one good round; it is not the truth, but what has to return.
    pub(crate) said: Said,
    pub(crate) secrets: Secrets,
    /// The lines of the good scrape, in none of which is such a word.
    pub(crate) harmless: HashSet<String>,
    /// Whether more is asked than who the tenants are.
    pub(crate) collects: bool,
    access_token: String,
    /// What is known after the listing alone.
    listed: Round,
    /// Keeps the vendor alive.
    _vendor: Vendor,
}

/// One exchange of the good conversation, and what it is for.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) exchange: Exchange,
    /// The tenant and the parts that need it; `None`: the listing.
    pub(crate) serves: Option<(String, Vec<Part>)>,
    /// Whether it is asked for only once larger pages have been learned.
    pub(crate) is_learned: bool,
}

#[derive(Debug)]
pub(crate) enum Vendor {
    Dropsuite(dropsuite::Server),
    Datto(datto::Server),
}

/// Which tenants of a fleet stay.
enum Chosen<T> {
    /// The first with each of these oddities, and their parts are collected.
    First(Vec<T>),
    /// The first so many, and only listed.
    Listed(usize),
}

impl<T: Copy> Chosen<T> {
    fn oddities(&self) -> impl Iterator<Item = T> {
        let oddities = match self {
            Self::First(oddities) => oddities.as_slice(),
            Self::Listed(_) => &[],
        };
        oddities.iter().copied()
    }
}

/// All worlds.
pub(crate) async fn worlds() -> Vec<World> {
    use dropsuite::fleet::Quirk as Organization;
    use saasbackup_simulator::datto::fleet::Quirk as Customer;
    let bare = Shapes {
        users: Envelope::Whole,
        accounts: Envelope::Whole,
        drives: Envelope::ResultSet,
        journals: Envelope::Whole,
        invites: Envelope::Whole,
        delegated: Envelope::Whole,
        ..Shapes::default()
    };
    let short_pages = Shapes { result_set_limit: 10, drives: Envelope::ResultSet, ..Shapes::default() };
    let no_totals = Shapes {
        users: Envelope::ArrayOfResultSets,
        result_set_limit: 25,
        omits_totals: true,
        drives: Envelope::Data,
        ..Shapes::default()
    };
    let links = Shapes {
        users: Envelope::NextLink,
        accounts: Envelope::NextLink,
        drives: Envelope::NextLink,
        result_set_limit: 10,
        ..Shapes::default()
    };
    let paged = ApplicationsShape::Paged { per_page: std::num::NonZeroUsize::MIN };
    vec![
        organizations(
            "faults",
            Shapes::default(),
            Chosen::First(vec![
                Organization::FailingText,
                Organization::FailingObject,
                Organization::NeverBackedUp,
                Organization::LateMailboxes,
            ]),
        )
        .await,
        organizations(
            "states",
            Shapes::default(),
            Chosen::First(vec![
                Organization::Suspended,
                Organization::Deactivated,
                Organization::ReconnectDomain,
                Organization::OnePageAndOneRow,
                Organization::StatusWords,
            ]),
        )
        .await,
        edited(
            "stopped",
            Chosen::First(vec![Organization::Deactivated]),
            // Everything below it stays deactivated.
            |body| body.replace(r#""customer_deactivated":true"#, r#""customer_deactivated":false"#),
        )
        .await,
        organizations(
            "google",
            Shapes::default(),
            Chosen::First(vec![Organization::GoogleWorkspace, Organization::Archiver, Organization::EmptyTokenLogin]),
        )
        .await,
        organizations(
            "bare",
            bare,
            Chosen::First(vec![
                Organization::FailingObject,
                Organization::DeactivatedMailboxes,
                Organization::MissingProducts,
            ]),
        )
        .await,
        organizations(
            "short-pages",
            short_pages,
            Chosen::First(vec![
                Organization::FailingObject,
                Organization::FailingText,
                Organization::ConnectionFailures,
                Organization::RetentionPolicies,
            ]),
        )
        .await,
        organizations(
            "no-totals",
            no_totals,
            Chosen::First(vec![Organization::FailingObject, Organization::FailingText]),
        )
        .await,
        organizations(
            "evidence",
            Shapes::default(),
            Chosen::First(vec![Organization::FailingDomains, Organization::PublishedWords, Organization::NoAddresses]),
        )
        .await,
        organizations("listing", short_pages, Chosen::Listed(24)).await,
        organizations("listing-with-links", links, Chosen::Listed(24)).await,
        organizations("bare-listing", bare, Chosen::Listed(26)).await,
        organizations("listing-without-totals", no_totals, Chosen::Listed(30)).await,
        customers(
            "faults",
            ApplicationsShape::default(),
            Chosen::First(vec![
                Customer::BehindToday,
                Customer::NotProtectedForDays,
                Customer::NewCustomer,
                Customer::ManyUnprotected,
            ]),
        )
        .await,
        customers(
            "kinds",
            ApplicationsShape::ArrayOfEnvelopes,
            Chosen::First(vec![
                Customer::GoogleWorkspace,
                Customer::SeveralDomains,
                Customer::NumericText,
                Customer::EmptyHistory,
                Customer::EmptySuites,
                Customer::AccessLost,
            ]),
        )
        .await,
        customers(
            "pages",
            paged,
            Chosen::First(vec![Customer::BehindToday, Customer::NotProtectedForDays, Customer::NewCustomer]),
        )
        .await,
        customers(
            "evidence",
            ApplicationsShape::default(),
            Chosen::First(vec![Customer::NullSeatIds, Customer::OnceADay]),
        )
        .await,
    ]
}

async fn organizations(name: &'static str, shapes: Shapes, chosen: Chosen<dropsuite::fleet::Quirk>) -> World {
    serve_organizations(name, shapes, chosen, |body| body).await
}

/// Organizations of which the vendor says something else than the simulator does.
async fn edited(name: &'static str, chosen: Chosen<dropsuite::fleet::Quirk>, edit: Edit) -> World {
    serve_organizations(name, Shapes::default(), chosen, edit).await
}

async fn serve_organizations(
    name: &'static str,
    shapes: Shapes,
    chosen: Chosen<dropsuite::fleet::Quirk>,
    edit: Edit,
) -> World {
    let size = if let Chosen::Listed(count) = chosen { count } else { NAMED };
    let demo = dropsuite::fleet::Fleet::demo(size, SEED);
    let missing = chosen.oddities().filter(|oddity| demo.find(*oddity).is_none());
    let fleet = missing.fold(demo.clone(), |fleet, oddity| fleet.with(oddity));
    let options = dropsuite::Options { shapes, ..dropsuite::Options::new(fleet, Clock::fixed(NOW)) };
    let server = dropsuite::Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
    if let Chosen::First(oddities) = &chosen {
        let mut wanted: BTreeSet<_> = oddities.iter().copied().collect();
        for organization in server.organizations() {
            if !wanted.remove(&organization.quirk) {
                assert_eq!(server.remove_organization(&organization.organization_id.to_string()), 1);
            }
        }
        assert!(wanted.is_empty(), "the fleet has no tenant of {wanted:?}");
    }
    let origin = server.base_url().trim_end_matches("/api").to_owned();
    let upstream = Upstream::dropsuite(origin, &server.reseller_token(), edit);
    let access_token = server.admin_token();
    let mut secrets = server.secrets();
    secrets.push(dropsuite::fleet::PRIVATE_MARKER.to_owned());
    let collects = matches!(chosen, Chosen::First(_));
    World::new(Provider::Dropsuite, name, Vendor::Dropsuite(server), upstream, (access_token, secrets), collects).await
}

async fn customers(name: &'static str, applications: ApplicationsShape, chosen: Chosen<datto::fleet::Quirk>) -> World {
    let size = if let Chosen::Listed(count) = chosen { count } else { NAMED };
    let demo = datto::fleet::Fleet::demo(size, SEED);
    let missing = chosen.oddities().filter(|oddity| demo.find(*oddity).is_none());
    let fleet = missing.fold(demo.clone(), |fleet, oddity| fleet.with(oddity));
    let options = datto::Options { applications, ..datto::Options::new(fleet, Clock::fixed(NOW)) };
    let server = datto::Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
    if let Chosen::First(oddities) = &chosen {
        let mut wanted: BTreeSet<_> = oddities.iter().copied().collect();
        for customer in server.customers() {
            if !wanted.remove(&customer.quirk) {
                assert_eq!(server.remove_customer(&customer.id.to_string()), 1);
            }
        }
        assert!(wanted.is_empty(), "the fleet has no tenant of {wanted:?}");
    }
    let upstream = Upstream::datto(server.base_url(), &server.public_key(), &server.secret_key());
    let mut secrets = server.secrets();
    secrets.push(dropsuite::fleet::PRIVATE_MARKER.to_owned());
    let collects = matches!(chosen, Chosen::First(_));
    World::new(Provider::Datto, name, Vendor::Datto(server), upstream, (String::new(), secrets), collects).await
}

impl World {
    async fn new(
        provider: Provider,
        name: &'static str,
        vendor: Vendor,
        upstream: Upstream,
        (access_token, secrets): (String, Vec<String>),
        collects: bool,
    ) -> Self {
        let proxy = Proxy::start(upstream).await;
        let base_url = match provider {
            Provider::Dropsuite => format!("{}/api", proxy.origin()),
            Provider::Datto => proxy.origin(),
        };
        let now = Timestamp::from_millis(NOW);
        // What is only listed needs no series for each workload.
        let workloads: &[Workload] = if collects { &Workload::iter().collect::<Vec<_>>() } else { &[] };
        let credentials = credentials(provider, "good", &access_token);
        let exporter = Exporter::new(provider, &base_url, &credentials, workloads, now);
        let mut good = exporter.round(exporter.begin(), &Scope { lists: true, parts: BTreeMap::new() }, now).await;
        let listed_only = good.clone();
        let as_listing = |exchange| Recorded { exchange, serves: None, is_learned: false };
        let mut exchanges: Vec<_> = proxy.take_recorded().into_iter().map(as_listing).collect();
        if collects {
            for listed in good.listed.clone() {
                for parts in groups(provider, listed.tenant.parts) {
                    let exporter = exporter.with_credentials(&credentials);
                    for is_learned in [false, true] {
                        good = exporter.collect(good, &listed, &parts, now).await;
                        let serves = Some((listed.id().as_str().to_owned(), parts.clone()));
                        let recorded = |exchange| Recorded { exchange, serves: serves.clone(), is_learned };
                        exchanges.extend(proxy.take_recorded().into_iter().map(recorded));
                    }
                }
            }
        }
        let said = Said::parse(good.exposition());
        let secrets = Secrets::new(secrets);
        // Nearly always the whole scrape is clean, and the lines need no check.
        let is_clean = !secrets.are_in(&said.text);
        let lines = said.text.lines().filter(|line| is_clean || !secrets.are_in(line));
        let harmless = lines.map(str::to_owned).collect();
        let truth = truth::of(&vendor, &exchanges, collects);
        Self {
            provider,
            name,
            proxy,
            exporter,
            exchanges,
            truth,
            good,
            said,
            secrets,
            harmless,
            collects,
            access_token,
            listed: listed_only,
            _vendor: vendor,
        }
    }

    /// What is known after the listing alone, of one tenant or of all.
    pub(crate) fn listed_only(&self, tenant: Option<&str>) -> Round {
        tenant.map_or_else(|| self.listed.clone(), |tenant| self.listed.only(tenant))
    }

    /// What is known after one good round, of one tenant or of all.
    pub(crate) fn known(&self, tenant: Option<&str>) -> Round {
        tenant.map_or_else(|| self.good.clone(), |tenant| self.good.only(tenant))
    }

    /// The exporter under an account of its own.
    pub(crate) fn exporter_as(&self, account: &str) -> Exporter {
        self.exporter.with_credentials(&credentials(self.provider, account, &self.access_token))
    }
}

/// Words that must never be said.
#[derive(Debug)]
pub(crate) struct Secrets {
    /// Tokens in the form of a UUID: looked up, since a fleet has hundreds.
    tokens: HashSet<String>,
    others: Vec<String>,
}

/// The length of a UUID in text.
const UUID: usize = 36;

impl Secrets {
    fn new(all: Vec<String>) -> Self {
        let all = all.into_iter().filter(|secret| !secret.is_empty());
        let (tokens, others): (Vec<_>, Vec<_>) = all.partition(|secret| secret.len() == UUID);
        Self { tokens: tokens.into_iter().collect(), others }
    }

    /// Whether any of them stands in this text.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let is_around = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '-');
        self.others.iter().any(|secret| text.contains(secret.as_str()))
            || text.split(is_around).any(|word| word.len() == UUID && self.tokens.contains(word))
    }
}

/// The parts of a tenant, grouped by what is asked for together.
fn groups(provider: Provider, parts: &[Part]) -> Vec<Vec<Part>> {
    let parts = parts.iter().copied().filter(|part| *part != Part::Listing);
    match provider {
        Provider::Dropsuite => parts.map(|part| vec![part]).collect(),
        Provider::Datto => {
            let (workloads, others): (Vec<_>, Vec<_>) = parts.partition(|part| matches!(part, Part::Workload(_)));
            std::iter::once(workloads).chain(others.into_iter().map(|part| vec![part])).collect()
        }
    }
}

fn credentials(provider: Provider, account: &str, access_token: &str) -> Credentials {
    match provider {
        Provider::Dropsuite => Credentials::Dropsuite(DropsuiteCredentials {
            reseller_token: account.into(),
            access_token: access_token.into(),
        }),
        Provider::Datto => Credentials::Datto(DattoCredentials {
            public_key: account.into(),
            secret_key: "secret-of-the-machine".into(),
        }),
    }
}
