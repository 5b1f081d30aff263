//! Renders the errors in either shape.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Shape;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownRoute,
    MethodNotAllowed,
    Unauthorized,
    /// The customer is outside the key's scope.
    Forbidden,
    UnknownCustomer,
    UnknownSubscription,
    /// A parameter or a body that the vendor does not take, with the reason.
    BadRequest(String),
    /// Seats that cannot be changed as asked.
    Conflict(String),
    TooManyRequests,
    InternalError,
}

impl Refusal {
    /// The error that a fault with this status stands for.
    pub(super) fn of_fault(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::UnknownCustomer,
            StatusCode::TOO_MANY_REQUESTS => Self::TooManyRequests,
            _ => Self::InternalError,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::UnknownRoute | Self::UnknownCustomer | Self::UnknownSubscription => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// `{code, message}`: the code is a text in the wild and the status in the document.
    pub(super) fn body(&self, shape: Shape) -> Value {
        match shape {
            Shape::Live => json!({"code": self.code(), "message": self.message()}),
            Shape::Documented => json!({"code": self.status().as_u16(), "message": self.message()}),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::UnknownRoute | Self::UnknownCustomer | Self::UnknownSubscription => "exception.notfoundhttpexception",
            Self::MethodNotAllowed => "exception.methodnotallowedhttpexception",
            Self::Forbidden => "exception.accessdeniedhttpexception",
            Self::BadRequest(_) => "exception.badrequesthttpexception",
            Self::Conflict(_) => "exception.conflicthttpexception",
            Self::TooManyRequests => "exception.toomanyrequestshttpexception",
            Self::InternalError => "exception.exception",
        }
    }

    fn message(&self) -> &str {
        match self {
            Self::UnknownRoute => "No route found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Access denied",
            Self::UnknownCustomer => "Customer not found",
            Self::UnknownSubscription => "Subscription not found",
            Self::BadRequest(reason) | Self::Conflict(reason) => reason,
            Self::TooManyRequests => "API limit exceeded",
            Self::InternalError => "Internal server error",
        }
    }
}
