//! The session's temp directory: of one path on both machines, for this user alone, gone with the session.

use std::{
    fs,
    io::{Error, ErrorKind, Result},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The directory. It is removed with this value, unless it is left.
#[derive(Debug)]
pub struct TempDirectory {
    path: PathBuf,
    /// Whether it was there already.
    found: bool,
}

impl TempDirectory {
    /// Makes it. One that is there already is taken if it is closed to all others and ours, as it is where the remote is
    /// the laptop; a name that somebody else took is not.
    pub fn make(path: &Path) -> Result<Self> {
        if !path.is_absolute() {
            return Err(ErrorKind::InvalidInput.into());
        }
        let made = fs::DirBuilder::new().mode(0o700).create(path);
        let found = made.is_err();
        match made {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let found = fs::symlink_metadata(path)?;
                let ours = found.uid() == rustix::process::geteuid().as_raw();
                let closed = found.permissions().mode() & 0o077 == 0;
                if !(found.is_dir() && ours && closed) {
                    return Err(Error::from(ErrorKind::AlreadyExists));
                }
            }
            made => made?,
        }
        // A umask may have taken more than others' rights; who made it may read it.
        fs::set_permissions(path, PermissionsExt::from_mode(0o700))?;
        Ok(Self { path: path.to_owned(), found })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was there already, so that the laptop's is this one.
    pub fn is_shared(&self) -> bool {
        self.found
    }

    /// Leaves it to processes that go on.
    pub fn leave(self) {
        std::mem::forget(self);
    }
}

impl Drop for TempDirectory {
    fn drop(&mut self) {
        // What cannot be removed belongs to somebody else by now.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_others_is_not_taken() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("pii-x");
        let made = TempDirectory::make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        TempDirectory::make(&path).unwrap().leave();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        assert!(TempDirectory::make(&path).is_err());
        drop(made);
        assert!(!path.exists());
        std::os::unix::fs::symlink(scratch.path(), &path).unwrap();
        assert!(TempDirectory::make(&path).is_err());
    }
}
