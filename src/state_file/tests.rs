mod damage;
mod invented;
mod present;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use self::invented::{Inventor, NOW, fresh};
use super::keeper::Keeper;
use super::*;
use crate::domain::{CredentialMark, Pause, Provider};
use crate::provider;
use crate::store::Store;

/// A folder with room for a state file.
fn somewhere() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    (folder, path)
}

/// The names of all files beside the state file, and its own.
fn files(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn restored(path: &Path, fresh: SourceState) -> SourceState {
    load(path).unwrap().expect("there is a file").restore(fresh, provider::parts, &|_| true, NOW)
}

#[test]
fn whatever_is_known_comes_back_as_it_was() {
    let (_folder, path) = somewhere();
    for seed in 0..200 {
        let mut inventor = Inventor::new(seed);
        let known = [Provider::Dropsuite, Provider::Datto].map(|provider| inventor.known(provider));
        save(&path, Shard::WHOLE, &known).unwrap();
        let mut saved = load(&path).unwrap().expect("it was just written");
        for Known { state, restraint } in known.iter().rev() {
            let fresh = SourceState::new(state.identity.clone(), Arc::clone(&state.policy)).at(invented::BASE_URL);
            assert_eq!(saved.restraint(&fresh), *restraint, "seed {seed}");
            assert_eq!(saved.restore(fresh, provider::parts, &|_| true, NOW), **state, "seed {seed}");
        }
    }
}

#[test]
fn a_link_stays_and_its_target_is_written() {
    use std::os::unix::fs::symlink;
    let (folder, path) = somewhere();
    fs::create_dir(folder.path().join("volume")).unwrap();
    // One link leads to another, and that to a file that is not there yet.
    symlink("second", &path).unwrap();
    symlink("volume/state", folder.path().join("second")).unwrap();
    let known = Inventor::new(1).known(Provider::Datto);
    for _ in 0..2 {
        save(&path, Shard::WHOLE, std::slice::from_ref(&known)).unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert!(fs::symlink_metadata(folder.path().join("volume/state")).unwrap().is_file());
        assert!(load(&path).unwrap().is_some());
    }
    fs::write(&path, "damaged").unwrap();
    assert!(super::open(&path, Shard::WHOLE).is_none());
    assert!(folder.path().join("volume/state.damaged").is_file() && fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(files(&folder), ["second", "state", "volume"]);
}

#[test]
fn what_is_no_file_is_not_replaced() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};
    let (folder, path) = somewhere();
    let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    for refused in [&path, &folder.path().join("link"), &folder.path().join("circle")] {
        if refused != &path {
            symlink(if refused.ends_with("link") { "state" } else { "circle" }, refused).unwrap();
        }
        assert!(save(refused, Shard::WHOLE, &[]).is_err() && probe(refused).is_err(), "{}", refused.display());
    }
    assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
}

#[test]
fn there_is_nothing_to_restore_before_the_first_file() {
    let (_folder, path) = somewhere();
    assert!(load(&path).unwrap().is_none());
}

#[test]
fn a_source_is_restored_only_for_the_same_vendor_name_and_address() {
    let (_folder, path) = somewhere();
    let pause = Some(Pause { seen_at: NOW, until: NOW.after(Duration::from_secs(60)) });
    let restraint = Restraint { pause, refused: Some(CredentialMark(7)) };
    let state = Inventor::new(1).source(Provider::Dropsuite);
    save(&path, Shard::WHOLE, &[Known { state: Arc::new(state.clone()), restraint }]).unwrap();
    let restraint_of = |fresh: &SourceState| load(&path).unwrap().expect("there is a file").restraint(fresh);
    let elsewhere = |base_url: &str| fresh(Provider::Dropsuite, "invented").at(base_url);
    for other in [
        fresh(Provider::Datto, "invented"),
        fresh(Provider::Dropsuite, "another"),
        elsewhere("https://dropsuite.uk/api"),
        elsewhere("https://dropsuite.us:8443/api"),
        SourceState { base_url: None, ..fresh(Provider::Dropsuite, "invented") },
    ] {
        assert_eq!(restraint_of(&other), Restraint::default());
        assert_eq!(restored(&path, other.clone()), other);
    }
    assert_eq!(restraint_of(&fresh(Provider::Dropsuite, "invented")), restraint);
    assert_eq!(restored(&path, fresh(Provider::Dropsuite, "invented")), state);
}

#[cfg(unix)]
#[test]
fn the_file_is_private_and_alone_in_its_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = somewhere();
    // Left behind by a process that was killed, and readable by all users.
    fs::write(folder.path().join("state.new"), "half").unwrap();
    for seed in 0..2 {
        save(&path, Shard::WHOLE, &[Inventor::new(seed).known(Provider::Datto)]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(files(&folder), ["state"]);
    }
}

