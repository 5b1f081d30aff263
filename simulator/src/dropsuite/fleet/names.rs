//! Lists the invented names: customers, people, sites, teams and drives.

use super::Oddity;

/// Marks every name that belongs to a person, a mailbox, a site, a team, a drive or a policy.
///
/// Such names must never leave the exporter, and with the mark one search finds a leak. Names of organizations and
/// their domains are meant to be seen and do not carry it.
pub const PRIVATE_MARKER: &str = "zqpriv";

/// The first organizations of every fleet: name, oddity and number of mailboxes.
pub(super) const NAMED: &[(&str, Oddity, u16)] = &[
    ("Harbor Dental Group", Oddity::Healthy, 42),
    ("Alpine Freight & Logistics", Oddity::Healthy, 118),
    ("Bright Minds Academy", Oddity::GoogleWorkspace, 85),
    ("Stale Creek Dental", Oddity::LateMailboxes, 36),
    ("Riverside Veterinary Clinic", Oddity::Healthy, 24),
    ("Northgate Law LLP", Oddity::FailingText, 64),
    ("Beacon Credit Union", Oddity::Healthy, 156),
    ("Brookfield Accounting", Oddity::FailingObject, 28),
    ("Fresh Start Bakery", Oddity::NeverBackedUp, 12),
    ("Kingfisher Marine", Oddity::Healthy, 33),
    ("Coastal Realty Partners", Oddity::Suspended, 31),
    ("Old Mill Furniture", Oddity::Deactivated, 17),
    ("Redwood Architects", Oddity::Healthy, 58),
    ("Quota & Partners Law", Oddity::OverSeats, 55),
    ("Summit Insurance Brokers", Oddity::ForbiddenProducts, 47),
    ("Maple Leaf Landscaping", Oddity::MissingProducts, 19),
    ("quo\"ted \\ Söhne", Oddity::QuotedName, 22),
    ("Line\nBreak <script>alert(1)</script>", Oddity::MarkupName, 15),
    ("Blue Fin Seafood [e9fd]", Oddity::TaggedName, 29),
    ("Lighthouse Charity", Oddity::TwinName, 14),
    ("Lighthouse Charity", Oddity::TwinName, 21),
    ("Cedar Grove School District", Oddity::SeveralLogins, 210),
    ("Tri-County Plumbing", Oddity::EmptyTokenLogin, 26),
    ("Forgotten Keys Rental", Oddity::NoToken, 11),
    ("", Oddity::NoName, 18),
    ("Willow Yoga Studios", Oddity::GoogleWorkspace, 14),
    ("Sterling Archive Services", Oddity::Archiver, 40),
    ("Evergreen Dairy Co-op", Oddity::ReconnectDomain, 38),
    ("Pioneer Roofing", Oddity::RecreateDomain, 23),
    ("Launchpad Robotics", Oddity::QueuedDomain, 16),
    ("Mosaic Media House", Oddity::UndocumentedDomain, 34),
    ("Granite Construction Supply", Oddity::EmptyMail, 44),
    ("Fairview Hospitality", Oddity::DeactivatedMailboxes, 72),
    ("Lakeside Pharmacy", Oddity::DeletedAccounts, 27),
    ("Ironwood Manufacturing", Oddity::ConnectionFailures, 93),
    ("Sunrise Home Care", Oddity::Invites, 30),
    ("Metro Transit Authority", Oddity::DelegatedUsers, 240),
    ("Heritage Museum Trust", Oddity::RetentionPolicies, 35),
    ("Continental Steel Works", Oddity::ManyMailboxes, 640),
    ("Twenty-Five Coffee Roasters", Oddity::ExactlyOnePage, 25),
    ("Twenty-Six Street Bikes", Oddity::OnePageAndOneRow, 26),
    ("Copper Kettle Brewing", Oddity::NullFields, 20),
    ("Orchard Street Pediatrics", Oddity::StatusWords, 24),
    ("Silent Valley Orchards", Oddity::NoLastBackup, 13),
    ("Cobalt Engineering", Oddity::Healthy, 130),
    ("Prairie Wind Energy", Oddity::Healthy, 76),
    ("Juniper Wellness", Oddity::Healthy, 18),
    ("Atlas Moving & Storage", Oddity::Healthy, 52),
    ("Crescent Publishing", Oddity::Healthy, 61),
    ("Oakridge Family Medicine", Oddity::Healthy, 87),
];

/// Beginnings of generated organizations' names.
pub(super) const PLACES: &[&str] = &[
    "Ashford",
    "Bayside",
    "Birchwood",
    "Clearwater",
    "Dunmore",
    "Eastgate",
    "Falcon",
    "Glenview",
    "Hillcrest",
    "Juniper",
    "Keystone",
    "Larkspur",
    "Meridian",
    "Northfield",
    "Oakdale",
    "Parkside",
    "Quarry",
    "Ridgeline",
    "Silverton",
    "Timberline",
    "Union",
    "Valley",
    "Westbrook",
    "Yarrow",
];

/// Endings of generated organizations' names.
pub(super) const TRADES: &[&str] = &[
    "Accounting",
    "Architects",
    "Auto Repair",
    "Bakery",
    "Builders",
    "Care Homes",
    "Consulting",
    "Dental",
    "Electric",
    "Engineering",
    "Farms",
    "Freight",
    "Hotels",
    "Insurance",
    "Law",
    "Logistics",
    "Media",
    "Optics",
    "Pharmacy",
    "Plumbing",
    "Realty",
    "Schools",
    "Textiles",
    "Wholesale",
];

/// First names of people.
pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jamal", "Keiko", "Liam", "Maya",
    "Nils", "Olga", "Pedro", "Quinn", "Rosa", "Samir", "Tara", "Uwe", "Vera", "Wayne", "Ximena", "Yusuf", "Zoe",
];

/// Last names of people.
pub(super) const LAST_NAMES: &[&str] = &[
    "Abbott", "Becker", "Chen", "Diaz", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jones", "Khan", "Larsen",
    "Meyer", "Novak", "Okafor", "Patel", "Quist", "Rossi", "Silva", "Tran", "Ueda", "Varga", "Wong", "Young",
];

/// Themes of sites, teams and shared drives.
pub(super) const THEMES: &[&str] = &[
    "Finance",
    "Projects",
    "Human Resources",
    "Marketing",
    "Operations",
    "Board",
    "Sales",
    "Purchasing",
    "Quality",
    "Training",
    "Archive",
    "Reception",
];
