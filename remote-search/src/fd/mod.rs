//! `fd`: from words to an exit status.

mod conflicts;
mod entry;
mod exec;
mod filters;
pub(crate) mod flags;
mod options;
mod output;
mod parse;
mod patterns;
mod plan;
mod results;
mod template;
mod terminal;
mod walk;

use std::{
    ffi::OsString,
    io::{self, Write},
};

use self::{
    options::Options,
    parse::{Request, parse},
    plan::Plan,
};
use crate::{flag::listing, messages::say};

/// How every message begins.
const WHO: &str = "[fd error]: ";

/// The fd whose flags and output these are.
const VERSION: &str = "10.5.0";

/// Why nothing could be done.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("unexpected argument '{0}' found")]
    UnknownFlag(String),
    #[error("{0}")]
    Words(lexopt::Error),
    #[error("a value is required for '{0}' but none was supplied")]
    NoValue(String),
    #[error("invalid value for '{flag}': {why}")]
    Value { flag: String, why: String },
    #[error("the argument '{0}' cannot be used with '{1}'")]
    Conflict(&'static str, &'static str),
    #[error("'{flag}': {why}")]
    Refused { flag: String, why: &'static str },
    #[error("the search pattern is not valid UTF-8")]
    PatternNotText,
    #[error(
        "The search pattern '{0}' contains a path-separation character and will not lead to any search results.\n\n\
         If you want to search for all files inside the '{0}' directory, use a match-all pattern:\n\n  fd . '{0}'\n\n\
         Instead, if you want your pattern to match the full file path, use:\n\n  fd --full-path '{0}'"
    )]
    PatternIsPath(String),
    #[error(
        "The pattern(s) seems to only match files with a leading dot, but hidden files are filtered by default. \
         Consider adding -H/--hidden to search hidden files as well or adjust your search pattern(s)."
    )]
    PatternIsHidden,
    #[error(
        "{0}\n\nNote: You can search for literal substrings with '--fixed-strings' or literal strings with '--exact' \
         options (instead of a regular expression). Alternatively, you can also use the '--glob' option to match on \
         a glob pattern."
    )]
    Regex(regex::Error),
    #[error(transparent)]
    Glob(#[from] globset::Error),
    #[error("'{0}' is not a valid date or duration. See 'fd --help'.")]
    Time(String),
    #[error("Malformed exclude pattern: {0}")]
    Exclude(ignore::Error),
    #[error("The '--base-directory' path '{}' is not a directory.", .0.display())]
    BaseDirectory(std::path::PathBuf),
    #[error("Could not set '{}' as the current working directory: {}", .0.display(), .1)]
    Enter(std::path::PathBuf, io::Error),
    #[error("Could not retrieve current directory (has it been deleted?).")]
    Cwd,
    #[error("No valid search paths given.")]
    NoPaths,
}

impl Error {
    /// Whether the command line itself is wrong, which has an exit status of its own.
    fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownFlag(_)
                | Self::Words(_)
                | Self::NoValue(_)
                | Self::Value { .. }
                | Self::Conflict(..)
                | Self::Refused { .. }
                | Self::PatternNotText
        )
    }
}

/// Runs fd: 0 if all went well, 1 if not, 2 if the command line is wrong.
pub fn run(words: Vec<OsString>) -> u8 {
    match answer(words) {
        Ok(code) => code,
        Err(error) if error.is_usage() => {
            say("error: ", format_args!("{error}\n\nFor more information, try '--help'."));
            2
        }
        Err(error) => {
            say(WHO, error);
            1
        }
    }
}

fn answer(words: Vec<OsString>) -> Result<u8, Error> {
    let options: Options = match parse(words)? {
        Request::Work(options) => *options,
        Request::Help => {
            let flags = listing(flags::FLAGS);
            return Ok(print(&format!(
                "fd {VERSION}, answered by pii's agent\n\nUsage: fd [OPTIONS] [pattern] [path]...\n\n{flags}"
            )));
        }
        Request::Version => return Ok(print(&format!("fd {VERSION}\n"))),
    };
    walk::scan(&Plan::make(options)?)
}

fn print(text: &str) -> u8 {
    u8::from(io::stdout().write_all(text.as_bytes()).is_err())
}
