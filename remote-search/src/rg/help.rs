//! What rg says of itself.

use std::io::{self, Write};

use super::flags::FLAGS;
use crate::flag::listing;

/// The ripgrep whose flags and output these are.
const VERSION: &str = "15.2.0";

/// Prints the version.
pub fn version(long: bool) -> io::Result<u8> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "ripgrep {VERSION}")?;
    if long {
        writeln!(stdout, "\nanswered by pii's agent with ripgrep's libraries\nfeatures:-pcre2")?;
    }
    Ok(0)
}

/// Prints the flags.
pub fn help() -> io::Result<u8> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "ripgrep {VERSION}, answered by pii's agent with ripgrep's libraries\n")?;
    writeln!(stdout, "USAGE: rg [OPTIONS] PATTERN [PATH ...]\n")?;
    write!(stdout, "{}", listing(FLAGS))?;
    Ok(0)
}
