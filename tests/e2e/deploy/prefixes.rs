//! Sessions as another user by sudo, and by words of the user's own before every command.

use std::time::Duration;

use super::{Site, minimal};
use crate::{
    finish::{poll, start},
    laptop::{RUN, target},
    paths,
    remote::{ROOT, Remote},
    terminal::Terminal,
};

const SOON: Duration = Duration::from_secs(30);

/// The script that waits until its connection has been cut, and then runs the command it was given.
pub const GOES_ON: &str = r#"
import { execSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
writeFileSync("/root/runs", "");
while (!existsSync("/root/cut")) await setTimeout(5);
process.stdout.write(execSync(process.argv[2]));
"#;

/// A remote with another user, to whom the project belongs.
fn with_other() -> Site {
    let remote = Remote::start();
    remote.add_user("other", 4711);
    remote.sh(&format!("chown other {ROOT} && chmod 700 {ROOT}"));
    Site::of(remote)
}

/// A session with these options goes on after its connection was cut, and runs this command.
#[track_caller]
fn goes_on(site: &Site, options: &[&str], command: &str) -> String {
    site.laptop.write("/root/script.mjs", GOES_ON);
    site.laptop.sh("rm -f /root/runs /root/cut");
    let target = target();
    let program = ["--", "node", "/root/script.mjs", command];
    let running = start(site.laptop.pii(&[&["run", "--ssh", &target], options, &program].concat()));
    site.laptop.wait_for("/root/runs");
    site.remote.sh("pkill -KILL -f 'sshd: root'");
    site.laptop.sh("touch /root/cut");
    let said = running.finish(RUN).ok();
    site.remote.assert_nothing_left();
    said
}

#[test]
fn by_sudo_the_agent_is_the_other_user_s() {
    let site = with_other();
    site.deploys_into("/srv/home/other/.cache/pii", "other", &["--become", "other"]);
    let makes = "import { writeFileSync } from 'node:fs'; writeFileSync('made', '');\n\
                 import { execSync } from 'node:child_process'; execSync('touch by-command');";
    site.run(makes, &["--become", "other"]).ok();
    assert_eq!(
        site.remote.sh(&format!("stat -c '%U %n' {ROOT}/*")),
        format!("other {ROOT}/by-command\nother {ROOT}/made\n")
    );
    assert_eq!(goes_on(&site, &["--become", "other"], "id -un; echo $HOME"), "other\n/srv/home/other\n");
}

#[test]
fn a_user_without_a_home_keeps_the_agent_elsewhere() {
    let site = with_other();
    site.remote.sh("chown root /srv/home/other");
    site.deploys_into("/var/tmp/pii-4711", "other", &["--become", "other"]);
}

/// sudo never asks root, who comes by a prefix to be somebody else.
const AS_THIRD: [&str; 4] =
    ["--exec-prefix", "'setpriv --reuid 4712 --regid 4712 --clear-groups'", "--become", "other"];

/// A remote with a third user, who becomes the other by the password "secret".
fn with_password() -> Site {
    let site = with_other();
    site.remote.add_user("third", 4712);
    site.remote.sh("hash=$(perl -e 'print crypt(\"secret\", \"\\$6\\$salt\\$\")')
         sed \"s|^third:x:|third:$hash:|\" /etc/passwd > /run/new && cat /run/new > /etc/passwd && rm /run/new
         echo 'third ALL=(other) ALL' > /run/sudoers && chmod 440 /run/sudoers
         mount --bind /run/sudoers /etc/sudoers");
    site
}

/// A session of the third user at a terminal, by this script.
fn open_terminal<'a>(site: &'a Site, script: &str) -> Terminal<'a> {
    site.laptop.write("/root/script.mjs", script);
    let (node, pii, options, target) = (paths::tool("node"), paths::pii(), AS_THIRD.join(" "), target());
    let line = format!(
        "PII_NODE={} PII_LEASE_CLOSED=2 {} run --ssh {target} --log /root/log {options} -- node /root/script.mjs id\n\
         echo \"ended with $?\"; exec sleep infinity\n",
        node.display(),
        pii.display()
    );
    Terminal::start(&site.laptop, &line)
}

#[test]
fn where_sudo_wants_a_password_and_nobody_can_be_asked_a_hint_says_so() {
    let site = with_password();
    let end = site.run("", &AS_THIRD.map(|word| word.trim_matches('\'')));
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{}", end.stderr);
    for part in ["sudo on far does not let you become other", "NOPASSWD"] {
        assert!(end.stderr.contains(part), "{part} is not in:\n{}", end.stderr);
    }
    site.remote.assert_nothing_left();
}

#[test]
fn the_password_of_sudo_is_asked_for_once_in_a_session() {
    let site = with_password();
    let terminal = open_terminal(&site, GOES_ON);
    terminal.wait_for("password for sudo on far:", SOON);
    terminal.press("'wrong' Enter");
    terminal.wait_for("sudo on far did not take it; its password:", SOON);
    terminal.press("'secret' Enter");
    site.laptop.wait_for("/root/runs");
    site.remote.sh("pkill -KILL -f 'sshd: root'");
    site.laptop.sh("touch /root/cut");
    terminal.wait_for("ended with 0", SOON);
    let screen = terminal.screen();
    assert!(screen.contains("uid=4711(other)"), "{screen}");
    assert_eq!(screen.matches("password").count(), 2, "{screen}");
    assert!(!screen.contains("secret") && !site.laptop.sh("cat /root/log").contains("secret"), "{screen}");
    site.remote.assert_nothing_left();
}

#[test]
fn a_wrong_password_of_sudo_is_told() {
    let site = with_password();
    let terminal = open_terminal(&site, "");
    terminal.wait_for("password for sudo on far:", SOON);
    terminal.press("'wrong' Enter");
    for times in 1..=2 {
        let asked = || (terminal.screen().matches("did not take it").count() == times).then_some(());
        assert!(poll(SOON, asked).is_some(), "{}", terminal.screen());
        terminal.press("'wrong' Enter");
    }
    terminal.wait_for("ended with 1", SOON);
    let screen = terminal.screen();
    assert!(screen.contains("sudo on far does not let you become other"), "{screen}");
    site.remote.assert_nothing_left();
}

#[test]
fn a_prefix_stands_before_every_command() {
    let site = Site::of(Remote::start());
    let prefix = ["--exec-prefix", "env INSIDE=1"];
    site.deploys_into(super::CACHE, "root", &prefix);
    assert_eq!(goes_on(&site, &prefix, "echo $INSIDE"), "1\n");
}

#[test]
fn a_prefix_may_lead_into_another_tree() {
    let site = Site::of(Remote::start());
    minimal::plant(&site.remote, "$(busybox --list | grep -vx -e sh -e busybox)");
    let prefix = ["--exec-prefix", &format!("chroot {}", minimal::TREE)];
    site.deploys_into(&format!("{}/root/.cache/pii", minimal::TREE), "root", &prefix);
    assert_eq!(goes_on(&site, &prefix, "command -v bash; echo inside"), "inside\n");
}
