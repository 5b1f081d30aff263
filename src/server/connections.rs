//! Limits the number of open connections; at the limit, idle ones are closed for new ones.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::client::Client;

/// Maximum number of open connections over all listeners: half of the usual limit of open files.
pub(super) const MAX_CONNECTIONS: usize = 512;
/// With fewer free connections than this, idle ones are closed early.
const MIN_FREE: usize = MAX_CONNECTIONS / 4;
/// Responses that have waited this long for the client may be aborted, if there are no idle connections.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often to check for a connection to close.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The open connections.
#[derive(Debug, Default)]
pub(super) struct Connections {
    state: Mutex<State>,
    closed: Notify,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: HashMap<u64, Arc<Client>>,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(super) struct Counted {
    connections: Arc<Connections>,
    number: u64,
    pub(super) client: Arc<Client>,
}

impl Connections {
    /// Counts a connection as soon as there is room for it; `on_full` is called each time there is none.
    pub(super) async fn admit(self: &Arc<Self>, address: IpAddr, on_full: impl Fn()) -> Counted {
        loop {
            // Register first, so that no closed connection is missed.
            let closed = self.closed.notified();
            {
                let mut state = self.state();
                if state.open.len() < MAX_CONNECTIONS {
                    let number = state.next;
                    state.next += 1;
                    let client = Client::new(address);
                    state.open.insert(number, Arc::clone(&client));
                    return Counted { connections: Arc::clone(self), number, client };
                }
                // One at a time: the one that was cut is about to close.
                if !state.open.values().any(|client| client.is_cut())
                    && let Some(client) = state.spare(Instant::now())
                {
                    client.cut();
                }
            }
            on_full();
            let _ = tokio::time::timeout(POLL_INTERVAL, closed).await;
        }
    }

    pub(super) fn are_many(&self) -> bool {
        MAX_CONNECTIONS - self.state().open.len() < MIN_FREE
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The connection to close: of the address with the most connections, the one that is idle longest.
    fn spare(&self, now: Instant) -> Option<&Arc<Client>> {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for client in self.open.values() {
            *counts.entry(client.group()).or_default() += 1;
        }
        let candidates = self.open.values().filter_map(|client| {
            let idle = client.activity().idle_for(now);
            let blocked = client.activity().blocked_for(now);
            let spared = idle.or_else(|| (blocked > PATIENCE).then_some(blocked))?;
            Some(((idle.is_some(), counts.get(&client.group()).copied(), spared), client))
        });
        candidates.max_by_key(|(rank, _)| *rank).map(|(_, client)| client)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.connections.state().open.remove(&self.number);
        self.connections.closed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::places::now;

    fn admit(connections: &Arc<Connections>, last: u8) -> Option<Counted> {
        now(connections.admit([10, 0, 0, last].into(), || {}))
    }

    #[tokio::test]
    async fn the_longest_idle_of_the_address_with_most_makes_room() {
        let connections = Arc::new(Connections::default());
        let old = admit(&connections, 2).unwrap();
        let mut many: Vec<_> = (1..MAX_CONNECTIONS).map(|_| admit(&connections, 1).unwrap()).collect();
        let busy = many[0].client.activity().answering();
        assert!(connections.are_many());
        assert!(admit(&connections, 3).is_none());
        let cut: Vec<_> = many.iter().enumerate().filter(|(_, one)| one.client.is_cut()).map(|(at, _)| at).collect();
        assert_eq!(cut, [1], "neither the older one of another address, nor the one that is busy");
        assert!(!old.client.is_cut());
        many.remove(1);
        assert!(admit(&connections, 3).is_some());
        drop(busy);
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_busy_the_one_that_waits_for_its_client_makes_room() {
        let connections = Arc::new(Connections::default());
        let all: Vec<_> = (0..MAX_CONNECTIONS).map(|_| admit(&connections, 1).unwrap()).collect();
        let _answers: Vec<_> = all.iter().map(|one| one.client.activity().answering()).collect();
        all[7].client.activity().stalls();
        assert!(admit(&connections, 2).is_none() && !all[7].client.is_cut(), "not at once");
        tokio::time::advance(PATIENCE * 2).await;
        assert!(admit(&connections, 2).is_none() && all[7].client.is_cut());
        assert_eq!(all.iter().filter(|one| one.client.is_cut()).count(), 1);
    }
}
