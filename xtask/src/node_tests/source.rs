//! Node's tests, from the upstream tarballs in Debian's source packages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};

use crate::{apt::Apt, assemble::hex, command, error::Error};

/// Where the tests of one version of Node are.
pub struct Source {
    /// Node's version.
    pub version: &'static str,
    /// Debian's release that has it.
    release: &'static str,
    tarball: &'static str,
    sha256: &'static str,
}

/// The tests that the project's promise is measured by.
pub const NODE_18: Source = Source {
    version: "18.20.4",
    release: "bookworm",
    tarball: "nodejs_18.20.4+dfsg.orig.tar.xz",
    sha256: "6ce58062c71eae37d9c5ac31eeaeff9c2d48561d21c2849179d056c9c1bd9ebc",
};

/// The newest tests that Debian has of a version with long support.
pub const NODE_24: Source = Source {
    version: "24.21.0",
    release: "forky",
    tarball: "nodejs_24.21.0+dfsg+~cs24.13.4.orig.tar.xz",
    sha256: "e6e0d1a00dfc9e31ab2b074fd99979a48be17c18e8e3edc14306736069bb8f54",
};

/// What is unpacked.
const PARTS: [&str; 4] =
    ["*/test/parallel/test-fs-*", "*/test/parallel/test-child-process-*", "*/test/common", "*/test/fixtures"];

impl Source {
    /// Fetches and unpacks the tests, unless they are there already. Returns the directory that holds `test`.
    pub fn fetch(&self, home: &Path) -> Result<PathBuf, Error> {
        let tree = home.join("tree");
        let stamp = home.join("unpacked");
        if fs::read_to_string(&stamp).is_ok_and(|unpacked| unpacked == self.sha256) {
            return Ok(tree);
        }
        println!("fetching the tests of Node {} into {}", self.version, home.display());
        if home.exists() {
            fs::remove_dir_all(home).map_err(Error::at(home))?;
        }
        fs::create_dir_all(&tree).map_err(Error::at(&tree))?;
        let apt = Apt::with("deb-src", self.release)?;
        let tarball = self.download(&apt)?;
        let mut tar = Command::new("tar");
        tar.arg("-xJf").arg(&tarball).args(["--strip-components=1", "--no-same-owner", "-C"]).arg(&tree);
        command::run(tar.args(["--wildcards", "--no-wildcards-match-slash"]).args(PARTS))?;
        fs::write(&stamp, self.sha256).map_err(Error::at(&stamp))?;
        Ok(tree)
    }

    fn download(&self, apt: &Apt) -> Result<PathBuf, Error> {
        command::run(apt.command("apt-get").args(["source", "--download-only", "--tar-only", "nodejs"]))?;
        let tarball = apt.file(self.tarball);
        if !tarball.exists() {
            return Err(Error::NodeTests(format!(
                "Debian's {} no longer has {}",
                self.release, self.tarball
            )));
        }
        let found = hex(&Sha256::digest(fs::read(&tarball).map_err(Error::at(&tarball))?));
        if found == self.sha256 {
            Ok(tarball)
        } else {
            Err(Error::Checksum { package: self.tarball, found, pinned: self.sha256 })
        }
    }
}

/// File names of the tests, in order.
pub fn names(tree: &Path) -> Result<Vec<String>, Error> {
    let directory = tree.join("test/parallel");
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).map_err(Error::at(&directory))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let runs = [".js", ".mjs"].iter().any(|ending| name.ends_with(ending));
        if runs && (name.starts_with("test-fs-") || name.starts_with("test-child-process-")) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
