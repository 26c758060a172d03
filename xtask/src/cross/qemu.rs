//! qemu, which runs programs of aarch64: the one on PATH, or Debian's in `.tools/cross/qemu`.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{apt::Apt, error::Error};

/// The oldest version that is known to let a program be a subreaper. 7.2 does not.
const OLDEST: u32 = 10;

/// Debian's release that has such a one.
const RELEASE: &str = "trixie";

/// Makes it `.tools/bin/qemu-aarch64`, where the tests look for it.
pub fn install(project: &Path) -> Result<(), Error> {
    let link = project.join(".tools/bin/qemu-aarch64");
    if is_new_enough(&link) {
        return Ok(());
    }
    let program = match on_path() {
        Some(present) => present,
        None => {
            let home = super::home(project).join("qemu");
            println!("installing qemu into {}", home.display());
            fetch(&home).map_err(|source| Error::NoQemu { oldest: OLDEST, source: Box::new(source) })?
        }
    };
    if link.is_symlink() {
        fs::remove_file(&link).map_err(Error::at(&link))?;
    }
    let folder = link.parent().unwrap_or(&link);
    fs::create_dir_all(folder).map_err(Error::at(folder))?;
    symlink(program, &link).map_err(Error::at(&link))
}

fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let names = ["qemu-aarch64-static", "qemu-aarch64"];
    env::split_paths(&path)
        .flat_map(|directory| names.map(|name| directory.join(name)))
        .find(|program| is_new_enough(program))
}

/// By `qemu-aarch64 version 10.0.2 (…)`.
fn is_new_enough(program: &Path) -> bool {
    let mut question = Command::new(program);
    let Ok(answer) = question.arg("--version").stderr(Stdio::null()).output() else { return false };
    let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
    let version = answer.split(' ').skip_while(|word| *word != "version").nth(1);
    version
        .and_then(|version| version.split('.').next()?.parse().ok())
        .is_some_and(|major: u32| major >= OLDEST)
}

/// Takes it out of Debian's package, which apt verifies.
fn fetch(home: &Path) -> Result<PathBuf, Error> {
    let apt = Apt::with("deb", RELEASE)?;
    let all = apt.unpack("qemu-user", None)?;
    fs::create_dir_all(home).map_err(Error::at(home))?;
    // The package has the emulators of all machines.
    let program = home.join("qemu-aarch64");
    fs::copy(all.join("usr/bin/qemu-aarch64"), &program).map_err(Error::at(&program))?;
    Ok(program)
}
