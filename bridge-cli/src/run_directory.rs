//! The session's private directory on the laptop.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Longest path of a unix socket on macOS, the shorter of the two systems.
const LONGEST_SOCKET: usize = 103;

/// The session's private directory on the laptop. It disappears with this value.
pub struct RunDirectory {
    directory: TempDir,
    /// The laptop's side of the session's temp directory.
    temp: TempDir,
}

impl RunDirectory {
    /// Makes it, with a place for working directories inside, and a temp directory whose path the remote can have, too.
    pub fn create() -> io::Result<Self> {
        let permissions = || std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let temp = tempfile::Builder::new().prefix("pii-").permissions(permissions()).tempdir_in("/tmp")?;
        let runtime =
            std::env::var_os("XDG_RUNTIME_DIR").filter(|value| !value.is_empty()).map(PathBuf::from);
        let places = runtime.into_iter().chain([std::env::temp_dir(), PathBuf::from("/tmp")]);
        let places: Vec<PathBuf> = places.filter_map(|place| std::fs::canonicalize(place).ok()).collect();
        let mut failure = io::ErrorKind::NotFound.into();
        for place in
            places.iter().filter(|place| place.join("pii-xxxxxx/socket").as_os_str().len() <= LONGEST_SOCKET)
        {
            match tempfile::Builder::new().prefix("pii-").permissions(permissions()).tempdir_in(place) {
                Ok(directory) => {
                    let run = Self { directory, temp };
                    std::fs::DirBuilder::new().mode(0o700).create(run.mirrors())?;
                    return Ok(run);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
    /// Where directories of the laptop lie that stand for remote ones.
    pub fn mirrors(&self) -> PathBuf {
        self.path().join("cwd")
    }
    /// Makes the directory that stands for a remote one: it is empty, and has the remote path at its end.
    pub fn mirror(&self, remote: &str) -> io::Result<PathBuf> {
        let path = self.mirrors().join(remote.trim_start_matches('/'));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        Ok(path)
    }
    /// The session's temp directory.
    pub fn temp(&self) -> &Path {
        self.temp.path()
    }
    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.path().join("socket")
    }
}
