//! Ways to build a program as one static file, so that it runs on a remote of any distribution.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    command,
    cross::{self, RustStd, zig},
    error::Error,
};

/// Many relocations of a program that can be loaded anywhere are packed, which takes a twentieth off its size.
const GLIBC: &str = "-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs";

/// A program that is loaded where it was linked for is smaller still.
const MUSL: &str = "-C relocation-model=static";

/// The library that cargo built brings no start files of musl's: the linker has them.
const LINKER_HAS_MUSL: &str = "-C link-self-contained=no";

/// One way.
pub enum Build {
    /// For this machine, with its own C library.
    Glibc {
        /// The target.
        target: String,
    },
    /// With musl, for any machine.
    Musl {
        /// The target.
        target: String,
        /// Rust's library for it.
        std: RustStd,
        /// What links, unless cargo has been told.
        zig: Option<zig::Zig>,
    },
}

impl Build {
    /// The way that needs nothing but Rust.
    pub fn with_glibc() -> Result<Self, Error> {
        let mut rustc = Command::new("rustc");
        let version = command::output(rustc.arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let target = host.map(str::to_owned);
        target
            .map(|target| Self::Glibc { target })
            .ok_or_else(|| Error::Output { line: command::line(&rustc), output: version.clone() })
    }

    /// The way to a program that is shipped.
    pub fn with_musl(project: &Path, architecture: &str) -> Result<Self, Error> {
        let target = format!("{architecture}-unknown-linux-musl");
        let std = RustStd::of(project, &target)?;
        let linker = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
        let zig = if env::var_os(linker).is_some() { None } else { Some(zig::find(project)?) };
        Ok(Self::Musl { target, std, zig })
    }

    /// Builds the program of a package.
    pub fn program(
        &self,
        project: &Path,
        package: &str,
        profile: &str,
        environment: &[(&str, &Path)],
    ) -> Result<PathBuf, Error> {
        let (mut build, directory, target) = match self {
            Self::Glibc { target } => {
                let mut cargo = Command::new("cargo");
                cargo.arg("build").env("RUSTFLAGS", GLIBC);
                (cargo, project.join("target"), target)
            }
            Self::Musl { target, std, zig } => {
                let mut cargo = Command::new(zig.as_ref().map_or(Path::new("cargo"), |zig| &zig.zigbuild));
                match zig {
                    Some(zig) => cargo.arg("zigbuild").env("CARGO_ZIGBUILD_ZIG_PATH", &zig.zig),
                    None => cargo.arg("build"),
                };
                let flags = if std.is_built() { [MUSL, LINKER_HAS_MUSL].join(" ") } else { MUSL.to_owned() };
                std.give(&mut cargo).env("RUSTFLAGS", flags);
                (cargo, cross::target_directory(project), target)
            }
        };
        build.args(["-p", package, "--bins", "--profile", profile, "--target", target, "--target-dir"]);
        build.arg(&directory).envs(environment.iter().copied());
        command::run(build.current_dir(project))?;
        let program = package.replace("remote-", "pii-");
        Ok(directory.join(target).join(profile).join(program))
    }
}
