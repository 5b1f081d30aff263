//! Lists the endpoints of the vendor's document: path, tokens, renderer.

use super::call::{Call, Outcome};
use super::fleet::Organization;
use super::refusal::Refusal;
use super::shapes::{Envelope, Shapes};
use super::{accounts, drives, lifecycle, reference, spaces, tenants, users};

/// One endpoint.
#[derive(Debug)]
pub(super) struct Route {
    /// The path below `/api`, as the document writes it and faults are aimed.
    pub(super) template: &'static str,
    pub(super) access: Access,
}

type Render = fn(&Call<'_>) -> Outcome;
type RenderFor = fn(&Call<'_>, &Organization) -> Outcome;

/// Which tokens an endpoint wants, and what renders its answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    /// The reseller token is enough.
    Reseller(Render),
    /// The admin token.
    Admin(Render),
    /// An organization's token; the admin token gets an empty list in this envelope, not an error.
    Product(fn(&Shapes) -> Envelope, RenderFor),
    /// An organization's token.
    Organization(RenderFor),
    /// The token of the organization that the path names, and the refusal of the admin's and of unknown tokens.
    Owner(RenderFor, Refusal),
}

use Access::{Admin, Organization as Own, Owner, Product, Reseller};
use Refusal::{NotAuthorized, Unauthorized};

/// Every endpoint of the document.
#[rustfmt::skip]
pub(super) const ROUTES: &[Route] = &[
    route("/journals", Own(lifecycle::journals)),
    route("/ndr_journals", Own(lifecycle::ndr_journals)),
    route("/calendars", Product(|shapes| shapes.drives, drives::calendars)),
    route("/contacts", Product(|shapes| shapes.drives, drives::contacts)),
    route("/tasks", Product(|shapes| shapes.drives, drives::tasks)),
    route("/onedrives", Product(|shapes| shapes.drives, drives::onedrives)),
    route("/sharepoints/domains", Product(|shapes| shapes.drives, spaces::site_domains)),
    route("/sharepoints/domains/{id}/sites", Product(|shapes| shapes.drives, spaces::sites)),
    route("/shareddrives/domains", Product(|shapes| shapes.drives, spaces::drive_domains)),
    route("/shareddrives/domains/{id}/drives", Product(|shapes| shapes.drives, spaces::drives)),
    route("/shareddrives/domains/{id}/drives/{drive_id}/backups", Product(|shapes| shapes.drives, spaces::drive_backups)),
    route("/googledrives", Product(|shapes| shapes.drives, drives::google_drives)),
    route("/teams_and_groups/domains", Product(|shapes| shapes.drives, spaces::team_domains)),
    route("/teams_and_groups/domains/{id}/teams", Product(|shapes| shapes.drives, spaces::teams)),
    route("/accounts", Product(|shapes| shapes.accounts, accounts::list)),
    route("/accounts/deactivated_accounts", Product(|_| Envelope::Whole, accounts::deactivated)),
    route("/accounts/deleted_accounts", Product(|_| Envelope::Whole, accounts::deleted)),
    route("/accounts/connection_failures", Product(|_| Envelope::ResultSet, accounts::connection_failures)),
    route("/accounts/invites", Product(|_| Envelope::Whole, accounts::invites)),
    route("/users/sub_users", Own(lifecycle::sub_users)),
    route("/users/generate_redirect_link", Own(lifecycle::sign_on_link)),
    route("/users/generate_support_sso_link", Admin(users::support_link)),
    route("/users", Admin(users::list)),
    route("/users/hosted_exchange", Own(lifecycle::hosted_exchange)),
    route("/users/{id}", Admin(users::one)),
    route("/users/{id}/delegated", Owner(lifecycle::delegated, NotAuthorized)),
    // A single sign-on link has its own text in the document.
    route("/users/{id}/generate_sso_link", Owner(lifecycle::sign_on_link, Unauthorized)),
    route("/users/{id}/retention_policies", Owner(lifecycle::retention_policies, NotAuthorized)),
    route("/users/{id}/tenants", Owner(tenants::list, NotAuthorized)),
    route("/users/{id}/tenants/{tenant_id}/accounts", Owner(tenants::accounts, NotAuthorized)),
    route("/countries", Reseller(reference::countries)),
    route("/timezones", Reseller(reference::timezones)),
    route("/locales", Reseller(reference::locales)),
    route("/status", Reseller(reference::status)),
    route("/plans", Admin(users::plans)),
];

const fn route(template: &'static str, access: Access) -> Route {
    Route { template, access }
}

impl Route {
    /// The login id in the path of an endpoint below `/users/{id}`.
    pub(super) fn login_id<'a>(&self, path: &'a [String]) -> Option<&'a str> {
        path.first().filter(|_| self.template.starts_with("/users/")).map(String::as_str)
    }
}