#[test]
fn whoever_reads_while_the_file_is_replaced_finds_it_whole() {
    let (_folder, path) = somewhere();
    let states = [1, 2].map(|seed| vec![Inventor::new(seed).known(Provider::Dropsuite)]);
    save(&path, Shard::WHOLE, &states[0]).unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| (0..60).for_each(|turn| save(&path, Shard::WHOLE, &states[turn % 2]).unwrap()));
        while !writing.is_finished() {
            let known = restored(&path, fresh(Provider::Dropsuite, "invented"));
            assert!(states.iter().any(|known_then| known_then[0].state.tenants == known.tenants));
        }
    });
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_and_leaves_the_old_one() {
    let (folder, path) = somewhere();
    let states = [Inventor::new(1).known(Provider::Datto)];
    let nowhere = folder.path().join("missing").join("state");
    assert!(probe(&nowhere).is_err());
    assert!(save(&nowhere, Shard::WHOLE, &states).is_err());
    save(&path, Shard::WHOLE, &states).unwrap();
    // A folder in the place of the temporary file: it cannot be made, for root neither.
    fs::create_dir(folder.path().join("state.new")).unwrap();
    assert!(probe(&path).is_err());
    assert!(save(&path, Shard::WHOLE, &[]).is_err());
    assert_eq!(restored(&path, fresh(Provider::Datto, "invented")).tenants, states[0].state.tenants);
}

#[tokio::test]
async fn only_changes_are_written_and_a_failure_is_tried_again() {
    let (folder, path) = somewhere();
    let (store, publishers) = Store::new(vec![fresh(Provider::Datto, "invented")]);
    let mut keeper = Keeper::new(path.clone(), Shard::WHOLE, Arc::new(store), Arc::new(|_| Restraint::default()));
    keeper.save_changes().await;
    assert_eq!(files(&folder), [""; 0], "nothing is known yet");

    let state = Inventor::new(1).source(Provider::Datto);
    publishers[0].publish(state.clone());
    let obstacle = folder.path().join("state.new");
    fs::create_dir(&obstacle).unwrap();
    keeper.save_changes().await;
    assert_eq!(files(&folder), ["state.new"]);
    fs::remove_dir(obstacle).unwrap();
    keeper.save_changes().await;
    assert_eq!(restored(&path, fresh(Provider::Datto, "invented")).tenants, state.tenants);

    fs::remove_file(&path).unwrap();
    publishers[0].publish(state.clone());
    keeper.save_changes().await;
    assert_eq!(files(&folder), [""; 0], "the same again is no change");
}

/// A crash while the vendor wants a pause must not be a way around it.
#[tokio::test(start_paused = true)]
async fn what_the_vendor_asks_for_is_written_at_once() {
    let (folder, path) = somewhere();
    let (store, publishers) = Store::new(vec![fresh(Provider::Datto, "invented")]);
    let restraint = Arc::new(Mutex::new(Restraint::default()));
    let restraint_of = Arc::clone(&restraint);
    let restraint_of = Arc::new(move |_: &SourceState| *restraint_of.lock().unwrap());
    let ended = CancellationToken::new();
    let keeping = tokio::spawn(keep(path.clone(), Shard::WHOLE, Arc::new(store), restraint_of, ended.clone()));
    let restraint_in_file = || load(&path).unwrap().map(|saved| saved.restraint(&fresh(Provider::Datto, "invented")));
    let after = async |seconds: u64| tokio::time::sleep(Duration::from_millis(seconds * 1000 + 500)).await;
    // It begins with nothing known; the first file is written after ten seconds.
    after(1).await;
    publishers[0].publish(Inventor::new(1).source(Provider::Datto));
    after(12).await;
    assert_eq!(restraint_in_file(), Some(Restraint::default()));

    let pause = Some(Pause { seen_at: NOW, until: NOW.after(Duration::from_secs(600)) });
    for asked in [Restraint { pause, refused: None }, Restraint { pause, refused: Some(CredentialMark(7)) }] {
        *restraint.lock().unwrap() = asked;
        after(2).await;
        assert_eq!(restraint_in_file(), Some(asked));
    }

    // A full disk is tried again in a minute, not each second.
    fs::remove_file(&path).unwrap();
    let obstacle = folder.path().join("state.new");
    fs::create_dir(&obstacle).unwrap();
    *restraint.lock().unwrap() = Restraint { pause, refused: None };
    after(2).await;
    fs::remove_dir(obstacle).unwrap();
    after(10).await;
    assert_eq!(restraint_in_file(), None);
    after(60).await;
    assert_eq!(restraint_in_file(), Some(Restraint { pause, refused: None }));
    ended.cancel();
    keeping.await.unwrap();
}
