//! What became of the tests, and what it comes to.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::error::Error;

/// How many of the tests that count may fail.
const FAILURES_ALLOWED: usize = 2;

/// One run of a test.
pub struct Outcome {
    /// `passed`, `failed`, `skipped` or `late`.
    pub kind: String,
    /// What it printed.
    pub output: String,
}

/// Reads the driver's lines.
pub fn parse(lines: &str) -> Result<BTreeMap<String, Outcome>, Error> {
    let unexpected = |line: &str| Error::Output { line: "driver.cjs".into(), output: line.to_owned() };
    let mut outcomes = BTreeMap::new();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line).map_err(|_| unexpected(line))?;
        let field = |name: &str| value[name].as_str().map(str::to_owned).ok_or_else(|| unexpected(line));
        outcomes.insert(field("name")?, Outcome { kind: field("outcome")?, output: field("output")? });
    }
    Ok(outcomes)
}

/// Why some tests say nothing about a bridge, by name.
pub struct Reasons(BTreeMap<String, String>);

impl Reasons {
    /// Reads a list of lines with a name and a reason. `#` begins a comment.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::at(path))?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(' '));
        Ok(Self(pairs.map(|(name, reason)| (name.to_owned(), reason.trim().to_owned())).collect()))
    }
}

/// Prints how many tests passed and why others did not; fails if too many did not.
pub fn summary(
    plain: &BTreeMap<String, Outcome>,
    bridged: &BTreeMap<String, Outcome>,
    reasons: &Reasons,
) -> Result<(), Error> {
    let is = |outcomes: &BTreeMap<String, Outcome>, name: &str, kind: &str| {
        outcomes.get(name).is_some_and(|outcome| outcome.kind == kind)
    };
    let (mut old, mut aside, mut counted, mut passed) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    for name in plain.keys() {
        if !is(plain, name, "passed") && !is(plain, name, "skipped") {
            old += 1;
        } else if reasons.0.contains_key(name) {
            aside += 1;
        } else {
            counted += 1;
            // What a test skips on Node alone it skips through pii.
            if is(bridged, name, "passed") || (is(plain, name, "skipped") && is(bridged, name, "skipped")) {
                passed += 1;
            } else {
                failures.push(name);
            }
        }
    }
    for name in &failures {
        let outcome = bridged.get(*name);
        let kind = outcome.map_or("not run", |outcome| &outcome.kind);
        println!("{kind:<8} {name}\n         {}", outcome.map_or("", |outcome| gist(&outcome.output)));
    }
    println!("\n{:>4} tests of Node 18", plain.len());
    println!("{old:>4} fail on this Node alone, whose API is newer");
    println!("{aside:>4} say nothing about a bridge");
    println!("{counted:>4} count, and of these");
    println!("{passed:>4} pass through pii");
    if failures.len() > FAILURES_ALLOWED {
        return Err(Error::NodeTests(format!("{} of Node's tests fail through pii", failures.len())));
    }
    Ok(())
}

/// The line that says what went wrong.
fn gist(output: &str) -> &str {
    let says = |line: &&str| line.contains("Error") && !line.trim_start().starts_with("at ");
    output.lines().find(says).or_else(|| output.lines().find(|line| !line.is_empty())).unwrap_or("").trim()
}
