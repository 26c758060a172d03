//! Nothing outside the root is reached by a file call or used as a working directory.

use std::time::Duration;

use serde_json::Value;
use wire_protocol::{
    Call,
    files::{FileCall, open_flags},
};

use crate::{
    agent::Agent,
    finish::start,
    laptop::Laptop,
    remote::{ROOT, Remote},
};

/// A directory beside the root, and links that lead there.
const OUTSIDE: &str = "mkdir -p /srv/far/outside/dir /srv/far/project/sub; cd /srv/far/project
echo secret > ../outside/secret.txt; echo inside > inside.txt
ln -s ../outside/secret.txt link-file; ln -s /srv/far/outside link-dir; ln -s .. link-up; ln -s link-dir link-link
ln -s ../outside/new.txt link-new";

/// What must answer EACCES, and what is merely not there.
const ATTEMPTS: &str = r#"
import fs from "node:fs";
import { spawnSync, spawn } from "node:child_process";
import { once } from "node:events";
const cwd = spawnSync("pwd", { cwd: process.cwd() }).stdout.toString().trim();
const refused = {
  read: () => fs.readFileSync("link-file"),
  readAbsolute: () => fs.readFileSync(cwd + "/link-file"),
  readBelow: () => fs.readFileSync("link-dir/secret.txt"),
  readUp: () => fs.readFileSync("link-up/outside/secret.txt"),
  readTwice: () => fs.readFileSync("link-link/secret.txt"),
  readSideways: () => fs.readFileSync("sub/../link-up/outside/secret.txt"),
  readPromise: () => fs.promises.readFile("link-file"),
  stream: () => once(fs.createReadStream("link-file"), "data"),
  open: () => fs.openSync("link-file"),
  stat: () => fs.statSync("link-file"),
  access: () => fs.accessSync("link-file"),
  realpath: () => fs.realpathSync.native("link-file"),
  list: () => fs.readdirSync("link-dir"),
  opendir: () => fs.opendirSync("link-dir"),
  write: () => fs.writeFileSync("link-file", "x"),
  writeNew: () => fs.writeFileSync("link-new", "x"),
  writeBelow: () => fs.writeFileSync("link-dir/new.txt", "x"),
  append: () => fs.appendFileSync("link-file", "x"),
  truncate: () => fs.truncateSync("link-file"),
  chmod: () => fs.chmodSync("link-file", 0o777),
  utimes: () => fs.utimesSync("link-file", 0, 0),
  mkdir: () => fs.mkdirSync("link-dir/made"),
  mkdtemp: () => fs.mkdtempSync("link-dir/made"),
  unlink: () => fs.unlinkSync("link-dir/secret.txt"),
  rmdir: () => fs.rmdirSync("link-dir/dir"),
  renameOut: () => fs.renameSync("inside.txt", "link-dir/moved.txt"),
  renameIn: () => fs.renameSync("link-dir/secret.txt", "stolen.txt"),
  link: () => fs.linkSync("link-dir/secret.txt", "stolen.txt"),
  symlink: () => fs.symlinkSync("x", "link-dir/made"),
  copyOut: () => fs.copyFileSync("inside.txt", "link-dir/copied.txt"),
  copyIn: () => fs.copyFileSync("link-file", "stolen.txt"),
};
const missing = {
  dots: () => fs.readFileSync("../outside/secret.txt"),
  dotsAbsolute: () => fs.readFileSync(cwd + "/../outside/secret.txt"),
  dotsWrite: () => fs.writeFileSync("../outside/new.txt", "x"),
  dotsRename: () => fs.renameSync("inside.txt", "../outside/moved.txt"),
  dotsBehindLink: () => fs.readFileSync("link-dir/../outside/secret.txt"),
};
const outcomes = {};
for (const [name, attempt] of Object.entries({ ...refused, ...missing })) {
  try { await attempt(); outcomes[name] = "DONE" } catch (error) { outcomes[name] = error.code ?? String(error) }
}
outcomes.exists = String(fs.existsSync("link-file"));
console.log(JSON.stringify({ outcomes, missing: Object.keys(missing) }));
"#;

/// Everything outside that a call could have changed.
const STATE: &str = "cd /srv/far/outside && find . -printf '%p %y %m %s %T@ %n\\n' | sort && cat secret.txt";

#[test]
fn links_and_dots_lead_nowhere_outside_the_root() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh(OUTSIDE);
    let before = remote.sh(STATE);
    let told = laptop.run_script(ATTEMPTS, &[]).ok();
    let told: Value = serde_json::from_str(&told).expect("JSON");

    let mut outcomes = told["outcomes"].as_object().expect("an object").clone();
    assert_eq!(outcomes.remove("exists"), Some("false".into()));
    for name in told["missing"].as_array().expect("a list") {
        let outcome = outcomes.remove(name.as_str().expect("a name")).expect("an outcome");
        assert!(["EACCES", "ENOENT", "EXDEV"].iter().any(|code| outcome == *code), "{name}: {outcome}");
    }
    outcomes.retain(|_, outcome| outcome != "EACCES");
    assert!(outcomes.is_empty(), "these are not EACCES: {outcomes:?}");
    assert_eq!(remote.sh(STATE), before, "something outside changed");
    assert_eq!(remote.sh("cat /srv/far/project/inside.txt"), "inside\n");
}

