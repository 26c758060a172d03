//! `rg` and `fd` on a remote: its own, or the agent's where it has none.

use scripted_model::{ToolCall, ToolResult, Turn};
use serde_json::{Value, json};

use crate::{
    laptop::Laptop,
    paths::{self, PIS},
    pi,
    project::Project,
    remote::{ROOT, Remote},
};

#[test]
fn pi_0_87_1_searches_a_remote_without_tools() {
    searches_as_locally(PIS[0]);
}

#[test]
fn pi_1_5_2_searches_a_remote_without_tools() {
    searches_as_locally(PIS[1]);
}

#[test]
fn every_search_of_pi_0_87_1_finds_with_the_agent_s_tools_what_the_real_ones_find() {
    finds_as_the_real_ones(PIS[0]);
}

#[test]
fn every_search_of_pi_1_5_2_finds_with_the_agent_s_tools_what_the_real_ones_find() {
    finds_as_the_real_ones(PIS[1]);
}

#[test]
fn the_remote_s_own_tools_are_used() {
    let remote = Remote::start();
    remote.machine.remove_search_tools();
    let laptop = Laptop::of(&remote);
    let asks = r#"import { spawnSync } from "node:child_process";
        const says = (file, ...args) => {
          const { stdout, error } = spawnSync(file, args, { cwd: process.cwd(), encoding: "utf8" });
          return error?.code ?? stdout.split("\n")[0];
        };
        console.log([says("rg", "--version"), says("fd", "--version"), says("fdfind", "--version"),
          says("sh", "-c", "rg --version"), says("sh", "-c", "echo $PATH").includes("agent-")].join("|"));"#;
    let asked = |laptop: &Laptop| laptop.run_script(asks, &[]).ok();
    assert_eq!(asked(&laptop), "ripgrep 15.2.0|fd 10.5.0|ENOENT|ripgrep 15.2.0|true\n");

    let own = |name: &str| {
        format!("printf '#!/bin/sh\\necho own {name}\\n' > /usr/bin/{name} && chmod +x /usr/bin/{name}")
    };
    remote.sh(&own("rg"));
    assert_eq!(asked(&laptop), "own rg|fd 10.5.0|ENOENT|own rg|true\n");
    remote.sh(&own("fdfind"));
    assert_eq!(asked(&laptop), "own rg|own fdfind|own fdfind|own rg|true\n");
    remote.sh(&own("fd"));
    assert_eq!(asked(&laptop), "own rg|own fd|own fdfind|own rg|false\n");
}

#[test]
fn a_search_is_a_process_like_any_other() {
    let remote = Remote::start();
    remote.machine.remove_search_tools();
    remote.sh(&format!("cd {ROOT} && seq 1 300000 > numbers && echo needle > -dashed"));
    let laptop = Laptop::of(&remote);
    let script = r#"import { spawn, spawnSync } from "node:child_process";
        const cwd = process.cwd();
        const run = (line) => {
          const { status, signal, stdout, stderr } = spawnSync("bash", ["-c", line], { cwd, encoding: "utf8" });
          return [status, signal, stdout, stderr];
        };
        const show = (value) => console.log(JSON.stringify(value));
        show(run("rg -c . numbers; echo $?; rg nothing numbers; echo $?; rg --no-such-flag x; echo $?"));
        show(run("rg . numbers | head -2; echo ${PIPESTATUS[@]}"));
        show(run("echo a needle in stdin | rg -o needle"));
        show(run("fd -d1 | sort; fd --no-such-flag 2>&1 | head -1"));
        // As pi ends a search that has found enough.
        const child = spawn("rg", ["--no-line-buffered", ".", "numbers"], { cwd, stdio: ["ignore", "pipe", "inherit"] });
        child.stdout.once("data", () => child.kill());
        child.on("close", (code, signal) => show([code, signal]));"#;
    assert_eq!(
        laptop.run_script(script, &[]).ok(),
        "[0,null,\"300000\\n0\\n1\\n2\\n\",\"rg: unrecognized flag --no-such-flag\\n\"]\n\
         [0,null,\"1\\n2\\n1 0\\n\",\"\"]\n\
         [0,null,\"needle\\n\",\"\"]\n\
         [0,null,\"./-dashed\\nnumbers\\nerror: unexpected argument '--no-such-flag' found\\n\",\"\"]\n\
         [null,\"SIGTERM\"]\n"
    );
    remote.assert_nothing_left();
}

/// A session whose searches a remote without tools answers as a machine with the real ones does.
fn searches_as_locally(pi: &str) {
    let project = Project::clone_of_a_repository();
    let home = Laptop::alone();
    project.copy_to(&home.machine);
    let tools = real_tools(&home);
    let local = pi::locally_with_commands(&home, pi, script(), &tools);

    let remote = Remote::start();
    project.copy_to(&remote.machine);
    remote.machine.remove_search_tools();
    let laptop = Laptop::of(&remote);
    let bridged = pi::remotely(&laptop, pi, script());
    let (expected, found) = (local.transcript.tool_results(), bridged.transcript.tool_results());
    assert_eq!(expected.len(), script().len() - 1, "a result for each call");
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(lines(found), lines(expected), "{} {}", found.tool, found.arguments);
    }
    assert_eq!(found.len(), expected.len());
    remote.assert_nothing_left();
}

