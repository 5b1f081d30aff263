//! Lists the generated names of customers.

use super::Quirk;

/// The first organizations of every fleet: name, quirk and number of mailboxes.
pub(super) const NAMED: &[(&str, Quirk, u16)] = &[
    ("Harbor Dental Group", Quirk::Healthy, 42),
    ("Alpine Freight & Logistics", Quirk::Healthy, 118),
    ("Bright Minds Academy", Quirk::GoogleWorkspace, 85),
    ("Stale Creek Dental", Quirk::LateMailboxes, 36),
    ("Riverside Veterinary Clinic", Quirk::Healthy, 24),
    ("Northgate Law LLP", Quirk::FailingText, 64),
    ("Beacon Credit Union", Quirk::Healthy, 156),
    ("Brookfield Accounting", Quirk::FailingObject, 28),
    ("Fresh Start Bakery", Quirk::NeverBackedUp, 12),
    ("Kingfisher Marine", Quirk::Healthy, 33),
    ("Coastal Realty Partners", Quirk::Suspended, 31),
    ("Old Mill Furniture", Quirk::Deactivated, 17),
    ("Redwood Architects", Quirk::Healthy, 58),
    ("Quota & Partners Law", Quirk::OverSeats, 55),
    ("Summit Insurance Brokers", Quirk::ForbiddenProducts, 47),
    ("Maple Leaf Landscaping", Quirk::MissingProducts, 19),
    ("quo\"ted \\ Söhne", Quirk::QuotedName, 22),
    ("Line\nBreak <script>alert(1)</script>", Quirk::MarkupName, 15),
    ("Blue Fin Seafood [e9fd]", Quirk::TaggedName, 29),
    ("Lighthouse Charity", Quirk::TwinName, 14),
    ("Lighthouse Charity", Quirk::TwinName, 21),
    ("Cedar Grove School District", Quirk::SeveralLogins, 210),
    ("Tri-County Plumbing", Quirk::EmptyTokenLogin, 26),
    ("Forgotten Keys Rental", Quirk::NoToken, 11),
    ("", Quirk::NoName, 18),
    ("Willow Yoga Studios", Quirk::GoogleWorkspace, 14),
    ("Sterling Archive Services", Quirk::Archiver, 40),
    ("Evergreen Dairy Co-op", Quirk::ReconnectDomain, 38),
    ("Pioneer Roofing", Quirk::RecreateDomain, 23),
    ("Launchpad Robotics", Quirk::QueuedDomain, 16),
    ("Mosaic Media House", Quirk::UndocumentedDomain, 34),
    ("Granite Construction Supply", Quirk::EmptyMail, 44),
    ("Fairview Hospitality", Quirk::DeactivatedMailboxes, 72),
    ("Lakeside Pharmacy", Quirk::DeletedAccounts, 27),
    ("Ironwood Manufacturing", Quirk::ConnectionFailures, 93),
    ("Sunrise Home Care", Quirk::Invites, 30),
    ("Metro Transit Authority", Quirk::DelegatedUsers, 240),
    ("Heritage Museum Trust", Quirk::RetentionPolicies, 35),
    ("Continental Steel Works", Quirk::ManyMailboxes, 640),
    ("Twenty-Five Coffee Roasters", Quirk::ExactlyOnePage, 25),
    ("Twenty-Six Street Bikes", Quirk::OnePageAndOneRow, 26),
    ("Copper Kettle Brewing", Quirk::NullFields, 20),
    ("Orchard Street Pediatrics", Quirk::StatusWords, 24),
    ("Silent Valley Orchards", Quirk::NoLastBackup, 13),
    ("Cobalt Engineering", Quirk::Healthy, 130),
    ("Prairie Wind Energy", Quirk::Healthy, 76),
    ("Juniper Wellness", Quirk::Healthy, 18),
    ("Atlas Moving & Storage", Quirk::UnusedSeats, 52),
    ("Crescent Publishing", Quirk::ShortOfSeats, 61),
    ("Oakridge Family Medicine", Quirk::StoppedDrives, 87),
];

/// Beginnings of generated organizations' names.
#[rustfmt::skip]
pub(super) const PLACES: &[&str] = &[
    "Ashford", "Bayside", "Birchwood", "Clearwater", "Dunmore", "Eastgate", "Falcon", "Glenview", "Hillcrest",
    "Juniper", "Keystone", "Larkspur", "Meridian", "Northfield", "Oakdale", "Parkside", "Quarry", "Ridgeline",
    "Silverton", "Timberline", "Union", "Valley", "Westbrook", "Yarrow",
];

/// Endings of generated organizations' names.
#[rustfmt::skip]
pub(super) const TRADES: &[&str] = &[
    "Accounting", "Architects", "Auto Repair", "Bakery", "Builders", "Care Homes", "Consulting", "Dental", "Electric",
    "Engineering", "Farms", "Freight", "Hotels", "Insurance", "Law", "Logistics", "Media", "Optics", "Pharmacy",
    "Plumbing", "Realty", "Schools", "Textiles", "Wholesale",
];
