//! How programs are started, signalled and ended.

use std::time::Duration;

use crate::{
    finish::{poll, start},
    laptop::{Laptop, RUN, target},
    paths,
    remote::{ROOT, Remote},
};

#[test]
fn the_exit_code_is_the_program_s() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    assert_eq!(laptop.run_script("process.exitCode = 0", &[]).code, Some(0));
    assert_eq!(laptop.run_script("process.exit(7)", &[]).code, Some(7));
    assert_eq!(laptop.run_script("throw new Error('x')", &[]).code, Some(1));
    assert_eq!(laptop.run_script("process.kill(process.pid, 'SIGKILL')", &[]).code, Some(137));
}

#[test]
fn a_signal_to_pii_reaches_the_program() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.write(
        "/root/waits.mjs",
        r#"import { writeFileSync } from "node:fs";
        for (const [signal, code] of [["SIGINT", 21], ["SIGTERM", 22], ["SIGHUP", 23]])
          process.on(signal, () => process.exit(code));
        setInterval(() => {}, 1000);
        writeFileSync("/root/up", "");"#,
    );
    for (signal, code) in [("INT", 21), ("TERM", 22), ("HUP", 23)] {
        let running = start(laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/waits.mjs"]));
        let up = || (laptop.machine.try_sh("rm /root/up").code == Some(0)).then_some(());
        assert!(poll(Duration::from_secs(30), up).is_some(), "the program does not start");
        laptop.sh(&format!("pkill -{signal} -x pii"));
        assert_eq!(running.finish(RUN).code, Some(code), "SIG{signal}");
        remote.assert_nothing_left();
    }
}

#[test]
fn the_agent_is_uploaded_once() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let files = || remote.sh("find /root -type f -printf '%p %i %s %C@\\n'");
    laptop.run_script("", &[]).ok();
    let first = files();
    assert_eq!(first.lines().count(), 1, "one file: {first}");
    assert!(remote.sh("find /root -type f -exec sha256sum {} +").contains(&paths::agent_hash()));
    laptop.run_script("", &[]).ok();
    assert_eq!(files(), first, "the second run left it alone");
}

#[test]
fn a_script_may_lie_on_the_laptop_or_in_the_root() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let says = "console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.execArgv.includes('--no-warnings')]))";
    let told = format!("[[\"a b\",\"--x\"],\"{ROOT}\",true]\n");

    laptop.write("/root/script.mjs", says);
    let node = paths::tool("node");
    let node = node.to_str().expect("a plain path");
    let target = target();
    let says_with = |script: &str| {
        laptop.run(&["run", "--ssh", &target, "--", node, "--no-warnings", script, "a b", "--x"]).ok()
    };
    assert_eq!(says_with("/root/script.mjs"), told);

    remote.sh(&format!("mkdir {ROOT}/lib && cat > {ROOT}/lib/says.mjs <<'END'\n{says}\nEND"));
    remote.sh(&format!("echo 'import \"./lib/says.mjs\"' > {ROOT}/tool.mjs"));
    assert_eq!(says_with(&format!("{ROOT}/tool.mjs")), told);
    assert_eq!(says_with("tool.mjs"), told);
}

#[test]
fn the_remote_path_may_be_relative_to_its_home() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh("mkdir -p /root/some/where && ln -s some/where /root/short");
    // Not in the home: one of the roots is the home, and its files are the remote's.
    laptop.write("/srv/laptop/script.mjs", "console.log(process.cwd())");
    for (path, cwd) in [
        ("", "/root"),
        ("~/some", "/root/some"),
        ("some/where", "/root/some/where"),
        ("short", "/root/some/where"),
    ] {
        let target = format!("far:{path}");
        let end = laptop.run(&["run", "--ssh", &target, "--", "node", "/srv/laptop/script.mjs"]);
        assert_eq!(end.ok().trim(), cwd, "{target}");
    }
}

#[test]
fn a_program_that_wants_its_code_compiled_once_has_it_kept_where_plain_node_keeps_it() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let script =
        "import { enableCompileCache } from 'node:module'; console.log(enableCompileCache().directory)";
    laptop.write("/root/script.mjs", script);
    let mut plain = laptop.machine.command("/root", paths::tool("node").to_str().expect("a plain path"));
    plain.arg("/root/script.mjs");
    let kept = start(plain).finish(RUN).ok();
    assert_eq!(laptop.run_script(script, &[]).ok(), kept);
    assert_eq!(kept, "/tmp/node-compile-cache\n");
    assert_ne!(laptop.sh("ls /tmp/node-compile-cache"), "");
}
