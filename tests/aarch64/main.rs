//! Whole sessions of `pii` with a remote that is an aarch64 machine as far as the agent can tell: `uname` says so, the
//! agent for it is sent there, and the kernel runs it by qemu. The remote's own commands are this machine's.
//!
//! `/proc/PID/exe` of the agent is qemu there, so the login shell cannot become the agent: remote commands have the plain
//! environment here.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a failing test shows what it saw")]

use scripted_model::Turn;
use serde_json::json;
use testbed::{
    finish::{Finished, start},
    laptop::{Laptop, RUN, target},
    paths::{self, PIS},
    pi,
    project::{Project, tree},
    remote::{ROOT, Remote},
};

/// A laptop and a remote that has no search tools.
fn machines() -> (Remote, Laptop) {
    let remote = Remote::of_aarch64();
    remote.machine.remove_search_tools();
    remote.set_uname("Linux aarch64");
    let laptop = Laptop::of(&remote);
    laptop.write("/root/.config/pii/config.toml", "env.mode = \"plain\"\n");
    (remote, laptop)
}

/// Runs a script on the laptop, in the remote's root.
fn run(laptop: &Laptop, script: &str) -> Finished {
    laptop.write("/root/script.mjs", script);
    let mut pii = laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/script.mjs"]);
    pii.env("HERE", ROOT);
    start(pii).finish(RUN)
}

#[test]
fn its_own_agent_is_sent_once_and_runs_there() {
    let (remote, laptop) = machines();
    for _ in 0..2 {
        assert_eq!(run(&laptop, "console.log(process.cwd())").ok(), format!("{ROOT}\n"));
        let sums = remote.sh("find /root/.cache/pii -type f -exec sha256sum {} +");
        assert_eq!(sums.lines().count(), 1, "{sums}");
        assert!(sums.starts_with(&paths::agent_hash_for("aarch64")), "{sums}");
    }
    // e_machine of the file: 183 is aarch64.
    let machine = remote.sh("od -An -j18 -N2 -tu2 /root/.cache/pii/agent-*");
    assert_eq!(machine.trim(), "183");
    remote.assert_nothing_left();
}

#[test]
fn files_are_read_written_and_watched() {
    let (remote, laptop) = machines();
    remote.sh(&format!("cd {ROOT} && echo before > there && ln -s /etc/passwd out && ln -s there in"));
    let script = r#"import fs from "node:fs";
        import { once } from "node:events";
        const show = (value) => console.log(JSON.stringify(value));
        const failing = (call) => { try { return call(); } catch (error) { return error.code; } };
        show([fs.readFileSync("there", "utf8"), fs.readFileSync("in", "utf8"), fs.lstatSync("in").isSymbolicLink()]);
        show([failing(() => fs.readFileSync("out")), failing(() => fs.readFileSync("none"))]);
        fs.mkdirSync("a/b/c", { recursive: true });
        const large = Buffer.alloc(3_000_000, "0123456789");
        fs.writeFileSync("a/b/large", large);
        show(large.equals(await fs.promises.readFile("a/b/large")));
        show(fs.statSync("a/b/large").size);
        fs.appendFileSync("there", "after\n");
        fs.renameSync("there", "a/moved");
        fs.chmodSync("a/moved", 0o640);
        show([fs.readFileSync("a/moved", "utf8"), fs.statSync("a/moved").mode & 0o777, failing(() => fs.statSync("in"))]);
        show(fs.readdirSync(".", { recursive: true }).sort());
        const watcher = fs.watch(".");
        const seen = once(watcher, "change");
        fs.writeFileSync("new", "");
        show((await seen).slice(0, 2));
        watcher.close();
        fs.rmSync("a", { recursive: true });
        show(fs.readdirSync(".").sort());"#;
    assert_eq!(
        run(&laptop, script).ok(),
        "[\"before\\n\",\"before\\n\",true]\n\
         [\"EACCES\",\"ENOENT\"]\n\
         true\n\
         3000000\n\
         [\"before\\nafter\\n\",416,\"ENOENT\"]\n\
         [\"a\",\"a/b\",\"a/b/c\",\"a/b/large\",\"a/moved\",\"in\",\"out\"]\n\
         [\"rename\",\"new\"]\n\
         [\"in\",\"new\",\"out\"]\n"
    );
    assert_eq!(remote.sh(&format!("ls {ROOT}")), "in\nnew\nout\n");
    remote.assert_nothing_left();
}

