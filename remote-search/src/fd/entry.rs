//! An entry that the walk found.

use std::{
    cell::OnceCell,
    cmp::Ordering,
    ffi::OsString,
    fs::{FileType, Metadata},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use lscolors::Colorable;

/// An entry. A link that is to be followed and leads nowhere is itself.
#[derive(Debug)]
pub struct Entry {
    found: Found,
    metadata: OnceCell<Option<Metadata>>,
}

#[derive(Debug)]
enum Found {
    Entry(ignore::DirEntry),
    BrokenLink(PathBuf),
}

impl Entry {
    /// What the walk found.
    pub fn new(entry: ignore::DirEntry) -> Self {
        Self { found: Found::Entry(entry), metadata: OnceCell::new() }
    }

    /// A link that leads nowhere.
    pub fn broken_link(path: PathBuf) -> Self {
        Self { found: Found::BrokenLink(path), metadata: OnceCell::new() }
    }

    /// Its path, beginning as the place of the search does.
    pub fn path(&self) -> &Path {
        match &self.found {
            Found::Entry(entry) => entry.path(),
            Found::BrokenLink(path) => path,
        }
    }

    /// Its path as it is shown: without `./`, unless it then looked like a flag.
    pub fn shown_path(&self, strip: bool) -> &Path {
        let path = self.path();
        let stripped = without_dot(path);
        if strip && !stripped.as_os_str().as_bytes().starts_with(b"-") { stripped } else { path }
    }

    /// Its type.
    pub fn file_type(&self) -> Option<FileType> {
        match &self.found {
            Found::Entry(entry) => entry.file_type(),
            Found::BrokenLink(_) => self.metadata().map(Metadata::file_type),
        }
    }

    /// What is known of it; asked once.
    pub fn metadata(&self) -> Option<&Metadata> {
        let ask = || match &self.found {
            Found::Entry(entry) => entry.metadata().ok(),
            Found::BrokenLink(path) => path.symlink_metadata().ok(),
        };
        self.metadata.get_or_init(ask).as_ref()
    }

    /// How far below the place of the search it is, if that is known.
    pub fn depth(&self) -> Option<usize> {
        match &self.found {
            Found::Entry(entry) => Some(entry.depth()),
            Found::BrokenLink(_) => None,
        }
    }
}

/// A path without the `./` it begins with.
pub fn without_dot(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.path().cmp(other.path())
    }
}

impl Colorable for Entry {
    fn path(&self) -> PathBuf {
        self.path().to_owned()
    }

    fn file_name(&self) -> OsString {
        self.path().file_name().unwrap_or_default().to_owned()
    }

    fn file_type(&self) -> Option<FileType> {
        self.file_type()
    }

    fn metadata(&self) -> Option<Metadata> {
        self.metadata().cloned()
    }
}
