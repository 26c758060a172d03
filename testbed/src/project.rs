//! The project that sessions work on: a clone of a small git repository with some files hard to handle.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{machine::Machine, paths, remote::ROOT};

/// A picture of 2 by 2 pixels.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 2, 0, 0,
    0, 2, 8, 2, 0, 0, 0, 0xfd, 0xd4, 0x9a, 0x73, 0, 0, 0, 0x16, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63,
    0x60, 0x60, 0x68, 0x38, 0xc1, 0xd0, 0xc0, 0xc0, 0x70, 0xa2, 0xe1, 0xc4, 0x89, 6, 0, 0x1b, 0xae, 5, 0x21,
    0xc5, 0xdb, 0x5c, 0x66, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// A clone, ready to be copied to machines.
pub struct Project {
    scratch: TempDir,
}

impl Project {
    /// Makes the repository and clones it.
    #[track_caller]
    pub fn clone_of_a_repository() -> Self {
        let scratch = paths::scratch();
        let origin = scratch.path().join("origin");
        fill(&origin);
        git(&origin, &["init", "--quiet", "--initial-branch=main"]);
        git(&origin, &["add", "."]);
        git(&origin, &["commit", "--quiet", "-m", "Begin"]);
        fs::write(origin.join("src/last.js"), "export const last = true\n").expect("scratch is writable");
        git(&origin, &["add", "."]);
        git(&origin, &["commit", "--quiet", "-m", "Add the last module"]);
        git(scratch.path(), &["clone", "--quiet", "origin", "clone"]);
        Self { scratch }
    }

    /// Puts a copy at [`ROOT`].
    #[track_caller]
    pub fn copy_to(&self, machine: &Machine) {
        let clone = self.scratch.path().join("clone");
        machine.sh(&format!("mkdir -p {ROOT} && cp -a '{}/.' {ROOT}", clone.display()));
    }
}

/// Everything about the files below [`ROOT`] but times, and what git says of them.
#[track_caller]
pub fn tree(machine: &Machine) -> String {
    machine.sh(&format!(
        "cd {ROOT} && find . -path ./.git -prune -o -printf '%P %y %m %l\\n' | sort && \
         find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum && \
         git status --short --branch && git log --format=%H"
    ))
}

fn fill(at: &Path) {
    let write = |name: &str, bytes: &[u8]| {
        let path = at.join(name);
        fs::create_dir_all(path.parent().expect("below the repository")).expect("scratch is writable");
        fs::write(path, bytes).expect("scratch is writable");
    };
    write("README.md", "# sample\n\nGrüße, 世界 🦀\n".as_bytes());
    write("windows.txt", b"one\r\ntwo\r\nthree\r\n");
    write("marked.txt", b"\xef\xbb\xbfbegins with a mark\n");
    write("latin.txt", b"caf\xe9 and \xff\n");
    write("picture.png", PNG);
    write("empty", b"");
    write(".gitignore", b"ignored/\n*.log\n");
    write("long.txt", (1..=3000).map(|n| format!("line {n}\n")).collect::<String>().as_bytes());
    for n in 1..=20 {
        let text = format!("export function part{n}() {{\n  // needle {n}\n  return {n}\n}}\n");
        write(&format!("src/parts/part{n}.js"), text.as_bytes());
    }
    write("with space/ä name.txt", b"found it\n");
    std::os::unix::fs::symlink("src/parts", at.join("link")).expect("scratch is writable");
}

fn git(at: &Path, words: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(at)
        .args(words)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "tester").env(format!("GIT_{role}_EMAIL"), "tester@localhost");
        git.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
    }
    assert!(git.status().expect("apt-get install -y git").success(), "git {words:?}");
}