fn script() -> Vec<Turn> {
    vec![
        Turn::call("grep", json!({ "pattern": "needle 1", "path": "src" })),
        Turn::call("grep", json!({ "pattern": "NEEDLE 7", "ignoreCase": true, "context": 1 })),
        Turn::call("grep", json!({ "pattern": "line 5", "path": "long.txt", "limit": 3 })),
        Turn::call("grep", json!({ "pattern": "part1()", "literal": true, "glob": "*.js" })),
        Turn::call("grep", json!({ "pattern": "nowhere at all" })),
        Turn::call("grep", json!({ "pattern": "(" })),
        Turn::call("find", json!({ "pattern": "*.js" })),
        Turn::call("find", json!({ "pattern": "part1*", "path": "src/parts" })),
        Turn::call("find", json!({ "pattern": "src/**/*.js" })),
        Turn::call("find", json!({ "pattern": "*.none" })),
        Turn::call(
            "bash",
            json!({ "command": "rg -n 'needle 1' src | sort | head -3; fd -e js . src | sort | head -3" }),
        ),
        Turn::say("All done."),
    ]
}

/// Every kind of search that pi's tools make, in three projects: pi with the agent's tools against pi with the real ones.
fn finds_as_the_real_ones(pi: &str) {
    let laptop = Laptop::alone();
    laptop.machine.remove_search_tools();
    Project::clone_of_a_repository().copy_to(&laptop.machine);
    let real = real_tools(&laptop);
    let program = format!("target/{}-unknown-linux-gnu/search/pii-search", std::env::consts::ARCH);
    let program = paths::workspace().join(program);
    laptop.sh(&format!(
        "mkdir /root/ours && cd /root/ours && ln -s '{0}' rg && ln -s '{0}' fd",
        program.display()
    ));
    let expected = pi::locally_with_commands(&laptop, pi, searches(), &real).transcript.tool_results();
    let found = pi::locally_with_commands(&laptop, pi, searches(), "/root/ours").transcript.tool_results();
    let Turn::Call(calls) = &searches()[0] else { unreachable!("it is made so") };
    assert_eq!((found.len(), expected.len()), (calls.len(), calls.len()), "a result for each call");
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(lines(found), lines(expected), "{} {}", found.tool, found.arguments);
    }
    let something = found.iter().filter(|result| !result.text().starts_with("No ")).count();
    println!("{pi}: {} searches, {something} of them found something", found.len());
    assert!(something * 4 > found.len(), "the searches find too little to say anything");
}

fn searches() -> Vec<Turn> {
    let workspace = paths::workspace().display();
    let places = [
        ROOT.to_owned(),
        format!("{workspace}/remote-agent"),
        format!("{workspace}/.tools/pi-1.5.2/dist/utils"),
    ];
    let files = ["long.txt", "src/main.rs", "mime.js"];
    let mut calls = Vec::new();
    for (place, file) in places.iter().zip(files) {
        let path = format!("{place}/{file}");
        for more in [
            json!({}),
            json!({ "ignoreCase": true }),
            json!({ "literal": true }),
            json!({ "glob": "*.rs" }),
            json!({ "glob": "*.{js,md}" }),
            json!({ "glob": "src/**" }),
            json!({ "glob": "!*.map" }),
            json!({ "context": 2 }),
            json!({ "ignoreCase": true, "context": 1, "glob": "*.js" }),
            json!({ "path": path }),
            json!({ "path": path, "context": 1 }),
            json!({ "path": path, "ignoreCase": true, "literal": true }),
        ] {
            for pattern in ["TempDir|NEEDLE 7|fromBase64", "needle 12", "open(", r"^\s*return null;$", "ä|é"]
            {
                calls.push(call("grep", json!({ "path": place, "pattern": pattern, "limit": 5000 }), &more));
            }
        }
        for pattern in [
            "*.js",
            "*.rs",
            "src/*",
            "src/**/*.rs",
            "**/m*",
            "[a-c]*",
            "README*",
            "*.none",
            "utils/*.js",
            "M*",
        ] {
            calls.push(call("find", json!({ "path": place, "pattern": pattern }), &json!({})));
        }
    }
    vec![Turn::Call(calls), Turn::say("All done.")]
}

fn call(tool: &str, mut arguments: Value, more: &Value) -> ToolCall {
    let more = more.as_object().expect("an object").clone();
    arguments.as_object_mut().expect("an object").extend(more);
    ToolCall { tool: tool.to_owned(), arguments }
}

/// A directory with the real tools of known versions.
fn real_tools(laptop: &Laptop) -> String {
    let [rg, fd] = ["rg-15.2.0", "fd-10.5.0"].map(|name| paths::tool(name).display().to_string());
    laptop.sh(&format!("mkdir /root/real && ln -s '{rg}' /root/real/rg && ln -s '{fd}' /root/real/fd"));
    "/root/real".to_owned()
}

/// What the model was told, whatever the order in which it was found.
fn lines(result: &ToolResult) -> Vec<String> {
    let mut lines: Vec<_> = result.text().lines().map(str::to_owned).collect();
    lines.sort();
    lines
}
