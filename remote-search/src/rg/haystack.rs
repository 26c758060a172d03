//! What is searched: a file that the walk found or the command line named, or stdin.

use std::path::Path;

use ignore::DirEntry;

use super::plan::Plan;

/// One thing to search.
#[derive(Clone, Debug)]
pub struct Haystack {
    entry: DirEntry,
    implicit: bool,
}

impl Haystack {
    /// What the walk came upon, if it is to be searched. What went wrong is said.
    pub fn of(found: Result<DirEntry, ignore::Error>, plan: &Plan) -> Option<Self> {
        let entry = match found {
            Ok(entry) => entry,
            Err(error) => {
                plan.messages.error(error);
                return None;
            }
        };
        if let Some(error) = entry.error() {
            plan.messages.of_ignore_file(error);
        }
        let haystack = Self { entry, implicit: plan.implicit };
        // Links to files have been followed by the walk, if they are to be.
        let is_file = haystack.entry.file_type().is_some_and(|kind| kind.is_file());
        (haystack.is_explicit() || is_file).then_some(haystack)
    }

    /// Its path, as it is printed.
    pub fn path(&self) -> &Path {
        let path = self.entry.path();
        if self.implicit { path.strip_prefix("./").unwrap_or(path) } else { path }
    }

    /// Whether it is stdin.
    pub fn is_stdin(&self) -> bool {
        self.entry.is_stdin()
    }

    /// Whether the command line named it, so that nothing filters it.
    pub fn is_explicit(&self) -> bool {
        self.is_stdin() || (self.entry.depth() == 0 && !self.is_directory())
    }

    fn is_directory(&self) -> bool {
        let Some(kind) = self.entry.file_type() else { return false };
        kind.is_dir() || (self.entry.path_is_symlink() && self.entry.path().is_dir())
    }
}
