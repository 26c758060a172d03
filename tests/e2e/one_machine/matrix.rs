//! Tools by paths: each cell is the remote's, or refused with the reason.

use scripted_model::{ToolResult, Turn};
use serde_json::json;

use super::{CANARY, HOME, machines, target};
use crate::{
    paths::PIS,
    pi::{self, TOOLS},
    remote::ROOT,
};

/// What a cell of the matrix is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// The remote's content, or that it was changed there.
    Remote,
    /// Refused by pii's rule.
    Refused,
    /// Said not to be there, by whatever the tool says.
    Missing,
}

/// Of each path: what tools that open it get, and what a command gets that does.
const PATHS: [(&str, Cell, Cell); 12] = [
    ("file.txt", Cell::Remote, Cell::Remote),
    ("/srv/far/project/file.txt", Cell::Remote, Cell::Remote),
    ("/tmp/shared", Cell::Remote, Cell::Remote),
    ("../above.txt", Cell::Refused, Cell::Remote),
    ("/srv/far/above.txt", Cell::Refused, Cell::Remote),
    ("~/notes.txt", Cell::Refused, Cell::Remote),
    ("/etc/os-release", Cell::Refused, Cell::Remote),
    ("/etc/remote-only", Cell::Refused, Cell::Remote),
    ("/usr/local/share/d/x", Cell::Refused, Cell::Remote),
    ("out", Cell::Refused, Cell::Remote),
    ("/root/.ssh/id_test", Cell::Refused, Cell::Missing),
    ("/etc/laptop-only", Cell::Refused, Cell::Missing),
];

fn edit(pi: &str, path: &str) -> Turn {
    let edit = match pi {
        "pi-0.87.1" => {
            json!({ "path": path, "edits": [{ "oldText": "needle", "newText": "needle edited" }] })
        }
        _ => json!({ "path": path, "edits": [{ "oldText": "needle", "newText": "needle edited" }] }),
    };
    Turn::call("edit", edit)
}

/// Whether pii's rule is the reason.
fn is_refused(text: &str) -> bool {
    text.contains("outside the root of pii")
}

#[track_caller]
fn assert_cell(result: &ToolResult, cell: Cell) {
    let text = result.text();
    let shown = format!("{} {}: {text}", result.tool, result.arguments);
    assert!(!text.contains(CANARY), "the laptop's: {shown}");
    match cell {
        Cell::Remote => assert!(text.contains("of the remote"), "not the remote's: {shown}"),
        // Some of pi's tools say in their own words that they cannot look at it.
        Cell::Refused if ["grep", "find", "ls"].contains(&result.tool.as_str()) => {
            assert!(is_refused(&text) || text.contains("not found"), "not refused: {shown}");
        }
        Cell::Refused => assert!(is_refused(&text), "not refused: {shown}"),
        Cell::Missing => {
            assert!(text.contains("No such file") || text.contains("ermission"), "found: {shown}")
        }
    }
}

#[test]
fn every_path_means_one_machine_in_every_tool_of_pi_0_87_1() {
    check(PIS[0]);
}

#[test]
fn every_path_means_one_machine_in_every_tool_of_pi_1_5_2() {
    check(PIS[1]);
}

#[test]
fn every_path_means_one_machine_in_every_tool_of_pi_1_6_0() {
    check(PIS[2]);
}

fn check(pi: &str) {
    let (remote, laptop) = machines();
    let mut script = Vec::new();
    let mut cells = Vec::new();
    for (path, opened, by_command) in PATHS {
        script.push(Turn::call("read", json!({ "path": path })));
        script.push(Turn::call("grep", json!({ "pattern": "needle", "path": path })));
        script.push(Turn::call("bash", json!({ "command": format!("cat {path}") })));
        cells.extend([opened, opened, by_command]);
    }
    for turn in [
        Turn::call("ls", json!({ "path": "/etc" })),
        Turn::call("ls", json!({ "path": "~" })),
        Turn::call("ls", json!({ "path": ".." })),
        Turn::call("grep", json!({ "pattern": "needle", "path": "/usr/local/share" })),
        Turn::call("grep", json!({ "pattern": "needle", "path": "/root" })),
        Turn::call("read", json!({ "path": "/root/.netrc" })),
        Turn::call("write", json!({ "path": "/etc/new", "content": "x" })),
        Turn::call("write", json!({ "path": "~/new", "content": "x" })),
        Turn::call("write", json!({ "path": "../new", "content": "x" })),
        edit(pi, "~/.gitconfig"),
        edit(pi, "/etc/os-release"),
        edit(pi, "/root/notes.txt"),
    ] {
        script.push(turn);
        cells.push(Cell::Refused);
    }
    // That these directories are there may be asked, and the search itself is a command.
    for path in ["~", ".."] {
        script.push(Turn::call("grep", json!({ "pattern": "needle", "path": path })));
        cells.push(Cell::Remote);
    }
    let asked = cells.len();
    script.extend([
        Turn::call("write", json!({ "path": "/tmp/x.sh", "content": "echo written of the remote" })),
        Turn::call(
            "bash",
            json!({ "command": "sh /tmp/x.sh; echo 'appended of the remote' > /tmp/laptop-only" }),
        ),
        Turn::call("read", json!({ "path": "/tmp/laptop-only" })),
        edit(pi, "/tmp/to-edit"),
        Turn::call("bash", json!({ "command": "cat /tmp/to-edit; seq 1 20000" })),
        Turn::call("find", json!({ "pattern": "*.sh", "path": "/tmp" })),
        Turn::call("ls", json!({ "path": "/tmp" })),
        Turn::call("find", json!({ "pattern": "*-only", "path": "/etc" })),
        Turn::call("find", json!({ "pattern": "id_*", "path": "/root" })),
        Turn::say("Done."),
    ]);
    let session = pi::session_of(&laptop, pi, &["--ssh", &target()], script, TOOLS);
    assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
    let results = session.transcript.tool_results();
    for (result, cell) in results.iter().zip(&cells) {
        assert_cell(result, *cell);
    }
    let rest: Vec<String> = results[asked..].iter().map(ToolResult::text).collect();
    assert!(rest[1].contains("written of the remote"), "{rest:?}");
    assert!(rest[2].contains("appended of the remote"), "{rest:?}");
    assert!(rest[4].contains("Full output"), "{}", rest[4].get(..200).unwrap_or_default());
    assert!(rest[5].contains("x.sh") && rest[6].contains("x.sh"), "{:?}", &rest[5..7]);
    assert_eq!(rest[7].trim(), "remote-only");
    assert_eq!(rest[8].trim(), "No files found matching pattern");
    assert!(!rest.concat().contains(CANARY), "{rest:?}");
    assert_eq!(remote.sh("cat /tmp/to-edit"), "needle edited of the remote\n");
    assert_eq!(laptop.sh("cat /tmp/to-edit /root/notes.txt"), format!("needle {CANARY}\n").repeat(2));
    assert_eq!(laptop.sh(&format!("ls -A {ROOT} {HOME} 2>/dev/null || true")), "");
    remote.sh("rm -f /tmp/x.sh /tmp/laptop-only /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}
