//! What the laptop has and a command here needs: files of skills and packages, brought under the same path, read-only,
//! for as long as the session lasts.
//!
//! Only what the session named at its start is taken, nothing that is there already is touched, and where the path
//! cannot be made the files go beside it, into the session's temp directory.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Component, Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rustix::io::{Errno, Result};

use crate::{errno, outside::OUTSIDE, temp::TempDirectory};

/// Modes of a file that is brought: to be read, or to be run, too.
const PLAIN: u32 = 0o400;
const EXECUTABLE: u32 = 0o500;

/// The directories that were brought.
#[derive(Debug, Default)]
pub struct Carried {
    /// Directories beneath which any may be, besides the temp directory.
    allowed: Vec<PathBuf>,
    temp: Option<PathBuf>,
    /// Whether the laptop's temp directory is this one.
    shares_temp: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Where each directory is, by its path on the laptop.
    places: HashMap<PathBuf, PathBuf>,
    /// The topmost directories that were made for them.
    made: Vec<PathBuf>,
}

impl Carried {
    /// Takes what lies beneath these directories, absolute or `~/…`.
    pub fn new(allowed: &[String], home: &Path, temp: Option<&TempDirectory>) -> Self {
        let absolute = |path: &String| match path.strip_prefix("~/") {
            Some(below) => home.join(below),
            None => PathBuf::from(path),
        };
        let allowed = allowed.iter().map(absolute).filter(|path| is_plain(path)).collect();
        Self {
            allowed,
            temp: temp.map(|temp| temp.path().to_owned()),
            shares_temp: temp.is_some_and(TempDirectory::is_shared),
            state: Mutex::default(),
        }
    }

    /// Writes one file, or adds to it, and answers where its directory is. EOUTSIDE for what was not named.
    pub fn take(
        &self,
        directory: &[u8],
        name: &[u8],
        executable: bool,
        more: bool,
        data: &[u8],
    ) -> Result<Vec<u8>> {
        let directory = Path::new(std::ffi::OsStr::from_bytes(directory));
        let name = Path::new(std::ffi::OsStr::from_bytes(name));
        let below = name.components().all(|part| matches!(part, Component::Normal(_)));
        let named = self.allowed.iter().chain(&self.temp).any(|allowed| directory.starts_with(allowed));
        if !named || !below || !is_plain(directory) {
            return Err(OUTSIDE);
        }
        if self.shares_temp && self.temp.as_deref() == Some(directory) {
            // It is there.
            return Ok(directory.as_os_str().as_bytes().to_vec());
        }
        let place = self.place(directory).map_err(|error| errno::of_io(&error))?;
        write(&place.join(name), executable, more, data).map_err(|error| errno::of_io(&error))?;
        Ok(place.into_os_string().into_encoded_bytes())
    }

    /// Removes all that was brought.
    pub fn remove(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.places.clear();
        for made in state.made.drain(..) {
            // What cannot be removed belongs to somebody else by now.
            let _ = fs::remove_dir_all(made);
        }
    }

    fn place(&self, directory: &Path) -> io::Result<PathBuf> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = state.places.get(directory) {
            return Ok(place.clone());
        }
        if self.temp.as_deref() == Some(directory) {
            return Ok(directory.to_owned());
        }
        let ours = state.made.iter().any(|made| directory.starts_with(made));
        let place = match make(directory, ours) {
            Ok(made) => {
                state.made.extend(made);
                directory.to_owned()
            }
            Err(_) => {
                let temp = self.temp.as_ref().ok_or(Errno::NOENT)?;
                let name = directory.file_name().unwrap_or_default();
                let place = temp.join(format!("carried-{}", state.places.len())).join(name);
                directories(&place)?;
                place
            }
        };
        state.places.insert(directory.to_owned(), place.clone());
        Ok(place)
    }
}

/// An absolute path without `..`.
fn is_plain(path: &Path) -> bool {
    path.is_absolute()
        && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
}

/// Makes a directory that is not there yet, unless it is `ours`, and answers the topmost one that it took.
fn make(directory: &Path, ours: bool) -> io::Result<Option<PathBuf>> {
    let missing = directory.ancestors().take_while(|path| fs::symlink_metadata(path).is_err()).last();
    match missing {
        None if ours => Ok(None),
        None => Err(io::ErrorKind::AlreadyExists.into()),
        Some(top) => {
            let parents = directory.ancestors().take_while(|path| path.starts_with(top)).collect::<Vec<_>>();
            for path in parents.iter().rev() {
                DirBuilder::new().mode(0o700).create(path)?;
            }
            Ok((!ours).then(|| top.to_owned()))
        }
    }
}

fn directories(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(path)
}

fn write(path: &Path, executable: bool, more: bool, data: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        directories(parent)?;
    }
    if more {
        // Added to through a name that only its owner can write to again.
        fs::set_permissions(path, PermissionsExt::from_mode(0o600))?;
    } else if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = OpenOptions::new().append(true).create_new(!more).mode(0o600).open(path)?;
    file.write_all(data)?;
    file.set_permissions(PermissionsExt::from_mode(if executable { EXECUTABLE } else { PLAIN }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_under_their_path_and_go_with_the_session() {
        let scratch = tempfile::tempdir().unwrap();
        let at = scratch.path().canonicalize().unwrap();
        let (skills, temp) = (at.join("home/agent/skills"), at.join("temp"));
        let made = TempDirectory::make(&temp).unwrap();
        fs::create_dir_all(at.join("there/own")).unwrap();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let carried = Carried::new(&[text(&skills), text(&at.join("there"))], &at, Some(&made));
        let take = |directory: &Path, name: &str, more, data: &[u8]| {
            carried.take(directory.as_os_str().as_bytes(), name.as_bytes(), true, more, data)
        };
        let one = skills.join("one");
        assert_eq!(take(&one, "bin/run.sh", false, b"a"), Ok(one.as_os_str().as_bytes().to_vec()));
        take(&one, "bin/run.sh", true, b"b").unwrap();
        assert_eq!(fs::read(one.join("bin/run.sh")).unwrap(), b"ab");
        assert_eq!(fs::metadata(one.join("bin/run.sh")).unwrap().permissions().mode() & 0o777, EXECUTABLE);
        take(&one, "bin/run.sh", false, b"c").unwrap();
        assert_eq!(fs::read(one.join("bin/run.sh")).unwrap(), b"c");
        take(&skills.join("two"), "x", false, b"").unwrap();
        let beside = take(&at.join("there/own"), "x", false, b"1").unwrap();
        assert!(Path::new(std::str::from_utf8(&beside).unwrap()).starts_with(&temp), "{beside:?}");
        assert!(!at.join("there/own/x").exists());
        for (directory, name) in
            [(at.join("other"), "x"), (skills.join("../x"), "x"), (one.clone(), "../x"), (one.clone(), "/x")]
        {
            assert_eq!(take(&directory, name, false, b""), Err(OUTSIDE));
        }
        carried.remove();
        assert!(!at.join("home").exists() && at.join("there/own").exists());
    }
}
