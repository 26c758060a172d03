//! Rust's standard library for a target: rustup's, or built from sources that match the compiler.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{apt::Apt, assemble::put, command, error::Error};

/// Debian's release that has the sources of recent compilers.
const RELEASE: &str = "trixie-backports";

/// Where the sources are, below a compiler's `sysroot`.
const SOURCES: &str = "lib/rustlib/src/rust";

/// What has to be there of them.
const LIBRARY: &str = "library/Cargo.lock";

/// The standard library for a target.
pub enum RustStd {
    /// It is installed.
    Installed,
    /// Cargo has to build it.
    Sources {
        /// A compiler that has the sources, if the usual one has none.
        rustc: Option<PathBuf>,
    },
}

impl RustStd {
    /// Finds it, or installs its sources.
    pub fn of(project: &Path, target: &str) -> Result<Self, Error> {
        if is_installed(target)? {
            return Ok(Self::Installed);
        }
        let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])?);
        if sysroot.join(SOURCES).join(LIBRARY).exists() {
            return Ok(Self::Sources { rustc: None });
        }
        let version = rustc(&["-vV"])?;
        let release = version.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or_default();
        let home = super::home(project);
        let sources = home.join(format!("rust-src-{release}"));
        if !sources.join(LIBRARY).exists() {
            println!("installing the sources of Rust's library {release} into {}", sources.display());
            install(release, &sources)
                .map_err(|source| Error::NoStd { target: target.to_owned(), source: Box::new(source) })?;
        }
        Ok(Self::Sources { rustc: Some(compiler_with(&home, &sysroot, &sources)?) })
    }

    /// Whether cargo builds it.
    pub fn is_built(&self) -> bool {
        matches!(self, Self::Sources { .. })
    }

    /// Makes a build have it.
    pub fn give<'a>(&self, cargo: &'a mut Command) -> &'a mut Command {
        if let Self::Sources { rustc } = self {
            // The stable compiler refuses to build its own library without this.
            cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
            if let Some(rustc) = rustc {
                cargo.env("RUSTC", rustc);
            }
        }
        cargo
    }
}

fn rustc(words: &[&str]) -> Result<String, Error> {
    Ok(command::output(Command::new("rustc").args(words))?.trim().to_owned())
}

fn is_installed(target: &str) -> Result<bool, Error> {
    let directory = PathBuf::from(rustc(&["--print", "target-libdir", "--target", target])?);
    let Ok(entries) = fs::read_dir(directory) else { return Ok(false) };
    Ok(entries.flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    }))
}

/// Takes the sources out of Debian's package, which apt verifies.
fn install(release: &str, sources: &Path) -> Result<(), Error> {
    let apt = Apt::with("deb", RELEASE)?;
    let mut list = apt.command("apt-cache");
    let versions = command::output(list.args(["madison", "rust-src"]))?;
    let version = versions
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|version| version.strip_prefix(release).is_some_and(|rest| rest.starts_with('+')));
    let Some(version) = version else {
        return Err(Error::Output {
            line: command::line(&list),
            output: format!("no {release}:\n{versions}"),
        });
    };
    let unpacked = apt.unpack("rust-src", Some(version))?;
    let library = unpacked.join(format!("usr/src/rustc-{release}/library"));
    // It may lie on another file system, and comes into place as a whole.
    let new = sources.with_extension("new");
    fs::create_dir_all(&new).map_err(Error::at(&new))?;
    command::run(Command::new("cp").arg("-R").arg(&library).arg(&new))?;
    fs::rename(&new, sources).map_err(Error::at(sources))
}

/// The compiler with a sysroot that has the sources, made of links: rustup's own is left as it is.
fn compiler_with(home: &Path, sysroot: &Path, sources: &Path) -> Result<PathBuf, Error> {
    let ours = home.join("sysroot");
    let rustlib = sysroot.join("lib/rustlib");
    for entry in fs::read_dir(&rustlib).map_err(Error::at(&rustlib))? {
        let entry = entry?;
        if entry.file_name() != "src" && entry.file_type()?.is_dir() {
            link(&entry.path(), &ours.join("lib/rustlib").join(entry.file_name()))?;
        }
    }
    link(sources, &ours.join(SOURCES))?;
    let rustc = home.join("rustc");
    let script = format!(
        "#!/bin/sh\nexec '{}' --sysroot '{}' \"$@\"\n",
        sysroot.join("bin/rustc").display(),
        ours.display()
    );
    put(&rustc, script.as_bytes())?;
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).map_err(Error::at(&rustc))?;
    Ok(rustc)
}

fn link(to: &Path, at: &Path) -> Result<(), Error> {
    if fs::read_link(at).is_ok_and(|present| present == to) {
        return Ok(());
    }
    let folder = at.parent().unwrap_or(at);
    fs::create_dir_all(folder).map_err(Error::at(folder))?;
    if at.is_symlink() {
        fs::remove_file(at).map_err(Error::at(at))?;
    }
    symlink(to, at).map_err(Error::at(at))
}