#[test]
fn the_agent_itself_refuses_what_lies_outside() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.run_script("", &[]).ok();
    remote.sh(OUTSIDE);
    let before = remote.sh(STATE);
    let mut agent = Agent::start(&remote);

    for token in [None, Some(""), Some("00"), Some(&"f".repeat(64)[..])] {
        assert!(
            agent.asked_with(token).starts_with("HTTP/1.1 401"),
            "{token:?}: {}",
            agent.asked_with(token)
        );
    }

    let files = Call::Files;
    assert!(
        agent.call(files(FileCall::Stat { path: format!("{ROOT}/inside.txt").into(), follow: true })).is_ok()
    );
    for path in [
        "/etc/passwd",
        "/srv/far/outside/secret.txt",
        "/srv/far",
        "/",
        "/srv/far/project/../outside/secret.txt",
        "/srv/far/projectile",
        "/srv/far/project/link-file",
        "/srv/far/project/link-dir/secret.txt",
    ] {
        let path = path.as_bytes().to_vec();
        let inside = format!("{ROOT}/new").into_bytes();
        for call in [
            files(FileCall::ReadFile { descriptor: 1, path: path.clone(), flags: 0 }),
            files(FileCall::Open { descriptor: 2, path: path.clone(), flags: 0, mode: 0 }),
            files(FileCall::WriteFile {
                path: path.clone(),
                flags: open_flags::CREAT | open_flags::WRONLY,
                mode: 0o644,
                data: vec![1],
                flush: false,
            }),
            files(FileCall::CopyFile { from: path.clone(), to: inside.clone(), exclusive: false }),
        ] {
            let answer = agent.call(call.clone());
            assert_eq!(
                answer.as_ref().map_err(|error| error.code.as_str()),
                Err(wire_protocol::OUTSIDE),
                "{call:?}"
            );
        }
        // That a directory above the root is there may be asked.
        let above = ROOT.as_bytes().starts_with(&path);
        assert_eq!(agent.call(files(FileCall::Stat { path, follow: true })).is_ok(), above);
    }
    assert_eq!(remote.sh(STATE), before, "something outside changed");
}

/// Swaps `swap` between a directory, a link within the root and a link out of it, as fast as it can.
const ATTACKER: &str = r#"use Time::HiRes qw(time); chdir "/srv/far/project" or die; my $end = time + 11;
mkdir "real"; for my $d ("real", "kept") { mkdir $d; open my $f, ">", "$d/secret.txt"; print $f "inside\n"; close $f; }
while (time < $end) {
  symlink "/srv/far/outside", "s1"; rename "s1", "swap"; symlink "kept", "s2"; rename "s2", "swap";
  unlink "swap"; rename "real", "swap"; rename "swap", "real";
}"#;

const VICTIM: &str = r#"
import fs from "node:fs";
const end = Date.now() + 10_000;
const seen = {};
const attempt = (action) => {
  let outcome;
  try { outcome = action() ?? "done" } catch (error) { outcome = error.code ?? String(error) }
  seen[outcome] = (seen[outcome] ?? 0) + 1;
};
while (Date.now() < end) {
  attempt(() => fs.readFileSync("swap/secret.txt", "utf8").trim());
  attempt(() => fs.writeFileSync("swap/written.txt", "x"));
  attempt(() => fs.renameSync("swap/written.txt", "swap/renamed.txt"));
  attempt(() => fs.rmSync("swap/renamed.txt"));
  attempt(() => fs.mkdirSync("swap/made"));
  attempt(() => fs.rmdirSync("swap/made"));
}
console.log(JSON.stringify(seen));
"#;

#[test]
fn a_link_that_is_swapped_while_calls_are_made_leads_nowhere_either() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh(OUTSIDE);
    laptop.run_script("", &[]).ok();
    let before = remote.sh(STATE);
    let mut attacker = remote.machine.command("/", "/usr/bin/perl");
    attacker.args(["-e", ATTACKER]);
    let attacker = start(attacker);
    let told = laptop.run_script(VICTIM, &[]).ok();
    attacker.finish(Duration::from_secs(30)).ok();

    let seen: Value = serde_json::from_str(&told).expect("JSON");
    for outcome in ["inside", "EACCES", "done"] {
        assert!(seen[outcome].as_u64() > Some(20), "the race was not run: {seen}");
    }
    assert!(seen["secret"].is_null(), "the file outside was read: {seen}");
    assert_eq!(remote.sh(STATE), before, "something outside changed: {seen}");
}
