//! No read is ever stale: while a tree changes, by commands of the remote and by the program itself, every read that
//! follows a change sees it.
//!
//! `PII_STALENESS_SEED=7 PII_STALENESS_ROUNDS=100000` runs another and longer sequence.

use std::{env, fs, time::Duration};

use crate::{
    finish::start,
    laptop::{Laptop, target},
    paths,
    remote::{ROOT, Remote},
};

/// How long the reads may take.
const LIMIT: Duration = Duration::from_secs(1800);
/// Where the script lies on the laptop.
const SCRIPT: &str = "/root/staleness.mjs";

#[test]
fn no_read_is_stale() {
    let setting = |name: &str, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let (seed, rounds) = (setting("PII_STALENESS_SEED", "1"), setting("PII_STALENESS_ROUNDS", "2000"));
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let folder = paths::workspace().join("tests/scripts");
    for name in ["staleness.mjs", "staleness/chance.mjs", "staleness/changes.mjs", "staleness/tree.mjs"] {
        laptop.write(&format!("/root/{name}"), &fs::read_to_string(folder.join(name)).expect("readable"));
    }
    let changed = format!("{ROOT}/changed");
    remote.sh(&format!("mkdir -p {changed}"));
    let bridged = laptop.pii(&["run", "--ssh", &target(), "--", "node", SCRIPT, &changed, &seed, &rounds]);
    let said = start(bridged).finish(LIMIT).ok();
    println!("{said}");
    assert!(said.contains(" 0 stale"), "{said}");
    remote.assert_nothing_left();
}
