//! Three real repositories, each with things laid into it that searches stumble over.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::{Path, PathBuf},
    process::Command,
};

use crate::tools::workspace;

/// Fills a directory with this project, a JavaScript program and a Rust library with files in many encodings.
pub fn lay_out(below: &Path) -> Vec<PathBuf> {
    let ours = below.join("project");
    let clone = ["clone", "--quiet", "--no-hardlinks", "--", workspace().to_str().expect("a plain path")];
    run(Command::new("git").args(clone).arg(&ours));
    // They lie where the words of the other two have them.
    copy(&workspace().join("remote-agent/src"), &ours.join("src"));

    let script = below.join("program");
    copy(&workspace().join(".tools/pi-1.5.2/dist/core"), &script.join("src"));

    let library = below.join("library");
    copy(&source_of("encoding_rs"), &library);

    let all = vec![ours, script, library];
    for (number, repository) in all.iter().enumerate() {
        // A line longer than rg's buffer makes it grow, and what it then reads at once says where it notices binary data:
        // another place in every run.
        run(Command::new("find").arg(repository).args(["-type", "f", "-size", "+60k", "-delete"]));
        // One of the three is no repository of git.
        lay_odd_things(repository, number != 1);
    }
    all
}

fn lay_odd_things(repository: &Path, git: bool) {
    let put = |path: &str, bytes: &[u8]| {
        let path = repository.join(path);
        fs::create_dir_all(path.parent().expect("below the repository")).expect("writable");
        fs::write(path, bytes).expect("writable");
    };
    if git {
        put(".git/info/exclude", b"*.excluded\n");
    }
    put(".gitignore", b"*.log\n/odd/skipped/\n!odd/kept.log\n");
    put(".ignore", b"*.ignored\n");
    put(".rgignore", b"*.rgignored\n");
    put(".fdignore", b"*.fdignored\n");
    put("extra.ignore", b"*.MD\n*.toml\n");
    put("patterns", b"use\nfn\nthe\n");
    put("README.md", b"# The project\n\nuse it, the TODO is\r\nself\n");
    put("odd/.gitignore", b"nested-*\n!nested-kept\n");
    for name in [
        "a.log",
        "kept.log",
        "b.ignored",
        "c.rgignored",
        "d.fdignored",
        "e.excluded",
        "nested-1",
        "nested-kept",
    ] {
        put(&format!("odd/{name}"), b"use the fn\n");
    }
    put("odd/skipped/file.rs", b"use the fn\n");
    put("odd/.hidden/file.txt", b"use the fn\nself\n");
    put("odd/empty", b"");
    put("odd/crlf.txt", b"use the fn\r\nthe end\r\n\r\n");
    put("odd/no-end.txt", b"foo\nbar\nuse");
    put("odd/binary.bin", b"use the fn\n\0\0the rest\nuse\n");
    put("odd/late.bin", &[&b"use the fn\n".repeat(10_000)[..], b"\0\nfn\n"].concat());
    put("odd/latin.txt", b"caf\xe9 use\nstra\xdfe fn\n");
    put("odd/utf16.txt", b"\xff\xfeu\0s\0e\0 \0t\0h\0e\0\n\0");
    put("odd/marked.txt", "\u{feff}use the é ß ü α\n".as_bytes());
    put("odd/long.txt", &[b"the ".repeat(500), b"\n".to_vec()].concat());
    put("odd/with space/ä name.txt", b"use the fn\n");
    put("odd/UPPER.TXT", b"USE THE FN\n");
    put("-dashed", b"use the fn\n");
    let odd = repository.join("odd");
    fs::write(odd.join(OsStr::from_bytes(b"no\xfftext.txt")), "use the fn\n").expect("writable");
    fs::create_dir_all(odd.join("nothing")).expect("writable");
    for (target, name) in
        [("../README.md", "link"), ("../src", "tree"), ("nowhere", "broken"), ("..", "loop")]
    {
        symlink(target, odd.join(name)).expect("writable");
    }
}

/// Where cargo keeps the source of a library that this project is built with.
fn source_of(name: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    // Of other platforms not everything was downloaded.
    let platform = format!("--filter-platform={}-unknown-linux-gnu", std::env::consts::ARCH);
    cargo.args(["metadata", "--format-version=1", "--offline", &platform]).current_dir(workspace());
    let output = cargo.output();
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.expect("cargo runs this test").stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let package = packages.iter().find(|package| package["name"] == name).expect("a library of ours");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
    manifest.parent().expect("in a directory").to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("writable");
    run(Command::new("cp").arg("-rT").args([from, to]));
}

fn run(command: &mut Command) {
    assert!(command.status().expect("a program of every system").success(), "{command:?}");
}
