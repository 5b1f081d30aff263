//! Holds reading to what disks, people and other versions leave in a file's place.

use super::*;

fn written() -> (TempDir, PathBuf, Vec<u8>) {
    let (folder, path) = somewhere();
    save(&path, Shard::WHOLE, &[Inventor::new(3).known(Provider::Dropsuite)]).unwrap();
    let bytes = fs::read(&path).unwrap();
    (folder, path, bytes)
}

fn with_body(body: &str) -> Vec<u8> {
    let header = Header { length: body.len() as u64, checksum: crc32fast::hash(body.as_bytes()) };
    [header.line().as_bytes(), body.as_bytes()].concat()
}

#[test]
fn no_single_damaged_byte_goes_unnoticed() {
    let (_folder, _, whole) = written();
    assert!(read(&*whole).is_ok());
    for position in 0..whole.len() {
        for bit in [0x01, 0x20] {
            let mut damaged = whole.clone();
            damaged[position] ^= bit;
            assert!(read(&*damaged).is_err(), "byte {position}, bit {bit:#x}");
        }
    }
}

#[test]
fn neither_a_shorter_nor_a_longer_file_is_read() {
    let (_folder, _, whole) = written();
    for length in 0..whole.len() {
        let result = read(&whole[..length]);
        assert!(matches!(result, Err(LoadError::Foreign | LoadError::Length { .. })), "{length}: {result:?}");
    }
    let result = read(&*[&whole[..], b" "].concat());
    assert!(matches!(result, Err(LoadError::Length { .. })), "{result:?}");
}

#[test]
fn a_file_that_says_it_is_endless_is_not_read() {
    let header = Header { length: MAX_FILE_BYTES + 1, checksum: 0 };
    let result = read(header.line().as_bytes().chain(io::repeat(b' ')));
    assert!(matches!(result, Err(LoadError::TooLarge { bytes }) if bytes == MAX_FILE_BYTES + 1), "{result:?}");
}

#[test]
fn a_whole_file_that_says_what_no_state_can_be_is_refused() {
    let source = |more: &str| {
        format!(
            r#"{{"shard":{{"index":0,"total":1}},"sources":[{{"provider":"datto","name":"d","workloads":[],"listing":{{}},"tenants":[],"drift":[],
            "tenants_removed":0,"withdrawn":0{more}}}]}}"#
        )
    };
    let smallest = read(&*with_body(&source(""))).expect("the smallest source is good, so the rest is bad");
    assert_eq!(smallest.restraint(&invented::fresh(Provider::Datto, "d")), Restraint::default());
    assert!(read(&*with_body(&source(r#","pause":{"seen_at":1,"until":2},"refused":7"#))).is_ok());
    for body in [
        String::new(),
        "[]".to_owned(),
        r#"{"shard":{"index":0,"total":1},"sources":[{}]}"#.to_owned(),
        source(r#","mood":"good""#),
        source(r#","pause":{"until":2}"#),
        source(r#","refused":"token""#),
        source("").replace(r#""datto""#, r#""acronis""#),
        source("").replace(r#""workloads":[]"#, r#""workloads":["fax"]"#),
        source("").replace(r#""listing":{}"#, r#""listing":{"attempt":{"at":1,"outcome":"tired"}}"#),
        source("").replace(r#""withdrawn":0"#, r#""withdrawn":-1"#),
        format!("{} {}", source(""), source("")),
    ] {
        let result = read(&*with_body(&body));
        assert!(matches!(result, Err(LoadError::Content(_))), "{body}: {result:?}");
    }
}

#[test]
fn what_is_no_file_is_not_opened() {
    let (folder, _) = somewhere();
    assert!(matches!(load(folder.path()), Err(LoadError::NotAFile)));
    assert!(matches!(load(Path::new("/dev/null")), Err(LoadError::NotAFile)));
}

#[test]
fn a_file_that_cannot_be_used_is_moved_aside_and_the_next_one_takes_its_place() {
    let (folder, path, whole) = written();
    let newer = String::from_utf8(whole.clone()).unwrap().replacen("format=0003", "format=0004", 1);
    for unusable in [&whole[..whole.len() / 2], b"sources: []\n", newer.as_bytes()] {
        fs::write(&path, unusable).unwrap();
        assert!(open(&path, Shard::WHOLE).is_none());
        assert_eq!(files(&folder), ["state.damaged"]);
        assert_eq!(fs::read(folder.path().join("state.damaged")).unwrap(), unusable);
    }
    assert!(open(&path, Shard::WHOLE).is_none(), "nothing is left to complain of");
    fs::write(&path, &whole).unwrap();
    assert!(open(&path, Shard::WHOLE).is_some());
    assert_eq!(files(&folder), ["state", "state.damaged"]);
}

#[test]
fn a_file_of_an_earlier_format_stays_until_it_is_replaced() {
    let (folder, path, whole) = written();
    let older = String::from_utf8(whole).unwrap().replacen("format=0003", "format=0002", 1);
    fs::write(&path, older).unwrap();
    assert!(open(&path, Shard::WHOLE).is_none());
    assert_eq!(files(&folder), ["state"]);
}

#[test]
fn a_folder_in_the_files_place_is_left_alone() {
    let (folder, path) = somewhere();
    fs::create_dir(&path).unwrap();
    assert!(open(&path, Shard::WHOLE).is_none());
    assert_eq!(files(&folder), ["state"]);
}
