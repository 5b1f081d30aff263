//! Runs the exporter's server with a fleet that changes on request of the parent process.

use std::net::Ipv4Addr;
use std::sync::Arc;

use saasbackup_exporter::domain::SourceState;
use saasbackup_exporter::domain::shard::Shard;
use saasbackup_exporter::exposition::Exposed;
use saasbackup_exporter::instrumentation::Instrumentation;
use saasbackup_exporter::process::clock;
use saasbackup_exporter::server::{self, AppState, LiveWebConfig, ServerOptions};
use saasbackup_exporter::store::{self, Store};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::fleet::{collected, fleet};

/// Serves until standard input closes; for each line of it, one tenant is published anew.
pub(crate) fn run(tenants: usize) {
    let (store, publishers) = Store::new(vec![fleet(tenants, clock::now())]);
    let views = AppState {
        store: Arc::new(store),
        instrumentation: Arc::new(Instrumentation::new(clock::now())),
        shard: Shard::WHOLE,
        options: Arc::new(ServerOptions::default()),
        reloader: None,
        exposed: store::shared(Exposed::default()),
        series_limit_log: Arc::default(),
        config: store::shared(String::new()),
        listening: None,
    };
    // The program's own.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    println!("{}", listener.local_addr().unwrap());
    runtime.spawn(server::serve(vec![listener], views, Arc::new(LiveWebConfig::plain()), CancellationToken::new()));
    let publisher = &publishers[0];
    for (round, line) in std::io::stdin().lines().enumerate() {
        line.unwrap();
        let now = clock::now();
        publisher.publish(SourceState::clone(&publisher.latest()).advance(collected(round % tenants, now), now));
        println!("published");
    }
}
