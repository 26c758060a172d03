//! zig, which compiles C and links for every target, and cargo-zigbuild, which tells cargo so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{command, error::Error};

/// The two programs.
pub struct Zig {
    /// zig itself.
    pub zig: PathBuf,
    /// cargo's subcommand.
    pub zigbuild: PathBuf,
}

/// Those on PATH, or else those in `.tools/cross/zig`, where they are installed if need be.
pub fn find(project: &Path) -> Result<Zig, Error> {
    if runs("zig", "version") && runs("cargo-zigbuild", "--version") {
        return Ok(Zig { zig: "zig".into(), zigbuild: "cargo-zigbuild".into() });
    }
    let home = super::home(project).join("zig");
    let list = project.join("xtask/tools/zig/requirements.txt");
    install(&list, &home).map_err(|source| Error::NoZig(Box::new(source)))?;
    Ok(Zig { zig: home.join("bin/python-zig"), zigbuild: home.join("bin/cargo-zigbuild") })
}

fn runs(program: &str, word: &str) -> bool {
    let mut question = Command::new(program);
    question.arg(word).stdout(Stdio::null()).stderr(Stdio::null());
    question.status().is_ok_and(|status| status.success())
}

/// Installs into an environment of Python's, unless that has been done.
fn install(list: &Path, home: &Path) -> Result<(), Error> {
    let wanted = fs::read_to_string(list).map_err(Error::at(list))?;
    let stamp = home.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("installing zig into {}", home.display());
    command::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home))?;
    let mut pip = Command::new(home.join("bin/pip"));
    pip.args(["install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r"]);
    command::run(pip.arg(list))?;
    fs::write(&stamp, wanted).map_err(Error::at(&stamp))
}
