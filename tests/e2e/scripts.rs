//! Node scripts that say the same through `pii` as they do with plain Node on the remote's own disk.

use std::fs;

use crate::{
    finish::{Finished, start},
    laptop::{Laptop, RUN, target},
    paths,
    project::{Project, tree},
    remote::{ROOT, Remote},
};

#[test]
fn files_are_as_they_are_locally() {
    compare("files");
}

#[test]
fn processes_are_as_they_are_locally() {
    compare("processes");
}

/// Runs every script of a folder on both sides; each begins with a fresh copy of the project.
fn compare(folder: &str) {
    let project = Project::clone_of_a_repository();
    let home = Laptop::alone();
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let node = paths::tool("node");
    let node = node.to_str().expect("a plain path");

    let scripts = scripts(folder);
    for (name, script) in &scripts {
        // All of them first: one may import another.
        home.write(&format!("/root/scripts/{name}"), script);
        laptop.write(&format!("/root/scripts/{name}"), script);
    }

    let mut differences = Vec::new();
    for (name, _) in scripts {
        let path = format!("/root/scripts/{name}");
        for machine in [&home.machine, &remote.machine] {
            machine.sh(&format!("mkdir -p {ROOT} && find {ROOT} -mindepth 1 -delete"));
            project.copy_to(machine);
        }
        let mut plain = home.machine.command(ROOT, node);
        plain.arg(&path);
        let local = start(plain).finish(RUN);
        let bridged = laptop.run(&["run", "--ssh", &target(), "--", node, &path]);
        if said(&bridged) != said(&local) {
            differences.push(format!(
                "--- {name} with plain Node: {:?}\n{}{}\n--- {name} through pii: {:?}\n{}{}",
                local.code, local.stdout, local.stderr, bridged.code, bridged.stdout, bridged.stderr
            ));
        } else if tree(&remote.machine) != tree(&home.machine) {
            differences.push(format!(
                "--- {name} leaves with plain Node:\n{}\n--- {name} leaves through pii:\n{}",
                tree(&home.machine),
                tree(&remote.machine)
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    remote.assert_nothing_left();
}

fn said(end: &Finished) -> (Option<i32>, &str) {
    (end.code, &end.stdout)
}

fn scripts(folder: &str) -> Vec<(String, String)> {
    let folder = paths::workspace().join("tests/scripts").join(folder);
    let mut scripts: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "mjs"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("readable"))
        })
        .collect();
    assert!(!scripts.is_empty(), "no scripts in {}", folder.display());
    scripts.sort();
    scripts
}
