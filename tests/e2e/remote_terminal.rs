//! Remote processes that inherit the user's terminal.

use std::time::Duration;

use crate::{
    finish::poll,
    laptop::{Laptop, target},
    paths,
    remote::{ROOT, Remote},
    terminal::Terminal,
};

const SOON: Duration = Duration::from_secs(30);

/// A window in which a script runs through `pii`, and then says how it ended. What `stty` says of the window before
/// and after is kept.
fn run<'a>(laptop: &'a Laptop, script: &str) -> Terminal<'a> {
    laptop.write("/root/script.mjs", &format!("{PRELUDE}{script}"));
    let line = format!(
        "stty -g > /root/before\n\
         PII_NODE={} {} run --ssh {} -- node /root/script.mjs\n\
         echo \"ended with $?\"; stty -g > /root/after; exec sleep infinity\n",
        paths::tool("node").display(),
        paths::pii().display(),
        target(),
    );
    Terminal::start(laptop, &line)
}

const PRELUDE: &str = r#"
import { spawn, spawnSync, execSync } from "node:child_process";
import { writeFileSync } from "node:fs";
const inherit = { stdio: "inherit" };
const run = (file, ...words) => new Promise((resolve) =>
  spawn(file, words, inherit).on("exit", (code, signal) => resolve(`${code} ${signal}`)));
"#;

/// Waits for the end and fails unless the window is as it was before.
#[track_caller]
fn assert_restored(laptop: &Laptop, terminal: &Terminal<'_>, end: &str) {
    terminal.wait_for(end, SOON);
    let restored = || (laptop.machine.try_sh("test -s /root/after").code == Some(0)).then_some(());
    assert!(poll(SOON, restored).is_some(), "stty does not answer");
    assert_eq!(laptop.sh("cat /root/after"), laptop.sh("cat /root/before"), "{}", terminal.screen());
}

#[test]
fn terminal_programs_work_and_leave_the_terminal_as_it_was() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh(&format!(
        "cd {ROOT} && git init -q . && seq -f 'line %g' 1 200 > long && git add . && \
         git -c user.name=a -c user.email=a@b commit -qm one && sed -i 's/^line 7$/line seven/' long"
    ));
    let terminal = run(
        &laptop,
        r#"
        const ends = [await run("vim", "-u", "NONE", "-N", "new")];
        ends.push(execSync("less long", inherit));
        ends.push(spawnSync("top", inherit).status, spawnSync("git", ["add", "-p"], inherit).status);
        console.log(ends.join(", "));
        process.stdin.once("data", (typed) => {
          console.log(`typed: ${typed}`);
          process.exit(5);
        });
        "#,
    );
    terminal.wait_for("\n~", SOON);
    terminal.press("'ihello there' Escape");
    terminal.press("':wq' Enter");
    terminal.wait_for("line 39\n", SOON);
    assert_eq!(remote.sh(&format!("cat {ROOT}/new")), "hello there\n");
    terminal.press("Space");
    terminal.wait_for("line 78\n", SOON);
    terminal.press("q");
    terminal.wait_for("load average", SOON);
    terminal.press("q");
    terminal.wait_for("Stage this hunk", SOON);
    terminal.press("y Enter");
    terminal.wait_for("0 null, , 0, 0", SOON);
    assert!(remote.sh(&format!("git -C {ROOT} diff --cached")).contains("+line seven"));

    // From here on the keys are the program's own.
    terminal.press("'to Node' Enter");
    terminal.wait_for("typed: to Node", SOON);
    assert_restored(&laptop, &terminal, "ended with 5");
}

#[test]
fn the_remote_terminal_has_the_size_of_the_window_and_follows_it() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let follows = "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.1; done";
    let terminal = run(
        &laptop,
        &format!(
            "spawnSync('bash', ['-c', {follows:?}], inherit); console.log('again');
             console.log(await run('bash', '-c', {follows:?}));"
        ),
    );
    terminal.wait_for("40 160", SOON);
    terminal.resize(100, 30);
    terminal.wait_for("30 100\nagain\n30 100", SOON);
    terminal.resize(90, 20);
    terminal.wait_for("20 90\n0 null", SOON);
    assert_restored(&laptop, &terminal, "ended with 0");
}

