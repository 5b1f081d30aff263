//! Turns what Prometheus stores into a page per customer: the share of time within the objective, outside it and not known.
//!
//! Pure, except for [`client`], which queries Prometheus, and [`folder`], which writes the files.

pub mod client;
mod csv;
pub mod folder;
mod gather;
mod html;
pub mod http_config;
mod json;
mod load;
mod model;
pub mod period;
mod queries;
mod share;
mod text;
mod words;

pub use self::csv::csv;
pub use self::html::{Branding, index, page};
pub use self::json::{json, json_index};
pub use self::load::{Error, load};
pub use self::model::{Customer, Facts, Key, Month, Report};
pub use self::share::{Mark, Seconds, Summary, summarize};
pub use self::text::digest;
