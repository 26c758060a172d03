//! Modes of Node that read files beneath `fs` work on the remote, or are refused by their name before anything runs.

use super::{machines, target};
use crate::{
    finish::{Finished, poll, start},
    laptop::{Laptop, RUN},
    remote::{ROOT, Remote},
};

/// A project with tests, scripts and an environment file.
const PROJECT: &str = r#"
mkdir -p sub/test node_modules/.bin node_modules/dep real
cat > sub/test/good.mjs <<'END'
import { test } from 'node:test'; import fs from 'node:fs';
test('is on the remote', () => { if (!fs.existsSync('file.txt')) throw new Error('not there') });
END
cat > bad.test.cjs <<'END'
require('node:test').test('fails', () => { throw new Error('as it should') });
END
cat > package.json <<'END'
{ "scripts": { "where": "hostname; pwd; mine", "words": "printf '<%s>'" } }
END
printf '#!/bin/sh\necho mine of .bin\n' > node_modules/.bin/mine; chmod +x node_modules/.bin/mine
printf 'A=1\nPATH=/nowhere\n' > first.env; printf 'A=2\nB="two words"\n' > second.env
echo 'console.log(process.env.A, process.env.B, process.env.PATH !== "/nowhere")' > says.cjs
echo 'const x = ;' > broken.mjs; echo 'await 1; export {}' > fine.mjs
echo 'module.exports = __filename' > real/name.cjs; ln -s real linked
echo 'console.log(require("./linked/name.cjs"))' > links.cjs
echo 'console.log("run", require("fs").readFileSync("file.txt", "utf8").trim()); setInterval(() => {}, 1000)' > watched.cjs
"#;

fn project() -> (Remote, Laptop) {
    let (remote, laptop) = machines();
    remote.sh(&format!("cd {ROOT}; {PROJECT} chown -R 1000:1000 {ROOT}"));
    (remote, laptop)
}

#[track_caller]
fn node(laptop: &Laptop, words: &[&str]) -> Finished {
    laptop.run(&[&["run", "--ssh", &target(), "--", "node"], words].concat())
}

#[test]
fn tests_are_found_and_run_on_the_remote_and_none_is_no_success() {
    let (_remote, laptop) = project();
    let all = node(&laptop, &["--test", "--test-reporter=tap"]);
    assert_eq!(all.code, Some(1), "{}\n{}", all.stdout, all.stderr);
    for part in ["ok 1 - fails", "is on the remote", "# pass 1", "# fail 1", "as it should"] {
        assert!(all.stdout.contains(part), "{part:?} is not in {}\n{}", all.stdout, all.stderr);
    }
    let good = node(&laptop, &["--test", "sub/test/good.mjs"]);
    assert_eq!(good.code, Some(0), "{}\n{}", good.stdout, good.stderr);
    assert!(good.stdout.contains("pass 1"), "{}", good.stdout);
    let none = node(&laptop, &["--test", "no-such-*.mjs"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""));
    assert!(none.stderr.contains("Could not find 'no-such-*.mjs'"), "{}", none.stderr);
    let named = node(&laptop, &["--test", "--test-name-pattern=nothing", "--test-reporter", "tap"]);
    assert!(named.stdout.contains("# fail 0"), "{}", named.stdout);
    let script = "import { spawnSync } from 'node:child_process';\n\
                  const { status, stdout } = spawnSync(process.execPath, ['--test', 'bad.test.cjs'], { encoding: 'utf8' });\n\
                  console.log(status, stdout.includes('as it should'));";
    assert_eq!(laptop.run_script(script, &[]).ok(), "1 true\n", "in a child, too");
}

