//! Tests the state file with the demo's whole fleet.

use saasbackup_exporter::app::App;
use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::dropsuite::fleet::PRIVATE_MARKER;
use tokio_util::sync::CancellationToken;

use super::*;

/// The state without those that are not collected, which the next listing names, and without the time of
/// the latest event.
fn as_kept(state: &SourceState) -> Arc<SourceState> {
    Arc::new(SourceState { uncollected: None, dropped: None, latest: None, ..state.clone() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_fleet_renders_byte_by_byte_as_before_and_its_file_discloses_no_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let demo = vendors(100).await;
    let config = parse(&config_file(&demo, "1h", &path));
    let app = App::new(&config, ServerOptions::default()).unwrap();
    let views = app.state().clone();
    app.collect_once(CancellationToken::new()).await.unwrap();
    let before = views.store.latest();

    let known: Vec<_> = before.iter().cloned().map(state_file::Known::from).collect();
    state_file::save(&path, Shard::WHOLE, &known).unwrap();
    let after = restored(&path, &config).expect("a file");
    let (shown, shown_again) = (rendered(&before), rendered(&after));
    assert!(tenant_lines(&shown).len() > 5_000, "the fleet is there:\n{shown}");
    for (line, line_again) in shown.lines().zip(shown_again.lines()) {
        assert_eq!(line, line_again);
    }
    assert_eq!(shown.len(), shown_again.len());
    let kept = |states: &[Arc<SourceState>]| states.iter().map(|state| as_kept(state)).collect::<Vec<_>>();
    assert_eq!(kept(&before), kept(&after));

    let file = std::fs::read_to_string(&path).unwrap();
    let secrets = [demo.dropsuite().secrets(), demo.datto().secrets()].concat();
    let names = [demo.dropsuite().private_names(), demo.datto().private_names()].concat();
    assert!(secrets.len() > 100 && names.len() > 1_000, "there is something to betray");
    assert!(secrets.iter().chain(&names).all(|canary| !file.contains(canary.as_str())));
    assert!(!file.contains(PRIVATE_MARKER));
}