#[test]
fn the_terminal_is_as_it_was_whoever_is_killed() {
    let kills = [
        // The remote process, the program, the agent.
        (true, "pkill -KILL -x vim", "null SIGKILL"),
        (false, "pkill -KILL -x node", "ended with 137"),
        (true, "pkill -TERM -f /pii/agent-", "EREMOTEIO"),
    ];
    let remote = Remote::start();
    for (on_remote, kill, end) in kills {
        let laptop = Laptop::of(&remote);
        let terminal = run(
            &laptop,
            r#"
            const child = spawn("vim", ["-u", "NONE", "-N", "-n", "new"], inherit);
            child.on("error", (error) => console.log(error.code));
            child.on("exit", (code, signal) => console.log(code < 0 ? "EREMOTEIO" : `${code} ${signal}`));
            "#,
        );
        terminal.wait_for("\n~", SOON);
        if on_remote {
            remote.sh(kill)
        } else {
            laptop.sh(kill)
        };
        terminal.wait_for(end, SOON);
        assert_restored(&laptop, &terminal, "ended with");
        remote.assert_nothing_left();
    }
}

#[test]
fn an_interrupt_ends_the_program_with_the_process_it_ends_and_no_other() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let terminal = run(
        &laptop,
        r#"
        console.log("shell:", spawnSync("bash", ["--norc", "-i"], inherit).status);
        execSync("echo sleeps; exec sleep 1000", inherit);
        console.log("not reached");
        "#,
    );
    terminal.wait_for("bash-", SOON);
    terminal.press("'half' C-c");
    terminal.wait_for("^C\n", SOON);
    terminal.press(r#""bash -c 'echo up; exec sleep 1000'" Enter"#);
    terminal.wait_for("\nup\n", SOON);
    terminal.press("C-z");
    terminal.wait_for("Stopped", SOON);
    terminal.press("'exit 3' Enter");
    terminal.wait_for("There are stopped jobs", SOON);
    terminal.press("'exit 3' Enter");
    terminal.wait_for("shell: 3", SOON);
    terminal.wait_for("sleeps", SOON);
    terminal.press("C-c");
    assert_restored(&laptop, &terminal, "ended with 130");
    assert!(!terminal.screen().contains("not reached"));
}

#[test]
fn each_descriptor_is_a_terminal_where_it_is_one_locally() {
    let script = r#"
        const answers = {};
        const asks = "r=0; [ -t 0 ] && r=1; [ -t 1 ] && r=$((r + 2)); [ -t 2 ] && r=$((r + 4)); exit $r";
        for (const input of ["inherit", "pipe", "ignore"])
          for (const output of ["inherit", "pipe", "ignore"])
            for (const errors of ["inherit", "pipe", "ignore"]) {
              const stdio = [input, output, errors];
              const { status } = spawnSync("sh", ["-c", asks], { stdio });
              const child = spawn("sh", ["-c", asks], { stdio });
              answers[stdio] = [status, await new Promise((resolve) => child.on("exit", resolve))];
            }
        writeFileSync("/root/answers", JSON.stringify(answers, null, 1));
        "#;
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let terminal = run(&laptop, script);
    assert_restored(&laptop, &terminal, "ended with 0");

    let home = Laptop::alone();
    home.write("/root/script.mjs", &format!("{PRELUDE}{script}"));
    let line = format!(
        "{} /root/script.mjs; echo ended with $?; exec sleep infinity\n",
        paths::tool("node").display()
    );
    Terminal::start(&home, &line).wait_for("ended with 0", SOON);
    assert_eq!(laptop.sh("cat /root/answers"), home.sh("cat /root/answers"));
}

#[test]
fn a_pager_gets_keys_though_its_stdin_is_a_pipe() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let terminal = run(
        &laptop,
        r#"
        const text = Array.from({ length: 200 }, (_, index) => `row ${index}\n`).join("");
        const less = spawn("less", [], { stdio: ["pipe", "inherit", "inherit"] });
        less.stdin.end(text);
        less.on("exit", (code) => console.log("less:", code));
        "#,
    );
    terminal.wait_for("row 38\n", SOON);
    terminal.press("Space");
    terminal.wait_for("row 77\n", SOON);
    terminal.press("q");
    terminal.wait_for("less: 0", SOON);
    assert_restored(&laptop, &terminal, "ended with 0");
}
