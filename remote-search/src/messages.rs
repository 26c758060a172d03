//! What a tool says on stderr.

use std::{
    fmt::Display,
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// Says a sentence on stderr, in one piece and never amid a line of stdout.
pub fn say(who: &str, what: impl Display) {
    let stdout = io::stdout().lock();
    // Whoever closed our stderr wants to hear nothing.
    let _ = writeln!(io::stderr().lock(), "{who}{what}");
    drop(stdout);
}

/// What goes wrong on the way without ending the search.
#[derive(Debug)]
pub struct Messages {
    who: &'static str,
    shown: bool,
    of_ignore_files_shown: bool,
    errored: AtomicBool,
}

impl Messages {
    /// Messages that begin with `who`.
    pub fn new(who: &'static str, shown: bool, of_ignore_files_shown: bool) -> Self {
        Self { who, shown, of_ignore_files_shown, errored: AtomicBool::new(false) }
    }

    /// Something could not be searched.
    pub fn error(&self, what: impl Display) {
        self.errored.store(true, Ordering::Relaxed);
        if self.shown {
            say(self.who, what);
        }
    }

    /// Something in an ignore file could not be understood.
    pub fn of_ignore_file(&self, what: impl Display) {
        if self.shown && self.of_ignore_files_shown {
            say(self.who, what);
        }
    }

    /// Whether anything could not be searched.
    pub fn errored(&self) -> bool {
        self.errored.load(Ordering::Relaxed)
    }
}
