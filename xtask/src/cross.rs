//! Building for other machines than this one, and trying it: Rust's standard library for them, zig for what is not Rust,
//! and qemu.
//!
//! What rustup and PATH have is used. What they lack comes into `.tools/cross`: the library's sources and qemu from
//! Debian, zig and cargo-zigbuild from PyPI.

pub mod qemu;
mod rust_std;
pub mod zig;

use std::path::{Path, PathBuf};

pub use rust_std::RustStd;

/// Where the tools for it are installed.
fn home(project: &Path) -> PathBuf {
    project.join(".tools/cross")
}

/// The target directory of these builds. They have other settings, for which cargo would build everything anew if they
/// shared the one of the others.
pub fn target_directory(project: &Path) -> PathBuf {
    project.join("target/cross")
}
