//! Node's tests, from the upstream tarball in Debian's source package.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};

use crate::{assemble::hex, command, error::Error};

/// The tarball's checksum: Node 18.20.4.
const SHA256: &str = "6ce58062c71eae37d9c5ac31eeaeff9c2d48561d21c2849179d056c9c1bd9ebc";
const TARBALL: &str = "nodejs_18.20.4+dfsg.orig.tar.xz";
const RELEASE: &str = "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n";

/// What is unpacked.
const PARTS: [&str; 4] = [
    "*/test/parallel/test-fs-*",
    "*/test/parallel/test-child-process-*",
    "*/test/common/*",
    "*/test/fixtures/*",
];

/// Fetches and unpacks the tests, unless they are there already. Returns the directory that holds `test`.
pub fn fetch(home: &Path) -> Result<PathBuf, Error> {
    let tree = home.join("tree");
    let stamp = home.join("unpacked");
    if fs::read_to_string(&stamp).is_ok_and(|unpacked| unpacked == SHA256) {
        return Ok(tree);
    }
    println!("fetching Node's tests into {}", home.display());
    if home.exists() {
        fs::remove_dir_all(home).map_err(Error::at(home))?;
    }
    fs::create_dir_all(&tree).map_err(Error::at(&tree))?;
    let download = tempfile::tempdir()?;
    let tarball = download_tarball(download.path())?;
    let mut tar = Command::new("tar");
    tar.arg("-xJf").arg(&tarball).args(["--strip-components=1", "--no-same-owner", "-C"]).arg(&tree);
    command::run(tar.arg("--wildcards").args(PARTS))?;
    fs::write(&stamp, SHA256).map_err(Error::at(&stamp))?;
    Ok(tree)
}

/// Asks apt, with a state of its own, since few have source packages among their sources.
fn download_tarball(scratch: &Path) -> Result<PathBuf, Error> {
    for directory in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(scratch.join(directory)).map_err(Error::at(scratch.join(directory)))?;
    }
    let list = scratch.join("sources.list");
    fs::write(&list, RELEASE).map_err(Error::at(&list))?;
    let apt = || {
        let mut apt = Command::new("apt-get");
        let at = scratch.display();
        for option in [
            format!("Dir::State::Lists={at}/lists"),
            format!("Dir::Cache={at}/cache"),
            format!("Dir::Etc::SourceList={at}/sources.list"),
            "Dir::Etc::SourceParts=/dev/null".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
        ] {
            apt.args(["-o", &option]);
        }
        apt.arg("--quiet").current_dir(scratch);
        apt
    };
    command::run(apt().arg("update"))?;
    command::run(apt().args(["source", "--download-only", "--tar-only", "nodejs"]))?;
    let tarball = scratch.join(TARBALL);
    let found = hex(&Sha256::digest(fs::read(&tarball).map_err(Error::at(&tarball))?));
    if found == SHA256 {
        Ok(tarball)
    } else {
        Err(Error::Checksum { package: TARBALL, found, pinned: SHA256 })
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
