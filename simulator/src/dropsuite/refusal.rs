//! Renders the errors of the vendor's document.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unauthorized,
    NotAuthorized,
    InvalidUser,
    InvalidCredentials,
    InvalidType,
    InvalidPerPage,
    InvalidParameter(&'static str),
    NotLicensed,
    NotFound,
    MethodNotAllowed,
    TooManyRequests,
    InternalError,
}

impl Refusal {
    /// The error that a fault with this status stands for.
    pub(super) fn of_fault(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::NotLicensed,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::TOO_MANY_REQUESTS => Self::TooManyRequests,
            _ => Self::InternalError,
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized | Self::NotAuthorized | Self::InvalidUser | Self::InvalidCredentials => {
                StatusCode::UNAUTHORIZED
            }
            Self::InvalidType | Self::InvalidPerPage | Self::InvalidParameter(_) => StatusCode::BAD_REQUEST,
            Self::NotLicensed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn body(self) -> Value {
        match self {
            Self::Unauthorized => json!({"errors": {"user": ["Unauthorized"]}}),
            Self::NotAuthorized | Self::NotLicensed => {
                json!({"errors": {"user": ["You are not authorized to perform this action"]}})
            }
            Self::InvalidUser => json!({"errors": {"user": ["Sorry, Invalid User ID"]}}),
            Self::InvalidCredentials => json!({"errors": {"user": ["Sorry, your credentials is not valid"]}}),
            Self::TooManyRequests => json!({"errors": {"user": ["Too many requests"]}}),
            Self::InvalidType => json!({"errors": {"type": ["Invalid type. Please try again."]}}),
            // The document has this error under `type` too.
            Self::InvalidPerPage => json!({"errors": {"type": ["Invalid per_page number. Please try again."]}}),
            Self::InvalidParameter(name) => json!({"errors": {name: [format!("Invalid {name}. Please try again.")]}}),
            Self::InternalError => json!({"status": 500, "error": "Internal Server Error"}),
            Self::NotFound => json!({"status": 404, "error": "Not Found"}),
            Self::MethodNotAllowed => json!({"status": 405, "error": "Method Not Allowed"}),
        }
    }
}