#[test]
fn scripts_environment_files_and_checks_are_the_remote_s() {
    let (_remote, laptop) = project();
    assert_eq!(node(&laptop, &["--run", "where"]).ok(), format!("far\n{ROOT}\nmine of .bin\n"));
    assert_eq!(node(&laptop, &["--run", "words", "--", "a b", "it's"]).ok(), "<a b><it's>");
    let unknown = node(&laptop, &["--run=none"]);
    assert!(
        unknown.code == Some(1) && unknown.stderr.contains("Missing script: \"none\""),
        "{}",
        unknown.stderr
    );
    let files =
        ["--env-file=first.env", "--env-file", "second.env", "--env-file-if-exists=none.env", "says.cjs"];
    assert_eq!(node(&laptop, &files).ok(), "2 two words true\n");
    let missing = node(&laptop, &["--env-file=none.env", "says.cjs"]);
    assert_eq!((missing.code, missing.stderr.as_str()), (Some(9), "node: none.env: not found\n"));
    let broken = node(&laptop, &["--check", "broken.mjs"]);
    assert_eq!(broken.code, Some(1));
    assert!(broken.stderr.contains(&format!("{ROOT}/broken.mjs:1")), "{}", broken.stderr);
    assert!(broken.stderr.contains("SyntaxError"), "{}", broken.stderr);
    node(&laptop, &["-c", "fine.mjs"]).ok();
    assert_eq!(node(&laptop, &["links.cjs"]).ok(), format!("{ROOT}/real/name.cjs\n"));
    assert_eq!(
        node(&laptop, &["--preserve-symlinks", "links.cjs"]).ok(),
        format!("{ROOT}/linked/name.cjs\n")
    );
}

#[test]
fn a_watched_script_runs_again_when_a_file_of_the_remote_changes() {
    let (remote, laptop) = project();
    let script = format!(
        "exec {} run --ssh {} --node {} -- node --watch watched.cjs > /root/said 2>&1",
        crate::paths::pii().display(),
        target(),
        crate::paths::tool("node").display()
    );
    let mut shell = laptop.machine.command("/root", "/bin/bash");
    shell.args(["-c", &script]);
    let running = start(shell);
    let said = |text: &str| {
        let seen = || laptop.machine.try_sh("cat /root/said").stdout.contains(text).then_some(());
        assert!(poll(RUN, seen).is_some(), "{text:?} is not in\n{}", laptop.sh("cat /root/said"));
    };
    said("run needle of the remote");
    remote.sh(&format!("sed -i 's/\"run\"/\"run again\"/' {ROOT}/watched.cjs"));
    said(&format!("Restarting '{ROOT}/watched.cjs'"));
    said("run again needle of the remote");
    laptop.sh("pkill -TERM -x pii");
    running.finish(RUN);
    assert_eq!(laptop.processes(), Vec::<String>::new());
}

#[test]
fn what_cannot_be_done_is_refused_by_its_name_before_anything_runs() {
    let (_remote, laptop) = project();
    for flag in ["--permission", "--experimental-test-coverage", "--build-snapshot"] {
        let refused = node(&laptop, &[flag, "says.cjs"]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{flag}");
        assert!(refused.stderr.contains(&format!("node {flag} does not work")), "{}", refused.stderr);
    }
    let profiled = laptop.pii(&["run", "--ssh", &target(), "--", "node", "--cpu-prof", "says.cjs"]);
    start(profiled).finish(RUN).ok();
    assert!(laptop.sh("ls /root").contains(".cpuprofile"), "{}", laptop.sh("ls /root"));
    let script = "import { DatabaseSync } from 'node:sqlite'; import v8 from 'node:v8'; import fs from 'node:fs';\n\
                  try { new DatabaseSync('x.db') } catch ({ code, message }) { console.log(code, message.includes('another machine')) }\n\
                  console.log(new DatabaseSync(':memory:').isOpen ?? true);\n\
                  const name = v8.writeHeapSnapshot('heap.json'); console.log(name, fs.statSync(name).size > 1000);\n\
                  import net from 'node:net'; import os from 'node:os';\n\
                  const at = `${os.tmpdir()}/deep/x.sock`; fs.mkdirSync(`${os.tmpdir()}/deep`);\n\
                  const server = net.createServer((socket) => socket.end('heard')).listen(at, () => net.connect(at).on('data', (data) => {\n\
                  console.log(String(data)); server.close() }));\n\
                  console.log(fs.existsSync(v8.writeHeapSnapshot()), process.report.writeReport('r.json'), fs.existsSync('r.json'));";
    assert_eq!(
        laptop.run_script(script, &[]).ok(),
        "ERR_SQLITE_ERROR true\ntrue\nheap.json true\ntrue r.json true\nheard\n"
    );
}
