//! Where the built program, the tools and the tests' scratch files are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// The versions of pi that are tested, as `.tools/bin` names them.
pub const PIS: [&str; 3] = ["pi-0.87.1", "pi-1.5.2", "pi-1.6.0"];

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

/// What runs programs of aarch64.
pub fn qemu() -> PathBuf {
    present(workspace().join(".tools/bin/qemu-aarch64"), "agents --check")
}

/// The packages of `tests/clients`, links resolved: a `.tools` may be one.
pub fn clients() -> PathBuf {
    let installed = present(workspace().join(".tools/clients/installed"), "tools");
    installed.with_file_name("node_modules").canonicalize().expect("installed")
}

/// SHA-256 of this machine's agent, as hex.
pub fn agent_hash() -> String {
    agent_hash_for(std::env::consts::ARCH)
}

/// SHA-256 of the agent for a kind of machine, as hex.
pub fn agent_hash_for(architecture: &str) -> String {
    let agents = workspace().join("target/release/pii-assets/agents");
    let facts = present(agents.join(format!("{architecture}-linux.json")), "agents");
    let facts: serde_json::Value = serde_json::from_slice(&fs::read(facts).expect("readable")).expect("JSON");
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
