//! Shares a limited number of slots between clients: addresses take turns, and slow clients are disconnected.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior};

use super::client::Client;

/// How often a waiting client checks for a slow one to disconnect.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Maximum number of slots, and of clients waiting for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) places: usize,
    pub(super) waiting: usize,
    /// Per address.
    pub(super) waiting_of_one: usize,
}

/// A limited number of slots.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    /// The clients that hold slots; the reference is dead if the connection has ended while its work continues.
    holders: HashMap<u64, Weak<Client>>,
    /// Each address with its waiting clients; the next address is first.
    waiting: VecDeque<(IpAddr, VecDeque<Waiting>)>,
}

#[derive(Debug)]
struct Waiting {
    client: Weak<Client>,
    granted: oneshot::Sender<Place>,
}

/// A slot that is taken until the last clone is dropped.
#[derive(Clone, Debug)]
pub(super) struct Place {
    _held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    places: Places,
    number: u64,
}

impl Places {
    pub(super) fn new(limits: Limits) -> Self {
        Self(Arc::new(Inner { limits, state: Mutex::default() }))
    }

    pub(super) fn count(&self) -> usize {
        self.0.limits.places
    }

    /// Waits for a slot; `None` if too many are waiting already.
    pub(super) async fn take(&self, client: &Arc<Client>) -> Option<Place> {
        match self.enter(client) {
            Entered::Placed(place) => Some(place),
            // The sender only disappears together with the slots themselves.
            Entered::Queued(granted) => granted.await.ok(),
            Entered::Refused => None,
        }
    }

    /// The same, for at most `limit`. Meanwhile the client that has blocked its slot the longest, and longer than
    /// `patience`, is disconnected.
    pub(super) async fn take_within(&self, client: &Arc<Client>, limit: Duration, patience: Duration) -> Option<Place> {
        let taking = self.take(client);
        tokio::pin!(taking);
        let mut polls = tokio::time::interval(POLL_INTERVAL);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let timeout = tokio::time::sleep(limit);
        tokio::pin!(timeout);
        loop {
            tokio::select! {
                biased;
                place = &mut taking => return place,
                () = &mut timeout => return None,
                _ = polls.tick() => self.cut_the_slowest(patience),
            }
        }
    }

    fn enter(&self, client: &Arc<Client>) -> Entered {
        let mut state = self.state();
        if state.holders.len() < self.0.limits.places {
            return Entered::Placed(self.place(&mut state, Arc::downgrade(client)));
        }
        for (_, queue) in &mut state.waiting {
            queue.retain(|waiting| !waiting.granted.is_closed());
        }
        state.waiting.retain(|(_, queue)| !queue.is_empty());
        let all: usize = state.waiting.iter().map(|(_, queue)| queue.len()).sum();
        let position = state.waiting.iter().position(|(address, _)| *address == client.group());
        let own = position.and_then(|position| state.waiting.get(position)).map_or(0, |(_, queue)| queue.len());
        if all >= self.0.limits.waiting || own >= self.0.limits.waiting_of_one {
            return Entered::Refused;
        }
        let (granted, receiver) = oneshot::channel();
        let waiting = Waiting { client: Arc::downgrade(client), granted };
        match position.and_then(|position| state.waiting.get_mut(position)) {
            Some((_, queue)) => queue.push_back(waiting),
            None => state.waiting.push_back((client.group(), VecDeque::from([waiting]))),
        }
        Entered::Queued(receiver)
    }

    fn place(&self, state: &mut State, client: Weak<Client>) -> Place {
        let number = state.next;
        state.next += 1;
        state.holders.insert(number, client);
        Place { _held: Arc::new(Held { places: self.clone(), number }) }
    }

