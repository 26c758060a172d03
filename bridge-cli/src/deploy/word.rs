//! What the script says.

use std::fmt;

use crate::terminal;

/// A line of the script that is meant for us.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// A place that cannot be used; the next one is tried.
    Not(Passed),
    /// No place can be used.
    Nowhere,
    /// The agent of this platform is not there.
    Need {
        /// `x86_64-linux`.
        platform: String,
        /// Whether it can be unpacked there.
        packed: bool,
    },
    /// `uname -sm` of a machine there is no agent for.
    Architecture(String),
    /// It could not be stored (`intact`), or is not what it should be.
    Fail {
        /// Whether the bytes are right.
        intact: bool,
        /// Where it is.
        directory: String,
    },
    /// From here on the agent speaks.
    Ready,
}

/// A directory that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// The directory.
    pub directory: String,
    /// Why.
    pub fault: Fault,
}

/// Why a directory cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not there and cannot be made.
    Make,
    /// It is a link, somebody else's, or open to others.
    NotOurs,
    /// No file can be made in it.
    Write,
    /// No program may run from it.
    Execute,
    /// It has no room.
    Room,
}

impl Word {
    /// What follows the marker, which may stand behind an rc file's unfinished line.
    pub fn parse(line: &str, marker: &str) -> Option<Self> {
        let text = line.split_once(marker)?.1.trim();
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        match kind {
            "NOT" => {
                Some(Self::Not(Passed { directory: terminal::plain(second), fault: Fault::named(first)? }))
            }
            "NONE" => Some(Self::Nowhere),
            "NEED" => Some(Self::Need { platform: first.to_owned(), packed: second == "gzip" }),
            "ARCH" => Some(Self::Architecture(terminal::plain(rest))),
            "FAIL" => Some(Self::Fail { intact: first == "write", directory: terminal::plain(second) }),
            "READY" => Some(Self::Ready),
            _ => None,
        }
    }
}

impl Fault {
    fn named(name: &str) -> Option<Self> {
        match name {
            "make" => Some(Self::Make),
            "ours" => Some(Self::NotOurs),
            "write" => Some(Self::Write),
            "exec" => Some(Self::Execute),
            "room" => Some(Self::Room),
            _ => None,
        }
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.fault {
            Fault::Make => "cannot be made",
            Fault::NotOurs => "is not a directory that is yours and closed to others (mode 0700)",
            Fault::Write => "cannot be written to",
            Fault::Execute => "lets no program run",
            Fault::Room => "has no room",
        };
        write!(to, "{} {fault}", self.directory)
    }
}
