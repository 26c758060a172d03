//! What a run comes to: every test falls into one group, and each group is told with its names.

use crate::error::Error;

use super::outcome::{End, Outcome, Outcomes, Reasons};

/// Names of tests, each with a word on why it is here.
type Group = Vec<(String, String)>;

/// One run of one Node's tests.
pub struct Report {
    title: String,
    files: usize,
    /// They fail without a bridge too.
    fail_alone: Group,
    /// They skip themselves without a bridge.
    skip_alone: Group,
    /// Listed: they fail, and the fault is not a bridge's.
    aside: Group,
    /// Listed: they fail, and count.
    known: Group,
    /// They fail, count, and are not listed.
    failed: Group,
    passed: usize,
}

impl Report {
    /// Judges each test by what became of it alone and through `pii`.
    pub fn new(
        title: String,
        (plain, bridged): (Outcomes, Outcomes),
        aside: &Reasons,
        known: &Reasons,
    ) -> Self {
        let mut report = Self {
            title,
            files: plain.len(),
            fail_alone: Group::new(),
            skip_alone: Group::new(),
            aside: Group::new(),
            known: Group::new(),
            failed: Group::new(),
            passed: 0,
        };
        for (name, alone) in plain {
            let through = bridged.get(&name);
            let (group, why) = match (alone.end, through.map(|outcome| outcome.end)) {
                (End::Failed | End::Late, _) => (&mut report.fail_alone, alone.gist()),
                (End::Skipped, _) => (&mut report.skip_alone, alone.gist()),
                // Whatever a list says of it.
                (End::Passed, Some(End::Passed)) => {
                    report.passed += 1;
                    continue;
                }
                (End::Passed, _) => match (aside.of(&name), known.of(&name)) {
                    (Some(why), _) => (&mut report.aside, why),
                    (None, Some(why)) => (&mut report.known, why),
                    (None, None) => (&mut report.failed, through.map_or("was not run", Outcome::gist)),
                },
            };
            group.push((name, why.to_owned()));
        }
        report
    }

    /// How many tests count: they pass on Node alone, and a failure would be the bridge's.
    fn counted(&self) -> usize {
        self.passed + self.known.len() + self.failed.len()
    }

    /// Prints the groups with their names.
    pub fn print(&self) {
        println!("\nThe tests of Node {}", self.title);
        for (heading, group) in [
            ("not counted, for they fail on Node alone", &self.fail_alone),
            ("not counted, for they skip themselves on Node alone", &self.skip_alone),
            ("not counted, for they say nothing about a bridge", &self.aside),
            ("counted, known to fail through pii", &self.known),
            ("counted, FAILED through pii", &self.failed),
        ] {
            if !group.is_empty() {
                println!("\n{heading}: {}", group.len());
            }
            for (name, why) in group {
                println!("  {name:<56} {why}");
            }
        }
        println!();
    }
}

/// Prints the figures of all runs; an error if a test fails that is not known to.
pub fn table(reports: &[Report]) -> Result<(), Error> {
    println!("| Node's tests | files | fail alone | skip alone | say nothing | count | pass |");
    println!("|---|---|---|---|---|---|---|");
    for report in reports {
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            report.title,
            report.files,
            report.fail_alone.len(),
            report.skip_alone.len(),
            report.aside.len(),
            report.counted(),
            report.passed,
        );
    }
    match reports.iter().map(|report| report.failed.len()).sum() {
        0 => Ok(()),
        failed => {
            Err(Error::NodeTests(format!("{failed} of Node's tests fail through pii and are not known to")))
        }
    }
}
