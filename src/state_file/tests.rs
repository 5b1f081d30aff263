mod damage;
mod invented;
mod present;

use std::path::PathBuf;

use tempfile::TempDir;

use self::invented::{Inventor, NOW, fresh};
use super::keeper::Keeper;
use super::*;
use crate::domain::Provider;
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
        let states = [Provider::Dropsuite, Provider::Datto].map(|provider| Arc::new(inventor.source(provider)));
        save(&path, Shard::WHOLE, &states).unwrap();
        let mut saved = load(&path).unwrap().expect("it was just written");
        for state in states.iter().rev() {
            let fresh = SourceState::new(state.identity.clone(), Arc::clone(&state.policy)).at(invented::BASE_URL);
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
    let state = Arc::new(Inventor::new(1).source(Provider::Datto));
    for _ in 0..2 {
        save(&path, Shard::WHOLE, std::slice::from_ref(&state)).unwrap();
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
    let state = Inventor::new(1).source(Provider::Dropsuite);
    save(&path, Shard::WHOLE, &[Arc::new(state.clone())]).unwrap();
    let elsewhere = |base_url: &str| fresh(Provider::Dropsuite, "invented").at(base_url);
    for other in [
        fresh(Provider::Datto, "invented"),
        fresh(Provider::Dropsuite, "another"),
        elsewhere("https://dropsuite.uk/api"),
        elsewhere("https://dropsuite.us:8443/api"),
        SourceState { base_url: None, ..fresh(Provider::Dropsuite, "invented") },
    ] {
        assert_eq!(restored(&path, other.clone()), other);
    }
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
        save(&path, Shard::WHOLE, &[Arc::new(Inventor::new(seed).source(Provider::Datto))]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(files(&folder), ["state"]);
    }
}

#[test]
fn whoever_reads_while_the_file_is_replaced_finds_it_whole() {
    let (_folder, path) = somewhere();
    let states = [1, 2].map(|seed| vec![Arc::new(Inventor::new(seed).source(Provider::Dropsuite))]);
    save(&path, Shard::WHOLE, &states[0]).unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| (0..60).for_each(|turn| save(&path, Shard::WHOLE, &states[turn % 2]).unwrap()));
        while !writing.is_finished() {
            let known = restored(&path, fresh(Provider::Dropsuite, "invented"));
            assert!(states.iter().any(|state| state[0].tenants == known.tenants));
        }
    });
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_and_leaves_the_old_one() {
    let (folder, path) = somewhere();
    let states = [Arc::new(Inventor::new(1).source(Provider::Datto))];
    let nowhere = folder.path().join("missing").join("state");
    assert!(probe(&nowhere).is_err());
    assert!(save(&nowhere, Shard::WHOLE, &states).is_err());
    save(&path, Shard::WHOLE, &states).unwrap();
    // A folder in the place of the temporary file: it cannot be made, for root neither.
    fs::create_dir(folder.path().join("state.new")).unwrap();
    assert!(probe(&path).is_err());
    assert!(save(&path, Shard::WHOLE, &[]).is_err());
    assert_eq!(restored(&path, fresh(Provider::Datto, "invented")).tenants, states[0].tenants);
}

#[tokio::test]
async fn only_changes_are_written_and_a_failure_is_tried_again() {
    let (folder, path) = somewhere();
    let (store, publishers) = Store::new(vec![fresh(Provider::Datto, "invented")]);
    let mut keeper = Keeper::new(path.clone(), Shard::WHOLE, Arc::new(store));
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
