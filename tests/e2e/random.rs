//! Random file operations give the same results and leave the same trees through `pii` as on the remote's own disk.
//!
//! `PII_RANDOM_NODE=node-24 PII_RANDOM_SEEDS="7 8 9" PII_RANDOM_OPERATIONS=20000` runs other and longer sequences.

use std::{env, fs, path::Path, time::Duration};

use crate::{
    finish::start,
    laptop::{Laptop, target},
    machine::Machine,
    paths,
    remote::{ROOT, Remote},
};

/// The versions of Node and the seeds of a normal run.
const RUNS: [(&str, &str); 3] = [("node", "1 2 3"), ("node-24", "4"), ("node-26", "5")];
/// Operations of each sequence.
const OPERATIONS: &str = "1000";
/// How long one sequence may take.
const LIMIT: Duration = Duration::from_secs(600);
/// A directory of the laptop, on another disk than the project, in all runs.
const NEAR: &str = "/root/near";
/// Where the script lies on the laptop.
const SCRIPT: &str = "/root/random.mjs";

#[test]
fn random_operations_are_as_they_are_locally() {
    let operations = env::var("PII_RANDOM_OPERATIONS").unwrap_or_else(|_| OPERATIONS.to_owned());
    let home = Laptop::alone();
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    put_scripts(&home);
    put_scripts(&laptop);
    for (node, seeds) in runs() {
        for seed in seeds.split_whitespace() {
            compare(&home, &remote, &laptop, &node, seed, &operations);
        }
    }
    remote.assert_nothing_left();
}

/// The versions and seeds that were asked for, else those of a normal run.
fn runs() -> Vec<(String, String)> {
    let named = |(node, seeds): (&str, &str)| (node.to_owned(), seeds.to_owned());
    match (env::var("PII_RANDOM_NODE"), env::var("PII_RANDOM_SEEDS")) {
        (Err(_), Err(_)) => RUNS.map(named).to_vec(),
        (node, seeds) => {
            let or =
                |asked: Result<String, _>, otherwise: &str| asked.unwrap_or_else(|_| otherwise.to_owned());
            vec![(or(node, RUNS[0].0), or(seeds, RUNS[0].1))]
        }
    }
}

/// Runs one sequence on a plain machine and through `pii`.
fn compare(home: &Laptop, remote: &Remote, laptop: &Laptop, node: &str, seed: &str, operations: &str) {
    let replay = format!(
        "PII_RANDOM_NODE={node} PII_RANDOM_SEEDS={seed} PII_RANDOM_OPERATIONS={operations} \
         cargo test -p e2e --test e2e -- random"
    );
    println!("seed {seed}: {replay}");
    for machine in [&home.machine, &remote.machine, &laptop.machine] {
        machine.sh(&format!("mkdir -p {ROOT} && rm -rf {NEAR} && find {ROOT} -mindepth 1 -delete"));
    }
    laptop.sh("rm -r /srv/far");
    let program = paths::tool(node);
    let program = program.to_str().expect("a plain path");

    let mut plain = home.machine.command(ROOT, program);
    plain.args([SCRIPT, seed, operations, NEAR]);
    let local = start(plain).finish(LIMIT).ok();
    let mut bridged = laptop.pii(&["run", "--ssh", &target(), "--", "node", SCRIPT, seed, operations, NEAR]);
    bridged.env("PII_NODE", program);
    let bridged = start(bridged).finish(LIMIT);

    if let Some((line, (plain, other))) = first_difference(&local, &bridged.stdout) {
        panic!(
            "seed {seed}, line {line} (- plain Node, + through pii)\n- {plain}\n+ {other}\nreplay: {replay}\n{}",
            bridged.stderr
        );
    }
    assert_eq!(bridged.code, Some(0), "seed {seed}, replay: {replay}\n{}", bridged.stderr);
    assert_eq!(disk(&remote.machine, ROOT), disk(&home.machine, ROOT), "seed {seed}, replay: {replay}");
    assert_eq!(disk(&laptop.machine, NEAR), disk(&home.machine, NEAR), "seed {seed}, replay: {replay}");
}

/// Puts the script and what it imports on the laptop.
fn put_scripts(laptop: &Laptop) {
    let folder = paths::workspace().join("tests/scripts");
    let read = |path: &Path| fs::read_to_string(path).expect("readable");
    laptop.write(SCRIPT, &read(&folder.join("random.mjs")));
    for entry in fs::read_dir(folder.join("random")).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        laptop.write(&format!("/root/random/{name}"), &read(&path));
    }
}

/// The first lines that differ, and their number.
fn first_difference<'a>(local: &'a str, bridged: &'a str) -> Option<(usize, (&'a str, &'a str))> {
    let length = local.lines().count().max(bridged.lines().count());
    let filled = |text: &'a str| text.lines().chain(std::iter::repeat("(nothing more)")).take(length);
    filled(local).zip(filled(bridged)).enumerate().find(|(_, (local, bridged))| local != bridged)
}

/// What a directory holds, as the machine's own tools tell it.
fn disk(machine: &Machine, directory: &str) -> String {
    machine.sh(&format!(
        "cd {directory} && find . -mindepth 1 ! -type d -printf '%P %y %m %s %n %l\\n' | LC_ALL=C sort && \
         find . -mindepth 1 -type d -printf '%P %m\\n' | LC_ALL=C sort && \
         find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum"
    ))
}