#[test]
fn processes_run_and_end() {
    let (remote, laptop) = machines();
    remote.sh(&format!("cd {ROOT} && seq 1 100000 > numbers && echo a needle > text"));
    let script = r#"import { spawn, spawnSync } from "node:child_process";
        import { once } from "node:events";
        const cwd = process.env.HERE;
        const show = (value) => console.log(JSON.stringify(value));
        const run = (file, args, input) => {
          const { status, signal, stdout, stderr } = spawnSync(file, args, { cwd, input, encoding: "utf8" });
          return [status, signal, stdout, stderr];
        };
        show(run("sh", ["-c", "uname; pwd; echo told >&2; exit 3"]));
        show(run("tr", ["a-z", "A-Z"], "stdin comes through"));
        show(run("sh", ["-c", "kill -9 $$"]));
        show(run("no-such-command", []));
        show(run("cat", ["numbers"])[2].length);
        const child = spawn("sh", ["-c", "sleep 600 & echo up; wait"], { cwd });
        await once(child.stdout, "data");
        child.kill();
        show(await once(child, "close"));
        // The tools that the agent carries are aarch64's too.
        show(run("rg", ["-n", "needle", "."]));
        show(run("sh", ["-c", "fd -d1 | sort"]));"#;
    assert_eq!(
        run(&laptop, script).ok(),
        format!(
            "[3,null,\"Linux aarch64\\n{ROOT}\\n\",\"told\\n\"]\n\
             [0,null,\"STDIN COMES THROUGH\",\"\"]\n\
             [null,\"SIGKILL\",\"\",\"\"]\n\
             [null,null,null,null]\n\
             588895\n\
             [null,\"SIGTERM\"]\n\
             [0,null,\"./text:1:a needle\\n\",\"\"]\n\
             [0,null,\"numbers\\ntext\\n\",\"\"]\n"
        )
    );
    remote.assert_nothing_left();
}

#[test]
fn pi_works_there_as_anywhere() {
    let script = || {
        vec![
            Turn::call("read", json!({ "path": "README.md" })),
            Turn::call("grep", json!({ "pattern": "needle 1", "path": "src/parts/part1.js" })),
            Turn::call("write", json!({ "path": "CHANGES.md", "content": "# changes\n" })),
            Turn::call(
                "edit",
                json!({ "path": "README.md", "edits": [{ "oldText": "# sample", "newText": "# example" }] }),
            ),
            Turn::call("bash", json!({ "command": "git add -A && git status --short" })),
            Turn::say("All done."),
        ]
    };
    let project = Project::clone_of_a_repository();
    let (remote, laptop) = machines();
    project.copy_to(&remote.machine);
    let before = tree(&remote.machine);
    let session = pi::remotely(&laptop, PIS[1], script());
    let results = session.transcript.tool_results();
    assert_eq!(session.end.ok(), "All done.\n");
    assert_eq!(results.len(), script().len() - 1, "a result for each call");
    assert!(results[1].text().contains("needle 1"), "{}", results[1].text());
    assert!(results[4].text().contains("A  CHANGES.md\nM  README.md"), "{}", results[4].text());
    assert_ne!(tree(&remote.machine), before);
    assert!(remote.sh(&format!("cat {ROOT}/README.md")).starts_with("# example"));
    remote.assert_nothing_left();
}
