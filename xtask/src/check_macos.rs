//! `cargo xtask check-macos`: the laptop's side passes the compiler's checks for a Mac. Nothing is linked or run.

use std::{path::Path, process::Command};

use crate::{
    command,
    cross::{self, RustStd, zig},
    error::Error,
};

const TARGET: &str = "aarch64-apple-darwin";

/// What runs on the laptop.
const PACKAGES: [&str; 3] = ["wire-protocol", "preload-addon", "bridge-cli"];

/// Checks them. A warning is a failure.
pub fn run(project: &Path) -> Result<(), Error> {
    let std = RustStd::of(project, TARGET)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["check", "--target", TARGET, "--target-dir"]).arg(cross::target_directory(project));
    cargo.args(PACKAGES.into_iter().flat_map(|package| ["--package", package]));
    // It is not to be run, and without its debug information it is built in less time.
    std.give(&mut cargo).env("CARGO_PROFILE_DEV_DEBUG", "0").current_dir(project);
    // RUSTFLAGS would make the standard library another one than without.
    cargo.args(["-Zwarnings", "--config", "build.warnings=\"deny\""]).env("RUSTC_BOOTSTRAP", "1");
    if !cfg!(target_os = "macos") {
        let cc = project.join("xtask/tools/zig/cc-for-macos.sh");
        cargo.env("CC_aarch64_apple_darwin", cc).env("ZIG", zig::find(project)?.zig);
    }
    command::run(&mut cargo)
}
