//! The script is run here by the system's own `/bin/sh`, with a shell script in the agent's place.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sha2::{Digest, Sha256};

use super::*;
use crate::assets::AgentFacts;

const AGENT: &[u8] = b"#!/bin/sh\necho agent runs; umask; cat\n";

/// What comes on stdin: a line that is too early, and the agent.
fn sent() -> Vec<u8> {
    [b"hello\n", &packed()[..]].concat()
}

fn packed() -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(AGENT).unwrap();
    packer.finish().unwrap()
}

fn agent(platform: &str) -> Agent {
    let sha256 = Sha256::digest(AGENT).iter().map(|byte| format!("{byte:02x}")).collect();
    let facts = AgentFacts { sha256, size: AGENT.len() as u64, cksum: 0 };
    Agent { platform: platform.to_owned(), packed: "none".into(), packed_size: packed().len() as u64, facts }
}

fn here() -> Agent {
    let machine = Command::new("uname").arg("-m").output().unwrap().stdout;
    agent(&format!("{}-linux", String::from_utf8(machine).unwrap().trim()))
}

fn run(agent: Agent, cache: &Path, input: &[u8]) -> Output {
    let mut child = Command::new("/bin/sh")
        .args(["-c", &format!("umask 022; {}", script("MARK", &[agent], ""))])
        .env("XDG_CACHE_HOME", cache)
        .env("HOME", cache)
        .env_remove("XDG_RUNTIME_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The script may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn left(cache: &Path) -> Vec<String> {
    let names = fs::read_dir(cache.join("pii")).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_line_survives_any_login_shell() {
    let line = script("MARK", &[agent("x86_64-linux"), agent("aarch64-linux")], "");
    let inner = line.strip_prefix("exec /bin/sh -c '").unwrap().strip_suffix('\'').unwrap();
    assert!(!inner.contains(['\'', '!', '\n', '\\', '@']), "{inner}");
}

#[test]
fn an_absent_agent_is_received_and_run_with_the_users_umask() {
    let cache = tempfile::tempdir().unwrap();
    let first = run(here(), cache.path(), &sent());
    let text = String::from_utf8(first.stdout).unwrap();
    assert!(
        text.starts_with("MARK NEED ") && text.contains("gzip\nMARK READY\nagent runs\n0022\n"),
        "{text}"
    );
    assert_eq!(left(cache.path()), [format!("agent-{}", here().facts.sha256)]);
    let second = run(here(), cache.path(), b"hello\n");
    assert_eq!(String::from_utf8(second.stdout).unwrap(), "MARK READY\nagent runs\n0022\nhello\n");
}

#[test]
fn what_arrives_damaged_or_cut_off_is_never_run_and_leaves_nothing() {
    let cache = tempfile::tempdir().unwrap();
    let mut wrong = here();
    wrong.facts.sha256 = "0".repeat(64);
    let output = run(wrong, cache.path(), &sent());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("MARK FAIL check ") && !text.contains("agent runs"), "{text}");
    assert!(left(cache.path()).is_empty());
    let output = run(here(), cache.path(), &sent()[..16]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("MARK FAIL write "));
    assert!(left(cache.path()).is_empty());
}

#[test]
fn an_agent_that_is_no_longer_what_it_was_is_replaced() {
    let cache = tempfile::tempdir().unwrap();
    run(here(), cache.path(), &sent());
    let stored = cache.path().join("pii").join(format!("agent-{}", here().facts.sha256));
    fs::write(&stored, "#!/bin/sh\necho something else\n").unwrap();
    let again = String::from_utf8(run(here(), cache.path(), &sent()).stdout).unwrap();
    assert!(again.contains("MARK NEED ") && again.contains("agent runs"), "{again}");
    assert_eq!(fs::read(stored).unwrap(), AGENT);
}

#[test]
fn a_place_that_is_not_ours_alone_is_passed_over_and_left_as_it_is() {
    let cache = tempfile::tempdir().unwrap();
    let [open, elsewhere] = ["pii", "elsewhere"].map(|name| cache.path().join(name));
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o750)).unwrap();
    let passed_over = || {
        let text = String::from_utf8(run(here(), cache.path(), &sent()).stdout).unwrap();
        assert!(text.starts_with(&format!("MARK NOT ours {}\n", open.display())), "{text}");
        assert!(text.contains("agent runs"), "{text}");
        let next = cache.path().join(".cache/pii");
        assert_eq!(fs::metadata(&next).unwrap().permissions().mode() & 0o7777, 0o700);
        assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
        fs::remove_dir_all(next).unwrap();
    };
    passed_over();
    fs::rename(&open, &elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&elsewhere, &open).unwrap();
    passed_over();
}

#[test]
fn an_agent_that_others_may_change_is_replaced() {
    let cache = tempfile::tempdir().unwrap();
    run(here(), cache.path(), &sent());
    let stored = cache.path().join("pii").join(format!("agent-{}", here().facts.sha256));
    fs::set_permissions(&stored, fs::Permissions::from_mode(0o770)).unwrap();
    let again = String::from_utf8(run(here(), cache.path(), &sent()).stdout).unwrap();
    assert!(again.contains("MARK NEED "), "{again}");
    assert_eq!(fs::metadata(stored).unwrap().permissions().mode() & 0o7777, 0o700);
}

#[test]
fn an_unknown_machine_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let output = run(agent("vax-linux"), cache.path(), b"");
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("MARK ARCH Linux "));
}

#[test]
fn words_are_found_behind_noise() {
    let parse = |line| Word::parse(line, "MARK");
    assert_eq!(
        parse("motd: MARK NEED x86_64-linux gzip"),
        Some(Word::Need { platform: "x86_64-linux".into(), packed: true })
    );
    assert_eq!(parse("MARK ARCH Linux armv7l"), Some(Word::Architecture("Linux armv7l".into())));
    let directory = "/home/a b/.cache/pii".to_owned();
    assert_eq!(parse("MARK FAIL write /home/a b/.cache/pii"), Some(Word::Fail { intact: true, directory }));
    let passed = Passed { directory: "/home/a b".to_owned(), fault: word::Fault::Room };
    assert_eq!(parse("MARK NOT room /home/a b"), Some(Word::Not(passed)));
    assert_eq!(parse("MARK NONE"), Some(Word::Nowhere));
    assert_eq!(parse("MARK READY"), Some(Word::Ready));
    assert_eq!(parse("READY"), None);
    assert_eq!(parse("MARK SOMETHING"), None);
}
