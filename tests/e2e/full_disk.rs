//! A disk that is full says so through `pii` as it does locally: to whom, when, and how much was written before.

use std::{fs, time::Duration};

use crate::{
    finish::start,
    laptop::{Laptop, target},
    link::Link,
    paths,
    remote::{ROOT, Remote},
    scripts::{difference, said},
};

/// How long the script may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Where it lies.
const SCRIPT: &str = "/root/full-disk.mjs";

#[test]
fn a_full_disk_is_as_it_is_locally() {
    let script =
        fs::read_to_string(paths::workspace().join("tests/scripts/full-disk.mjs")).expect("readable");
    let home = Laptop::alone();
    let remote = Remote::start();
    // A link that takes its time, so that much is on its way when the disk is full.
    let link = Link::to(remote.port, Duration::from_millis(20));
    let laptop = Laptop::over(&link, &remote);
    for machine in [&home.machine, &remote.machine] {
        machine.sh(&format!("mkdir -p {ROOT}/small && mount -t tmpfs -o size=3m tmpfs {ROOT}/small"));
    }
    home.write(SCRIPT, &script);
    laptop.write(SCRIPT, &script);
    let node = paths::tool("node");
    let mut plain = home.machine.command(ROOT, node.to_str().expect("a plain path"));
    plain.arg(SCRIPT);
    let local = said(start(plain).try_finish(LIMIT));
    let bridged =
        said(start(laptop.pii(&["run", "--ssh", &target(), "--", "node", SCRIPT])).try_finish(LIMIT));
    assert!(local.iter().any(|line| line.contains("ENOSPC")), "{local:?}");
    assert!(local == bridged, "- plain Node, + through pii\n{}", difference(&local, &bridged));
    remote.sh(&format!("umount {ROOT}/small"));
    remote.assert_nothing_left();
}
