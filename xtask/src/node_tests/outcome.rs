//! What became of the tests, and what is known of them beforehand.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::error::Error;

/// One run of a test.
#[derive(Deserialize)]
pub struct Outcome {
    /// File name of the test.
    name: String,
    /// How it ended.
    #[serde(rename = "outcome")]
    pub end: End,
    /// What it printed.
    output: String,
}

/// How a test ended.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    Passed,
    Failed,
    /// It says that it does not fit this machine.
    Skipped,
    /// It was killed when its time was over.
    Late,
}

/// What became of all tests, by name.
pub type Outcomes = BTreeMap<String, Outcome>;

/// Reads the driver's lines.
pub fn parse(lines: &str) -> Result<Outcomes, Error> {
    let unexpected = |line: &str| Error::Output { line: "driver.cjs".into(), output: line.to_owned() };
    let outcome = |line: &str| serde_json::from_str::<Outcome>(line).map_err(|_| unexpected(line));
    lines.lines().map(|line| outcome(line).map(|outcome| (outcome.name.clone(), outcome))).collect()
}

impl Outcome {
    /// The line that says what went wrong, or why a test skips itself.
    pub fn gist(&self) -> &str {
        if self.end == End::Late {
            return "does not end in time";
        }
        let says = |line: &&str| line.contains("Error") && !line.trim_start().starts_with("at ");
        let line =
            self.output.lines().find(says).or_else(|| self.output.lines().find(|line| !line.is_empty()));
        line.unwrap_or("").trim().trim_start_matches("1..0 # Skipped: ")
    }
}

/// What is known of some tests, by name.
pub struct Reasons(BTreeMap<String, String>);

impl Reasons {
    /// Reads a list of lines with a name and a reason. `#` begins a comment.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::at(path))?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(' '));
        Ok(Self(pairs.map(|(name, reason)| (name.to_owned(), reason.trim().to_owned())).collect()))
    }

    /// Why a test is listed, if it is.
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}
