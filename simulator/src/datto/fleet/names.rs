//! Lists the generated names of customers.

use super::Quirk;

/// The first customers of every fleet: name, quirk and number of seats.
pub(super) const NAMED: &[(&str, Quirk, u16)] = &[
    ("Anchor Point Physiotherapy", Quirk::Healthy, 24),
    ("Bramble & Thorn Florists", Quirk::Healthy, 9),
    ("Castellan Property Management", Quirk::Healthy, 38),
    ("Delphi Tax Advisors", Quirk::BehindToday, 31),
    ("Emberline Fire Safety", Quirk::NotProtectedForDays, 27),
    ("Foxglove Nurseries", Quirk::NumericText, 18),
    ("Gable & Finch Surveyors", Quirk::Uningested, 33),
    ("Hopscotch Day Nursery", Quirk::NewCustomer, 12),
    ("Inkwell Print Works", Quirk::EmptyHistory, 16),
    ("Ivory Tower Tutoring", Quirk::MissingHistory, 13),
    ("Jubilee Caterers", Quirk::EmptySuites, 7),
    ("Juniper Ridge Cabins", Quirk::EmptyAppTypes, 10),
    ("Kestrel Aviation Services", Quirk::UnknownApp, 36),
    ("Lodestar Analytics", Quirk::UnknownSuite, 29),
    ("Mulberry Lane Clinic", Quirk::UnknownStatus, 19),
    ("Meadowlark Montessori", Quirk::GoogleWorkspace, 34),
    ("Nimbus Outdoor", Quirk::GoogleWorkspace, 72),
    ("Oxbow Holdings", Quirk::SeveralDomains, 40),
    ("Pemberton Estate", Quirk::NoOrganization, 15),
    ("Pike Street Records", Quirk::ShortSubscription, 17),
    ("Quill & Parchment Notaries", Quirk::NoBackupStats, 11),
    ("Rosewater Spa", Quirk::PercentageText, 14),
    ("Saltmarsh Fisheries", Quirk::TimeBasedRetention, 20),
    ("Thistle Brewing", Quirk::ManyUnprotected, 35),
    ("Umber Ceramics", Quirk::ManyPaused, 25),
    ("Vantage Point Recruiting", Quirk::ManyArchived, 39),
    ("Wrenfield Unified Schools", Quirk::ManySeats, 400),
    ("Yonder Travel", Quirk::OutOfScope, 26),
    ("Zoë's \"Best\" \\ Pâtisserie", Quirk::QuotedName, 8),
    ("Tab\tand\nNewline <img src=x>", Quirk::MarkupName, 6),
    ("Twin Rivers Medical", Quirk::TwinName, 21),
    ("Twin Rivers Medical", Quirk::TwinName, 30),
    ("Corner Cobbler", Quirk::Healthy, 3),
    ("Dovetail Joinery", Quirk::Healthy, 5),
    ("Elmhurst Veterinary", Quirk::Healthy, 22),
    ("Fathom Diving School", Quirk::Healthy, 12),
    ("Greywater Engineering", Quirk::Healthy, 41),
    ("Hawthorn Legal", Quirk::Healthy, 64),
    ("Isthmus Shipping", Quirk::Healthy, 150),
    ("Kingsway Motors", Quirk::Healthy, 88),
    ("Lantern Street Theatre", Quirk::Healthy, 32),
    ("Marigold Care Homes", Quirk::Healthy, 210),
    ("Northlight Studios", Quirk::Healthy, 19),
    ("Old Harbour Trust", Quirk::Healthy, 28),
    ("Paragon Steel", Quirk::Healthy, 305),
    ("Quarry Bank Dental", Quirk::AccessLost, 16),
];

/// Beginnings of generated customers' names.
#[rustfmt::skip]
pub(super) const PLACES: &[&str] = &[
    "Abbey", "Barrow", "Cliffside", "Downs", "Ember", "Fenwick", "Grange", "Highfield", "Islay", "Kelso", "Linden",
    "Moorland", "Newhaven", "Orchard", "Priory", "Queensway", "Ravens", "Selby", "Tilbury", "Upland", "Verity",
    "Wharf", "Yew Tree", "Zenith",
];

/// Endings of generated customers' names.
#[rustfmt::skip]
pub(super) const TRADES: &[&str] = &[
    "Analytics", "Bank", "Biotech", "Carpets", "Chemists", "Clinics", "Couriers", "Design", "Estates", "Finance",
    "Foods", "Garages", "Glass", "Housing", "Instruments", "Kitchens", "Lettings", "Marine", "Packaging", "Security",
    "Solicitors", "Surveys", "Tools", "Travel",
];
