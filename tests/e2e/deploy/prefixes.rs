//! Sessions as another user by sudo, and by words of the user's own before every command.

use super::{Site, minimal};
use crate::{
    finish::start,
    laptop::{RUN, target},
    remote::{ROOT, Remote},
};

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

#[test]
fn where_sudo_wants_a_password_a_hint_says_so() {
    let site = with_other();
    site.remote.add_user("third", 4712);
    site.remote.sh("echo 'third ALL=(other) ALL' > /run/sudoers && chmod 440 /run/sudoers && \
         mount --bind /run/sudoers /etc/sudoers");
    // It never asks root, who comes by a prefix to be somebody else.
    let prefix = ["--exec-prefix", "setpriv --reuid 4712 --regid 4712 --clear-groups"];
    let end = site.run("", &[&prefix[..], &["--become", "other"]].concat());
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{}", end.stderr);
    for part in ["sudo on far does not let you become other", "NOPASSWD"] {
        assert!(end.stderr.contains(part), "{part} is not in:\n{}", end.stderr);
    }
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
