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

    /// Downloads a package, of this version or the newest, and unpacks it; the directory.
    pub fn unpack(&self, package: &str, version: Option<&str>) -> Result<PathBuf, Error> {
        let wanted = version.map_or_else(|| package.to_owned(), |version| format!("{package}={version}"));
        command::run(self.command("apt-get").args(["download", &wanted]))?;
        let directory = self.scratch.path();
        let mut files = fs::read_dir(directory).map_err(Error::at(directory))?;
        let file = files.find_map(|file| {
            let path = file.ok()?.path();
            let name = path.file_name()?.to_string_lossy().into_owned();
            (name.starts_with(&format!("{package}_")) && name.ends_with(".deb")).then_some(path)
        });
        let file = file.ok_or_else(|| Error::Output {
            line: format!("apt-get download {wanted}"),
            output: "no file".into(),
        })?;
        let unpacked = self.file(package);
        command::run(Command::new("dpkg-deb").arg("--extract").arg(file).arg(&unpacked))?;
        Ok(unpacked)
    }

    /// A file that was downloaded.
    pub fn file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }
}
