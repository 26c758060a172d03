//! Where the built program, the tools and the tests' scratch files are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// The two versions of pi that are tested, as `.tools/bin` names them.
pub const PIS: [&str; 2] = ["pi-0.87.1", "pi-1.5.2"];

/// The workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

/// The built `pii`.
pub fn pii() -> PathBuf {
    present(workspace().join("target/release/pii"), "build")
}

/// A file of `.tools/bin`.
pub fn tool(name: &str) -> PathBuf {
    present(workspace().join(".tools/bin").join(name), "tools")
}

/// The packages of `tests/clients`, links resolved: a `.tools` may be one.
pub fn clients() -> PathBuf {
    let installed = present(workspace().join(".tools/clients/installed"), "tools");
    installed.with_file_name("node_modules").canonicalize().expect("installed")
}

/// SHA-256 of the agent, as hex.
pub fn agent_hash() -> String {
    let facts = workspace().join("target/release/pii-assets/agents/x86_64-linux.json");
    let facts: serde_json::Value =
        serde_json::from_slice(&fs::read(present(facts, "build")).expect("readable")).expect("JSON");
    facts["sha256"].as_str().expect("a hash").to_owned()
}

/// A directory of a test's own, outside all that the machines cover.
pub fn scratch() -> TempDir {
    let place = workspace().join("target/tmp");
    fs::create_dir_all(&place).expect("the workspace is writable");
    tempfile::tempdir_in(place).expect("a scratch directory")
}

fn present(path: PathBuf, command: &str) -> PathBuf {
    assert!(path.exists(), "{} is missing: run `cargo xtask {command}`", path.display());
    path
}
