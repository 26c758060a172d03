//! `rg`: from words to an exit status.

mod build;
pub(crate) mod flags;
mod haystack;
mod help;
mod list;
mod options;
mod output;
mod parse;
mod plan;
mod search;
mod stats;

use std::{ffi::OsString, io};

use grep::regex;

use self::{
    options::Mode,
    parse::{Request, parse},
    plan::Plan,
};
use crate::messages::say;

/// How every message begins.
const WHO: &str = "rg: ";

/// Why nothing, or not all, could be done.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("invalid CLI arguments: {0}")]
    Words(lexopt::Error),
    #[error("unrecognized flag {0}")]
    UnknownFlag(String),
    #[error("missing value for flag {0}")]
    NoValue(String),
    #[error("error parsing flag {flag}: {why}")]
    Value { flag: String, why: String },
    #[error("{flag}: {why}")]
    Refused { flag: String, why: &'static str },
    #[error("ripgrep requires at least one pattern to execute a search")]
    NoPattern,
    #[error("pattern given is not valid UTF-8")]
    PatternNotText,
    #[error("error reading -f/--file from stdin: stdin has already been consumed")]
    StdinTwice,
    #[error("error: attempted to read patterns from stdin while also searching stdin")]
    StdinBoth,
    #[error("failed to get current working directory: {0}\ndid your CWD get deleted?")]
    Cwd(io::Error),
    #[error("PCRE2 is not available in this build of ripgrep")]
    NoPcre2,
    #[error("{error}{}", advice(error))]
    Regex { error: regex::Error },
    #[error(transparent)]
    Ignore(#[from] ignore::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn advice(error: &regex::Error) -> &'static str {
    match error.kind() {
        regex::ErrorKind::NotAllowed(_) => {
            "\n\nConsider enabling multiline mode with the --multiline flag (or -U for short).\n\
             When multiline mode is enabled, new line characters can be matched."
        }
        regex::ErrorKind::Banned(0) => {
            "\n\nConsider enabling text mode with the --text flag (or -a for short). Otherwise,\n\
             binary detection is enabled and matching a NUL byte is impossible."
        }
        _ => "",
    }
}

/// Runs rg: 0 if anything matched, 1 if nothing did, 2 if something went wrong.
pub fn run(words: Vec<OsString>) -> u8 {
    match answer(words) {
        Ok(code) => code,
        // Whoever reads the output has seen enough.
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            say(WHO, error);
            2
        }
    }
}

fn answer(words: Vec<OsString>) -> Result<u8, Error> {
    let plan = match parse(words)? {
        Request::Help => return Ok(help::help()?),
        Request::Version { long } => return Ok(help::version(long)?),
        Request::Work(options) => Plan::make(*options)?,
    };
    let matched = match plan.options.mode {
        Mode::Search(_) if !plan.can_match() => false,
        Mode::Search(form) => search::search(&plan, form)?,
        Mode::Files => list::files(&plan)?,
        Mode::Types => return Ok(list::types(&plan)?),
    };
    let errored = plan.messages.errored();
    Ok(match (matched, errored) {
        (true, true) if plan.options.quiet => 0,
        (_, true) => 2,
        (true, false) => 0,
        (false, false) => 1,
    })
}
