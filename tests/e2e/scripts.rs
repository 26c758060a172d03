//! Node scripts that say the same through `pii` as they do with plain Node on the remote's own disk.

use std::{fs, time::Duration};

use crate::{
    finish::{Finished, start},
    laptop::{Laptop, target},
    link::Link,
    machine::Machine,
    paths,
    project::{Project, tree},
    remote::{ROOT, Remote},
};

/// How long one script may take.
const SCRIPT: Duration = Duration::from_secs(120);

#[test]
fn files_are_as_they_are_locally_on_node_22() {
    compare("files", "node");
}

#[test]
fn files_are_as_they_are_locally_on_node_24() {
    compare("files", "node-24");
}

#[test]
fn files_are_as_they_are_locally_on_node_26() {
    compare("files", "node-26");
}

#[test]
fn large_files_are_as_they_are_locally_over_a_long_link() {
    let remote = Remote::start();
    let link = Link::to(remote.port, Duration::from_millis(20));
    compare_those("files", "node", &remote, &Laptop::over(&link, &remote), |name| name.starts_with("large-"));
}

#[test]
fn a_large_directory_is_as_it_is_locally() {
    compare("large", "node");
}

#[test]
fn processes_are_as_they_are_locally_on_node_22() {
    compare("processes", "node");
}

#[test]
fn processes_are_as_they_are_locally_on_node_24() {
    compare("processes", "node-24");
}

#[test]
fn processes_are_as_they_are_locally_on_node_26() {
    compare("processes", "node-26");
}

#[test]
fn many_processes_and_much_data_leave_nothing_behind() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let script = fs::read_to_string(paths::workspace().join("tests/scripts/soak/processes.mjs"));
    laptop.write("/root/soak.mjs", &script.expect("readable"));
    let node = ["run", "--ssh", &target(), "--", "node", "--expose-gc", "/root/soak.mjs", "300", "60", "64"];
    let end = laptop.run(&node);
    assert_eq!(end.code, Some(0), "{}{}", end.stdout, end.stderr);
    remote.assert_nothing_left();
}

/// Runs every script of a folder on both sides.
fn compare(folder: &str, node: &str) {
    let remote = Remote::start();
    compare_those(folder, node, &remote, &Laptop::of(&remote), |_| true);
}

/// Runs some scripts of a folder on both sides; each begins with a fresh copy of the project.
fn compare_those(folder: &str, node: &str, remote: &Remote, laptop: &Laptop, which: impl Fn(&str) -> bool) {
    let project = Project::clone_of_a_repository();
    let home = Laptop::alone();
    let node = paths::tool(node);
    let node = node.to_str().expect("a plain path");

    let scripts = scripts(folder);
    for (name, script) in &scripts {
        // All of them first: one may import another.
        home.write(&format!("/root/scripts/{name}"), script);
        laptop.write(&format!("/root/scripts/{name}"), script);
    }

    let mut differences = Vec::new();
    for (name, _) in scripts.iter().filter(|(name, _)| which(name)) {
        let path = format!("/root/scripts/{name}");
        for machine in [&home.machine, &remote.machine] {
            machine.sh(&format!("mkdir -p {ROOT} && find {ROOT} -mindepth 1 -delete"));
            project.copy_to(machine);
        }
        let mut plain = home.machine.command(ROOT, node);
        plain.arg(&path);
        let local = said(start(plain).try_finish(SCRIPT));
        let bridged = laptop.pii(&["run", "--ssh", &target(), "--", node, &path]);
        let bridged = said(start(bridged).try_finish(SCRIPT));
        let (local, bridged) = match local == bridged {
            true => (left(&home.machine), left(&remote.machine)),
            false => (local, bridged),
        };
        if local != bridged {
            differences
                .push(format!("{name} (- plain Node, + through pii)\n{}", difference(&local, &bridged)));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    remote.assert_nothing_left();
}

/// What a script left, line by line. A directory that mkdtemp named counts without its random end.
fn left(machine: &Machine) -> Vec<String> {
    let named = |line: &str| match line.split_once("/tmp-") {
        Some((before, name)) if name.is_char_boundary(6) => format!("{before}/tmp-{}", &name[6..]),
        _ => line.to_owned(),
    };
    tree(machine).lines().map(named).collect()
}

/// What a script printed and how it ended, line by line.
pub fn said(end: Option<Finished>) -> Vec<String> {
    let Some(end) = end else { return vec![format!("did not end within {SCRIPT:?}")] };
    let code = format!("exit code {:?}", end.code);
    // A script that fails says why on stderr, with line numbers of Node that say nothing here.
    let error = if end.code == Some(0) { "" } else { &end.stderr };
    let lines = end.stdout.lines().chain(error.lines()).chain([&code[..]]);
    lines.map(str::to_owned).collect()
}

/// Lines that are on one side only.
pub fn difference(local: &[String], bridged: &[String]) -> String {
    let only = |these: &[String], others: &[String], sign: char| -> String {
        these.iter().filter(|line| !others.contains(line)).map(|line| format!("{sign} {line}\n")).collect()
    };
    only(local, bridged, '-') + &only(bridged, local, '+')
}

fn scripts(folder: &str) -> Vec<(String, String)> {
    // Every operation of fs in each of its forms; js has it to try itself on a made-up remote.
    let everything = (folder == "files").then(|| paths::workspace().join("js/test/parity-program.cjs"));
    let folder = paths::workspace().join("tests/scripts").join(folder);
    let mut scripts: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "mjs"))
        .chain(everything)
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("readable"))
        })
        .collect();
    assert!(!scripts.is_empty(), "no scripts in {}", folder.display());
    scripts.sort();
    scripts
}
