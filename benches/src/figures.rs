//! What was measured.

use serde::Serialize;

/// One way to do the same work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Plain Node, or pi, on a machine that has the same tree on its own disk.
    Local,
    /// Through `pii`.
    Pii,
    /// Plain Node, or pi, on a directory mounted by sshfs.
    Sshfs,
    /// OpenSSH with a master connection that stands.
    SshWarm,
    /// OpenSSH with a connection for each command.
    Ssh,
    /// pi's own example extension over a master connection that stands.
    ExtensionWarm,
    /// pi's own example extension with a connection for each command.
    Extension,
}

impl Way {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 7] =
        [Self::Local, Self::Pii, Self::Sshfs, Self::SshWarm, Self::Ssh, Self::ExtensionWarm, Self::Extension];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Pii => "pii",
            Self::Sshfs => "sshfs",
            Self::SshWarm => "ssh, warm master",
            Self::Ssh => "ssh",
            Self::ExtensionWarm => "ssh.ts, warm master",
            Self::Extension => "ssh.ts",
        }
    }
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Time.
    Seconds,
    /// Data in a second.
    MebibytesPerSecond,
    /// Memory or size.
    Mebibytes,
    /// Things.
    Count,
}

/// One thing that was measured, as often as it was.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// The row of the table of goals, by its name for `--only`.
    pub row: &'static str,
    /// What of that row.
    pub case: String,
    /// How it was done.
    pub way: Way,
    /// Round trip time of the link, in milliseconds.
    pub round_trip: u64,
    /// What the samples count.
    pub unit: Unit,
    /// Each measurement.
    pub samples: Vec<f64>,
}

impl Figure {
    /// The middle of its samples.
    pub fn median(&self) -> f64 {
        median(&self.samples)
    }
}

/// All that was measured in a run.
#[derive(Debug, Default, Serialize)]
pub struct Figures {
    /// What was measured.
    pub figures: Vec<Figure>,
    /// What was not, and why.
    pub left_out: Vec<String>,
}

impl Figures {
    /// Adds samples to a figure, which is made if it is new.
    pub fn add(
        &mut self,
        row: &'static str,
        case: &str,
        way: Way,
        round_trip: u64,
        unit: Unit,
        samples: &[f64],
    ) {
        let same = |figure: &&mut Figure| {
            figure.row == row && figure.case == case && figure.way == way && figure.round_trip == round_trip
        };
        match self.figures.iter_mut().find(same) {
            Some(figure) => figure.samples.extend_from_slice(samples),
            None => {
                let (case, samples) = (case.to_owned(), samples.to_vec());
                self.figures.push(Figure { row, case, way, round_trip, unit, samples });
            }
        }
    }

    /// The median of a figure, if it was measured.
    pub fn median(&self, row: &str, case: &str, way: Way, round_trip: u64) -> Option<f64> {
        let same = |figure: &&Figure| {
            figure.row == row && figure.case == case && figure.way == way && figure.round_trip == round_trip
        };
        self.figures.iter().find(same).map(Figure::median)
    }

    /// Says that something is not measured, once.
    pub fn leave_out(&mut self, what: String) {
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    /// The cases of a row, in the order in which they were measured.
    pub fn cases(&self, row: &str) -> Vec<&str> {
        let mut cases: Vec<&str> = Vec::new();
        for figure in self.figures.iter().filter(|figure| figure.row == row) {
            if !cases.contains(&figure.case.as_str()) {
                cases.push(&figure.case);
            }
        }
        cases
    }

    /// The round trip times of a row, in milliseconds, rising.
    pub fn round_trips(&self, row: &str) -> Vec<u64> {
        let of_row = self.figures.iter().filter(|figure| figure.row == row);
        let mut times: Vec<u64> = of_row.map(|figure| figure.round_trip).collect();
        times.sort_unstable();
        times.dedup();
        times
    }
}

/// The middle of some numbers; of an even count, the mean of the two in the middle.
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}