    /// Only one client, because one slot is enough for the next.
    fn cut_the_slowest(&self, patience: Duration) {
        let now = Instant::now();
        let state = self.state();
        let clients: Vec<_> = state.holders.values().filter_map(Weak::upgrade).collect();
        drop(state);
        if clients.iter().any(|client| client.is_cut()) {
            return;
        }
        let blocked = clients.iter().map(|client| (client.activity().blocked_for(now), client));
        if let Some((blocked, client)) = blocked.max_by_key(|(blocked, _)| *blocked)
            && blocked > patience
        {
            client.cut();
        }
    }

    /// Passes a slot on to the next client, or returns it.
    fn free(&self, number: u64) {
        let mut state = self.state();
        state.holders.remove(&number);
        while let Some((address, mut queue)) = state.waiting.pop_front() {
            let Some(next) = queue.pop_front() else { continue };
            if !queue.is_empty() {
                state.waiting.push_back((address, queue));
            }
            if next.granted.is_closed() {
                continue;
            }
            let place = self.place(&mut state, next.client);
            // A client that gives up at this moment passes the slot on, which needs the lock.
            drop(state);
            drop(next.granted.send(place));
            return;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Entered {
    Placed(Place),
    Queued(oneshot::Receiver<Place>),
    Refused,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.places.free(self.number);
    }
}

/// The result of a future if it is ready.
#[cfg(test)]
pub(super) fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: [u8; 4]) -> Arc<Client> {
        Client::new(address.into())
    }

    fn places(places: usize) -> Places {
        Places::new(Limits { places, waiting: 4, waiting_of_one: 2 })
    }

    const ONE: [u8; 4] = [10, 0, 0, 1];
    const OTHER: [u8; 4] = [10, 0, 0, 2];

    #[tokio::test]
    async fn a_place_is_taken_until_its_last_clone_is_gone() {
        let (places, client) = (places(1), client(ONE));
        let first = places.take(&client).await.unwrap();
        let clone = first.clone();
        drop(first);
        let mut next = Box::pin(places.take(&client));
        assert!(now(&mut next).is_none());
        drop(clone);
        assert!(now(next).flatten().is_some());
    }

    #[tokio::test]
    async fn addresses_take_turns_and_none_fills_the_queue_alone() {
        let (places, one, other) = (places(1), client(ONE), client(OTHER));
        let held = places.take(&one).await.unwrap();
        let mut of_one: Vec<_> = (0..2).map(|_| Box::pin(places.take(&one))).collect();
        of_one.iter_mut().for_each(|waiting| assert!(now(waiting).is_none()));
        assert!(matches!(now(places.take(&one)), Some(None)), "a third of one address is refused");
        let mut of_other = Box::pin(places.take(&other));
        assert!(now(&mut of_other).is_none());
        drop(held);
        let first = now(of_one.remove(0)).flatten().expect("who came first");
        drop(first);
        let second = now(of_other).flatten().expect("the other address, though it came last");
        drop(second);
        assert!(now(of_one.remove(0)).flatten().is_some());
    }

    #[tokio::test]
    async fn who_leaves_the_queue_loses_no_place() {
        let (places, one) = (places(1), client(ONE));
        let held = places.take(&one).await.unwrap();
        let mut waiting = Box::pin(places.take(&one));
        assert!(now(&mut waiting).is_none());
        drop(held);
        // The slot is on its way to a client that is gone.
        drop(waiting);
        assert!(now(places.take(&one)).flatten().is_some());
        assert_eq!(places.state().holders.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_client_that_keeps_its_place_waiting_is_cut() {
        let (places, one, other) = (places(2), client(ONE), client(OTHER));
        let _slow = places.take(&one).await.unwrap();
        let _busy = places.take(&other).await.unwrap();
        let (limit, patience) = (Duration::from_secs(3), Duration::from_secs(1));
        assert!(places.take_within(&other, limit, patience).await.is_none());
        assert!(!one.is_cut() && !other.is_cut(), "their answers are being made");
        one.activity().stalls();
        assert!(places.take_within(&other, limit, patience).await.is_none());
        assert!(one.is_cut() && !other.is_cut());
    }
}
