//! apt with a state of its own: for what is not among the machine's own sources, which stay as they are.

use std::{fs, path::PathBuf, process::Command};

use tempfile::TempDir;

use crate::{command, error::Error};

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// apt as it would be with one source.
pub struct Apt {
    scratch: TempDir,
}

impl Apt {
    /// Reads the lists of `deb` or `deb-src` of a release of Debian.
    pub fn with(kind: &str, release: &str) -> Result<Self, Error> {
        let apt = Self { scratch: tempfile::tempdir()? };
        for directory in ["lists/partial", "cache/archives/partial"] {
            let directory = apt.file(directory);
            fs::create_dir_all(&directory).map_err(Error::at(&directory))?;
        }
        let list = apt.file("sources.list");
        let line = format!("{kind} [signed-by={KEYRING}] http://deb.debian.org/debian {release} main\n");
        fs::write(&list, line).map_err(Error::at(&list))?;
        command::run(apt.command("apt-get").arg("update"))?;
        Ok(apt)
    }

    /// `apt-get` or `apt-cache`, in the directory where it leaves what it downloads.
    pub fn command(&self, program: &str) -> Command {
        let mut apt = Command::new(program);
        let at = self.scratch.path().display();
        for option in [
            format!("Dir::State::Lists={at}/lists"),
            format!("Dir::Cache={at}/cache"),
            format!("Dir::Etc::SourceList={at}/sources.list"),
            "Dir::Etc::SourceParts=/dev/null".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
        ] {
            apt.args(["-o", &option]);
        }
        apt.args(["--quiet", "--quiet"]).current_dir(self.scratch.path());
        apt
    }

    /// A file that was downloaded.
    pub fn file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }
}
