//! Which directory the agent is kept in.

use super::{CACHE, Site};
use crate::{
    finish::start,
    laptop::{RUN, target},
    remote::Remote,
};

/// The places for everybody, in the order they are tried in.
const SHARED: [&str; 3] = ["/var/tmp", "/dev/shm", "/tmp"];

/// Lets no program run from here.
fn forbid_programs(remote: &Remote, place: &str) {
    remote.sh(&format!("mount -t tmpfs -o noexec tmpfs {place} && chmod 1777 {place}"));
}

#[test]
fn the_cache_of_the_home_comes_first() {
    Site::of(Remote::start()).deploys_into(CACHE, "root", &[]);
}

#[test]
fn the_cache_may_be_elsewhere() {
    let site = Site::of(Remote::with_sshd("SetEnv XDG_CACHE_HOME=/srv/cache/root\n"));
    site.deploys_into("/srv/cache/root/pii", "root", &[]);
}

#[test]
fn where_no_program_may_run_the_next_place_is_taken() {
    let site = Site::of(Remote::start());
    forbid_programs(&site.remote, "/root");
    for place in SHARED {
        let own = format!("{place}/pii-0");
        site.deploys_into(&own, "root", &[]);
        site.remote.sh(&format!("rm -r {own}"));
        forbid_programs(&site.remote, place);
    }
    let end = site.run("", &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{}", end.stderr);
    for place in [CACHE, "/var/tmp/pii-0", "/dev/shm/pii-0", "/tmp/pii-0"] {
        let said = format!("{place} lets no program run\n");
        assert!(end.stderr.contains(&said), "{said} is not in:\n{}", end.stderr);
    }
    assert!(end.stderr.contains("no directory on far can hold the agent"), "{}", end.stderr);
    assert_eq!(site.remote.sh("find /root /var/tmp /dev/shm /tmp -xdev -path '*pii*'"), "");
    site.remote.assert_nothing_left();
}

#[test]
fn the_directory_of_the_login_comes_before_those_that_memory_holds_for_everybody() {
    let site = Site::of(Remote::with_sshd("SetEnv XDG_RUNTIME_DIR=/run/user/0\n"));
    site.remote.sh("mkdir -p -m 700 /run/user/0");
    forbid_programs(&site.remote, "/root");
    forbid_programs(&site.remote, "/var/tmp");
    site.deploys_into("/run/user/0/pii", "root", &[]);
}

#[test]
fn an_agent_is_used_where_it_is_if_programs_may_no_longer_run_from_the_home() {
    let site = Site::of(Remote::start());
    site.deploys_into(CACHE, "root", &[]);
    site.remote.sh("mount -o remount,noexec /root");
    assert_eq!(site.run("console.log(1)", &[]).ok(), "1\n");
    assert_eq!(site.remote.sh("ls /var/tmp"), "pii-0\n");
    site.remote.assert_nothing_left();
}

#[test]
fn a_full_home_is_passed_over() {
    let site = Site::of(Remote::with_home_size("64k"));
    site.deploys_into("/var/tmp/pii-0", "root", &[]);
    assert_eq!(site.remote.sh("find /root -type f"), "");
}

#[test]
fn a_home_that_is_read_only_is_passed_over() {
    let site = Site::of(Remote::start());
    site.remote.sh("mount -o remount,ro /root");
    site.deploys_into("/var/tmp/pii-0", "root", &[]);
}

#[test]
fn an_agent_on_a_file_system_that_became_read_only_is_used() {
    let site = Site::of(Remote::start());
    site.deploys_into(CACHE, "root", &[]);
    site.remote.sh("mount -o remount,ro /root");
    site.deploys_into(CACHE, "root", &[]);
}

#[test]
fn what_others_planted_in_our_place_is_not_used() {
    let site = Site::of(Remote::start());
    forbid_programs(&site.remote, "/root");
    // Our own directory, to which a link of another leads.
    site.remote.sh("mkdir -m 700 /srv/own");
    let as_other = "setpriv --reuid 4711 --regid 4711 --clear-groups";
    for plants in [
        format!("{as_other} touch pii-0"),
        format!("{as_other} mkdir -m 700 pii-0"),
        format!("{as_other} mkdir -m 777 pii-0"),
        format!("{as_other} ln -s /srv/own pii-0"),
        format!("{as_other} ln -s /srv/nothing pii-0"),
        "ln -s /srv/own pii-0".into(),
        "mkdir -m 755 pii-0".into(),
        "mkdir -m 700 pii-0 && chown 4711 pii-0".into(),
    ] {
        println!("{plants}");
        site.remote.sh(&format!("cd /var/tmp && {plants}"));
        let planted = || site.remote.sh("find /var/tmp/pii-0 /srv/own -printf '%p %y %m %U %i %l %T@\\n'");
        let before = planted();
        site.deploys_into("/dev/shm/pii-0", "root", &[]);
        assert_eq!(planted(), before);
        assert_eq!(site.remote.sh("ls -A /srv"), "far\nown\n");
        site.remote.sh("rm -r /var/tmp/pii-0 /dev/shm/pii-0");
    }
}

#[test]
fn searches_and_a_second_connection_work_from_any_place() {
    let site = Site::of(Remote::start());
    site.remote.machine.remove_search_tools();
    forbid_programs(&site.remote, "/root");
    site.laptop.write("/root/script.mjs", super::prefixes::GOES_ON);
    let running = start(site.laptop.pii(&[
        "run",
        "--ssh",
        &target(),
        "--",
        "node",
        "/root/script.mjs",
        "rg --version",
    ]));
    site.laptop.wait_for("/root/runs");
    site.remote.sh("pkill -KILL -f 'sshd: root'");
    site.laptop.sh("touch /root/cut");
    let said = running.finish(RUN).ok();
    assert!(said.starts_with("ripgrep 15"), "{said}");
    assert_eq!(
        site.remote.sh("ls -A /var/tmp/pii-0 | sed s/agent-[0-9a-f]*/agent/"),
        "agent\nagent.commands\n"
    );
    site.remote.assert_nothing_left();
}
