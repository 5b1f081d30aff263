//! Holds the inputs from which the rows of one response are generated.

use axum::http::StatusCode;
use serde_json::Value;

use super::paging::Pager;
use super::refusal::Refusal;
use super::routes::Route;
use super::shapes::{Envelope, Shapes};
use crate::clock::Moment;
use crate::dropsuite::fleet::Fleet;
use crate::query::Query;

/// One admitted request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) reseller_token: &'a str,
    /// Scheme, host and port: what links begin with.
    pub(super) origin: &'a str,
    pub(super) moment: Moment,
    pub(super) route: &'static Route,
    /// The variables of the path.
    pub(super) path: &'a [String],
    pub(super) query: &'a Query,
    pub(super) shapes: &'a Shapes,
    pub(super) pager: Pager<'a>,
}

/// An answer, or the reason why there is none.
pub(super) type Outcome = Result<Answer, Refusal>;

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn created(body: Value) -> Outcome {
        Ok(Self { status: StatusCode::CREATED, body })
    }
}

impl From<Value> for Answer {
    fn from(body: Value) -> Self {
        Self { status: StatusCode::OK, body }
    }
}

impl Call<'_> {
    /// The variable at this place of the path, as a number.
    pub(super) fn number(&self, place: usize) -> Option<usize> {
        self.path.get(place)?.parse().ok()
    }

    /// The login id in the path of an endpoint below `/users/{id}`.
    pub(super) fn login_id(&self) -> Option<&str> {
        self.route.login_id(self.path)
    }

    /// A page of the rows `0..total`.
    pub(super) fn list(&self, envelope: Envelope, total: usize, row: impl Fn(usize) -> Value) -> Outcome {
        self.pager.render(envelope, total, row).map(Answer::from)
    }

    /// A page of the chosen rows.
    pub(super) fn list_of(&self, envelope: Envelope, chosen: &[usize], row: impl Fn(usize) -> Value) -> Outcome {
        self.list(envelope, chosen.len(), |place| row(chosen[place]))
    }

    /// A link that signs its user on: its last part is a secret.
    pub(super) fn sign_on_link(&self, area: &str, key: &str) -> Value {
        let seconds = self.moment.now / 1_000;
        serde_json::json!({"redirect_url": format!("{}/{area}/sso/{seconds}/{key}", self.origin)})
    }
}
