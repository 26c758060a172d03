//! `rg` and `fd` for remotes that have none, made of ripgrep's own libraries.
//!
//! Both read the command line of the originals, ripgrep 15 and fd 10, and print what those print. A flag that is not
//! known, or that is known and not built in, ends the program with a sentence that names it: never with other results.

mod allocator;
mod fd;
mod flag;
mod messages;
mod rg;

use std::ffi::{OsStr, OsString};

/// A search program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Searches in files.
    Rg,
    /// Searches for files.
    Fd,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 2] = [Self::Rg, Self::Fd];

    /// The name of its command.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rg => "rg",
            Self::Fd => "fd",
        }
    }

    /// The tool whose command has this name.
    pub fn named(name: &OsStr) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| name == tool.name())
    }

    /// Runs the tool with the words that follow its name, and gives its exit status.
    pub fn run(self, words: Vec<OsString>) -> u8 {
        match self {
            Self::Rg => rg::run(words),
            Self::Fd => fd::run(words),
        }
    }
}
