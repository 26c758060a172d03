//! Key files, made by ssh-keygen in a directory that both machines see.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::paths;

/// A directory of keys.
pub struct Keys {
    directory: TempDir,
}

impl Keys {
    /// An empty one.
    pub fn new() -> Self {
        Self { directory: paths::scratch() }
    }

    /// Where the file of this name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What the file of this name holds.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("made before")
    }

    /// Makes `name` and `name.pub`, of Ed25519 and without a passphrase unless ssh-keygen's options say otherwise.
    #[track_caller]
    pub fn make(&self, name: &str, options: &[&str]) -> PathBuf {
        generate(&self.path(name), options);
        self.path(name)
    }

    /// Makes `name-cert.pub` for the public key `name.pub`, signed by `authority`. Options name the principals.
    #[track_caller]
    pub fn certify(&self, name: &str, authority: &str, options: &[&str]) -> PathBuf {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-I", name, "-s"]).arg(self.path(authority)).args(options);
        run(command.arg(self.path(&format!("{name}.pub"))));
        self.path(&format!("{name}-cert.pub"))
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes one pair, as [`Keys::make`] does.
#[track_caller]
pub fn generate(path: &Path, options: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    run(command.args(["-q", "-t", "ed25519", "-N", ""]).args(options).arg("-f").arg(path));
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our file");
}

#[track_caller]
fn run(command: &mut Command) {
    assert!(command.status().expect("apt-get install -y openssh-client").success(), "{command:?}");
}
