//! `cargo xtask bench`: builds what is measured, and the benchmark, and runs it.

use std::path::Path;

use crate::{assemble, error::Error, tools};

/// Runs the benchmark with these words.
pub fn run(project: &Path, words: &[String]) -> Result<(), Error> {
    tools::install(project)?;
    assemble::build(project)?;
    let mut arguments = vec!["run", "--quiet", "--release", "-p", "benches", "--"];
    arguments.extend(words.iter().map(String::as_str));
    assemble::cargo(project, &arguments)
}
