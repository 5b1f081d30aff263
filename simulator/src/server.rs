//! Runs a mock of either vendor: binds its port, records its requests, applies its faults and stops it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::path::RawPathParams;
use axum::extract::rejection::RawPathParamsRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::faults::{Fault, FaultBook, Injection, replacement};
use crate::record::{Record, Requests};

/// How long a stopping server waits for answers under way before it drops them.
const MAX_SHUTDOWN: Duration = Duration::from_secs(2);

/// A running fake; it stops when dropped.
pub struct Server<Fleet, Vendor> {
    pub(crate) shell: Arc<Shell<Fleet, Vendor>>,
    base_url: String,
    endpoints: Vec<&'static str>,
    address: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

/// What all requests to a fake share.
pub(crate) struct Shell<Fleet, Vendor> {
    /// Replaced as a whole when it changes: a request sees one fleet from its beginning to its end.
    fleet: RwLock<Arc<Fleet>>,
    pub(crate) clock: Clock,
    pub(crate) faults: FaultBook,
    pub(crate) record: Record,
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// What only this vendor has.
    pub(crate) vendor: Vendor,
    stopping: CancellationToken,
}

/// The routes of a fake, which wait for what its requests share.
pub(crate) struct Routes<Fleet, Vendor> {
    pub(crate) router: Router<Arc<Shell<Fleet, Vendor>>>,
    /// What the base URL has after the port.
    pub(crate) prefix: &'static str,
    /// Where faults can be aimed at, as the vendor's document writes it.
    pub(crate) endpoints: Vec<&'static str>,
}

impl<Fleet, Vendor> Server<Fleet, Vendor> {
    pub(crate) async fn start(
        address: SocketAddr,
        routes: Routes<Fleet, Vendor>,
        fleet: Fleet,
        clock: Clock,
        vendor: Vendor,
    ) -> io::Result<Self>
    where
        Fleet: Send + Sync + 'static,
        Vendor: Send + Sync + 'static,
    {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let origin = format!("http://{address}");
        let base_url = format!("{origin}{}", routes.prefix);
        let stopping = CancellationToken::new();
        let shell = Arc::new(Shell {
            fleet: RwLock::new(Arc::new(fleet)),
            clock,
            faults: FaultBook::default(),
            record: Record::default(),
            origin,
            vendor,
            stopping: stopping.clone(),
        });
        let router = routes.router.with_state(Arc::clone(&shell));
        let serving = tokio::spawn(async move {
            // Serving ends without error: accept errors are retried by axum.
            let _ = axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned()).await;
        });
        Ok(Self { shell, base_url, endpoints: routes.endpoints, address, serving: Some(serving) })
    }

    /// Where the API is, without a final slash; Dropsuite's ends in `/api`, Datto's paths begin with `/v1/saas`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.shell.record.requests()
    }

    /// Makes requests fail from now on; of several faults that match, the one injected first hits.
    ///
    /// # Panics
    ///
    /// When the injection names an endpoint that does not exist: it would never hit, and a test would prove nothing.
    pub fn inject(&self, injection: impl Into<Injection>) {
        let injection = injection.into();
        let is_known = |wanted: &str| self.endpoints.contains(&wanted);
        assert!(injection.endpoint().is_none_or(is_known), "no such endpoint: {:?}", injection.endpoint());
        self.shell.faults.inject(injection);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shell.faults.clear();
    }

    /// Stops accepting, lets answers under way finish for a moment, and frees the port.
    pub async fn shutdown(mut self) {
        self.shell.stopping.cancel();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(MAX_SHUTDOWN, &mut serving).await.is_err()
        {
            serving.abort();
        }
    }
}

impl<Fleet, Vendor> Drop for Server<Fleet, Vendor> {
    fn drop(&mut self) {
        self.shell.stopping.cancel();
    }
}

impl<Fleet, Vendor> fmt::Debug for Server<Fleet, Vendor> {
    /// Leaves out the tokens and keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl<Fleet, Vendor> Shell<Fleet, Vendor> {
    pub(crate) fn fleet(&self) -> Arc<Fleet> {
        Arc::clone(&self.fleet.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another fleet in the present one's place and returns the old and the new one.
    pub(crate) fn replace_fleet(&self, change: impl FnOnce(&Fleet) -> Fleet) -> (Arc<Fleet>, Arc<Fleet>) {
        let mut fleet = self.fleet.write().unwrap_or_else(PoisonError::into_inner);
        let new = Arc::new(change(&fleet));
        (std::mem::replace(&mut *fleet, Arc::clone(&new)), new)
    }

    /// Waits, but never longer than the server lives.
    pub(crate) async fn wait(&self, duration: Duration) {
        if duration.is_zero() {
            return;
        }
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = tokio::time::sleep(duration) => {}
        }
    }

    /// Holds the request up as the fault says, and returns what it answers in the vendor's place.
    ///
    /// `error` words the vendor's error of a status. `None`: the vendor answers, which the fault may spoil.
    pub(crate) async fn intervene(
        &self,
        fault: Option<&Fault>,
        error: impl Fn(StatusCode) -> Value,
    ) -> Option<Response> {
        let fault = fault?;
        match fault {
            Fault::Stall => self.stopping.cancelled().await,
            Fault::Delay(duration) => self.wait(*duration).await,
            _ => {}
        }
        replacement(fault, self.clock.moment().now, error)
    }
}

/// The decoded variables of a path in their order; `None` when one is empty, for such a route does not exist.
///
/// A path that is not UTF-8 has none: it names nothing that exists.
pub(crate) fn variables(path: Result<RawPathParams, RawPathParamsRejection>) -> Option<Vec<String>> {
    let Ok(path) = path else { return Some(Vec::new()) };
    path.iter().map(|(_, value)| (!value.is_empty()).then(|| value.to_owned())).collect()
}
