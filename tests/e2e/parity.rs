//! A session of pi through `pii` is the session it would have been on the remote itself.

use scripted_model::{ToolResult, Turn};
use serde_json::json;

use crate::{laptop::Laptop, paths::PIS, pi, project, project::Project, remote::Remote};

#[test]
fn every_tool_of_pi_0_87_1_answers_as_it_does_locally() {
    compare(PIS[0]);
}

#[test]
fn every_tool_of_pi_1_5_2_answers_as_it_does_locally() {
    compare(PIS[1]);
}

fn compare(pi: &str) {
    let project = Project::clone_of_a_repository();

    let home = Laptop::alone();
    project.copy_to(&home.machine);
    let local = pi::locally(&home, pi, script());
    assert_eq!(local.end.code, Some(0), "{}", local.end.stderr);

    let remote = Remote::start();
    project.copy_to(&remote.machine);
    let laptop = Laptop::of(&remote);
    let bridged = pi::remotely(&laptop, pi, script());
    assert_eq!(bridged.end.code, Some(0), "{}", bridged.end.stderr);

    let (expected, found) = (local.transcript.tool_results(), bridged.transcript.tool_results());
    assert_eq!(expected.len(), script().len() - 1, "a result for each call");
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(told(found), told(expected), "{} {}", found.tool, found.arguments);
    }
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().any(|result| !result.images.is_empty()), "the picture was read as one");
    assert_eq!(bridged.end.stdout, local.end.stdout);
    assert_eq!(project::tree(&remote.machine), project::tree(&home.machine));
    assert_eq!(laptop.sh("ls -A /srv"), "", "nothing of the project is on the laptop");
    remote.assert_nothing_left();
}

/// What the model was told, but for names of temporary files and the order in which searches find things.
fn told(result: &ToolResult) -> (String, Vec<String>) {
    let word = |word: &str| match word.contains("pi-bash-") || word.contains("pi-output-") {
        true => "LOG".to_owned(),
        false => word.to_owned(),
    };
    let text = result.text();
    let mut lines: Vec<String> =
        text.split('\n').map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect();
    if ["grep", "find"].contains(&result.tool.as_str()) {
        lines.sort();
    }
    (lines.join("\n"), result.images.clone())
}

fn script() -> Vec<Turn> {
    let mut turns = vec![
        Turn::call("read", json!({ "path": "README.md" })),
        Turn::call("read", json!({ "path": "long.txt" })),
        Turn::call("read", json!({ "path": "long.txt", "offset": 100, "limit": 5 })),
        Turn::call("read", json!({ "path": "long.txt", "offset": 5000 })),
        Turn::call("read", json!({ "path": "picture.png" })),
        Turn::call("read", json!({ "path": "latin.txt" })),
        Turn::call("read", json!({ "path": "empty" })),
        Turn::call("read", json!({ "path": "missing.txt" })),
        Turn::call("read", json!({ "path": "src" })),
        Turn::call("read", json!({ "path": "/srv/far/project/with space/ä name.txt" })),
        Turn::call("write", json!({ "path": "new/deep/file.txt", "content": "first\nsecond\n" })),
        Turn::call("write", json!({ "path": "README.md/below", "content": "" })),
        Turn::call("edit", edit("new/deep/file.txt", "first", "premier")),
        Turn::call("edit", edit("windows.txt", "two", "deux")),
        Turn::call("edit", edit("marked.txt", "begins", "starts")),
        Turn::call("edit", edit("README.md", "not in there", "x")),
        Turn::call("edit", edit("missing.txt", "a", "b")),
        Turn::call("read", json!({ "path": "windows.txt" })),
        Turn::call("grep", json!({ "pattern": "needle 1", "path": "src" })),
        Turn::call("grep", json!({ "pattern": "NEEDLE 7", "ignoreCase": true, "context": 1 })),
        Turn::call("grep", json!({ "pattern": "line 5", "path": "long.txt", "limit": 3 })),
        Turn::call("grep", json!({ "pattern": "part1()", "literal": true, "glob": "*.js" })),
        Turn::call("grep", json!({ "pattern": "nowhere at all" })),
        Turn::call("find", json!({ "pattern": "*.js" })),
        Turn::call("find", json!({ "pattern": "part1*", "path": "src/parts" })),
        Turn::call("find", json!({ "pattern": "*.none" })),
        Turn::call("ls", json!({})),
        Turn::call("ls", json!({ "path": "link" })),
        Turn::call("ls", json!({ "path": "missing" })),
    ];
    let commands = [
        "pwd; git status --short; git log --format=%s",
        // Apart, since nothing says which of two pipes is read first.
        "echo out; exit 3",
        "echo err >&2; exit 4",
        "cat 'with space/ä name.txt' picture.png | sha256sum",
        "seq 1 5000",
        "printf 'no end of line'; git mv empty moved && git -c user.name=t -c user.email=t@t commit -qm move --date=2026-01-02T00:00:00Z",
        "kill -9 $$",
        "nosuchcommand",
    ];
    // git keeps the time of the commit, which would differ.
    let fixed = |command| format!("export GIT_COMMITTER_DATE=2026-01-02T00:00:00Z; {command}");
    turns.extend(commands.map(|command| Turn::call("bash", json!({ "command": fixed(command) }))));
    turns.push(Turn::call("bash", json!({ "command": "echo before; sleep 100", "timeout": 1 })));
    turns.push(Turn::call("read", json!({ "path": "moved" })));
    turns.push(Turn::say("All done."));
    turns
}

fn edit(path: &str, old: &str, new: &str) -> serde_json::Value {
    json!({ "path": path, "edits": [{ "oldText": old, "newText": new }] })
}
