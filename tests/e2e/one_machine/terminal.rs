//! What a person does in pi's own interface: `!`, `@`, what the session is called and how it goes on.

use std::time::Duration;

use scripted_model::Turn;

use super::{CANARY, machines, target};
use crate::{
    finish::{poll, start},
    laptop::RUN,
    paths::{self, PIS},
    pi,
    remote::ROOT,
    terminal::Terminal,
};

const SOON: Duration = Duration::from_secs(30);

#[test]
fn commands_of_the_user_run_there_and_the_session_is_where_pi_says_and_goes_on() {
    for pi in PIS {
        let (remote, laptop) = machines();
        let _model = pi::model(&laptop, vec![Turn::say("Hello."), Turn::say("Again.")]);
        let pii = format!(
            "PI_OFFLINE=1 PII_NODE={} PII_PROGRAM={} {}",
            paths::tool("node").display(),
            paths::tool(pi).display(),
            paths::pii().display()
        );
        let line = format!("{pii} --ssh {} {}", target(), pi::words().join(" "));
        let terminal = Terminal::start(&laptop, &line);
        terminal.wait_for(ROOT, SOON);
        terminal.press("'!cat /etc/os-release /tmp/shared; hostname'");
        // While it starts, pi takes no line.
        let shown = poll(SOON, || {
            terminal.press("Enter");
            terminal.screen().contains("needle of the remote").then_some(())
        });
        assert!(shown.is_some(), "{}", terminal.screen());
        assert!(!terminal.screen().contains(CANARY), "{}", terminal.screen());
        terminal.press("'hi' Enter");
        terminal.wait_for("Hello.", SOON);
        terminal.press("'/session' Enter");
        terminal.wait_for(".jsonl", SOON);
        terminal.press("'/quit' Enter");
        terminal.wait_for_end(SOON);
        let screen = terminal.screen();
        let (_, said) =
            screen.split_once("To resume this session on far:\n").unwrap_or_else(|| panic!("{screen}"));
        let command = said.lines().next().unwrap_or_default();
        assert!(command.starts_with(&format!("pii --ssh {} --session ", target())), "{screen}");
        let id = command.rsplit(' ').next().unwrap_or_default();
        let files = laptop.sh("find /root -name '*.jsonl'");
        assert!(files.contains(id) && files.lines().count() == 1, "{id}: {files}");
        drop(terminal);

        let again = format!("{pii} {}", command.strip_prefix("pii ").unwrap_or_default());
        laptop.write("/root/again", &format!("{again} {} -p more", pi::words().join(" ")));
        let mut shell = laptop.machine.command("/root", "/bin/bash");
        shell.arg("/root/again");
        assert_eq!(start(shell).finish(RUN).ok(), "Again.\n");
        assert_eq!(laptop.sh("find /root -name '*.jsonl'"), files, "the same session");
        let folder = files.trim();
        assert!(laptop.sh(&format!("cat '{folder}'")).contains("Again."));
        remote.sh("rm -f /tmp/shared /tmp/to-edit");
        remote.assert_nothing_left();
    }
}

#[test]
fn files_that_the_user_names_are_the_remote_s() {
    let (remote, laptop) = machines();
    for pi in PIS {
        for (name, expected) in [
            ("@file.txt", Some("needle of the remote")),
            ("@/tmp/shared", Some("needle of the remote")),
            ("@/root/.netrc", None),
        ] {
            let model = pi::model(&laptop, vec![Turn::say("Done.")]);
            let mut command = laptop.pii(&["--ssh", &target(), name]);
            command.env("PII_PROGRAM", paths::tool(pi)).args(pi::words()).args(["-p", "go"]);
            let end = start(command).finish(RUN);
            let asked = model.transcript().prompts().join("\n");
            assert!(!asked.contains(CANARY) && !end.stderr.contains(CANARY), "{asked} {}", end.stderr);
            match expected {
                Some(text) => assert!(asked.contains(text), "{pi} {name}: {asked} {}", end.stderr),
                None => assert_ne!(end.code, Some(0), "{pi} {name}: {asked}"),
            }
        }
    }
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}
