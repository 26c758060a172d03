//! The goals, and whether they are met.

use serde::Serialize;

use crate::{
    figures::{Figures, Way},
    rows::{bulk, cold, git, listing, rest, session, start},
};

/// One goal at one round trip time, or at the worst of several.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// What it is about.
    pub what: String,
    /// The goal.
    pub goal: &'static str,
    /// What was measured, in words.
    pub measured: String,
    /// Whether that meets the goal.
    pub met: bool,
}

/// How much more than a round trip may still be called one. Two would be seen as 2.
const ONE_ROUND_TRIP: f64 = 1.1;

/// Every goal of which the figures tell.
pub fn verdicts(figures: &Figures) -> Vec<Verdict> {
    let judges = [
        warm,
        cold_calls,
        cold_against_sshfs,
        one_listing,
        writes,
        pi_start,
        pi_session,
        git_status,
        bulk_speed,
    ];
    let mut verdicts: Vec<Verdict> = judges.iter().filter_map(|judge| judge(figures)).collect();
    verdicts.extend(bulk_memory(figures));
    verdicts.extend(agent(figures));
    verdicts
}

/// A value of one case at one round trip time.
struct Found<'a> {
    case: &'a str,
    round_trip: u64,
    value: f64,
}

/// The highest of what is told of each case at each round trip time.
fn worst<'a>(figures: &'a Figures, row: &str, tell: impl Fn(&str, u64) -> Option<f64>) -> Option<Found<'a>> {
    let times = figures.round_trips(row);
    let all = figures.cases(row).into_iter().flat_map(|case| times.iter().map(move |time| (case, *time)));
    all.filter_map(|(case, round_trip)| Some(Found { case, round_trip, value: tell(case, round_trip)? }))
        .max_by(|a, b| a.value.total_cmp(&b.value))
}

fn warm(figures: &Figures) -> Option<Verdict> {
    let ratio = |case: &str, time| {
        Some(figures.median("warm", case, Way::Pii, time)? / figures.median("warm", case, Way::Local, time)?)
    };
    let found = worst(figures, "warm", ratio)?;
    Some(Verdict {
        what: "warm existsSync, statSync, readdirSync, readFileSync".into(),
        goal: "≤ 0.6 × local, at any round trip time",
        measured: format!("at worst {:.2} × ({}, {} ms)", found.value, found.case, found.round_trip),
        met: found.value <= 0.6,
    })
}

fn cold_calls(figures: &Figures) -> Option<Verdict> {
    let beyond = |case: &str, time| {
        let round_trip = figures.median("cold", cold::ECHO, Way::Local, time)?;
        Some((figures.median("cold", case, Way::Pii, time)? - round_trip) * 1000.0)
    };
    let found = worst(figures, "cold", beyond)?;
    Some(Verdict {
        what: "cold call".into(),
        goal: "≤ 1 round trip + 0.2 ms",
        measured: format!(
            "at worst 1 round trip + {:.2} ms ({}, {} ms)",
            found.value, found.case, found.round_trip
        ),
        met: found.value <= 0.2,
    })
}

fn cold_against_sshfs(figures: &Figures) -> Option<Verdict> {
    let ratio = |case: &str, time| {
        Some(figures.median("cold", case, Way::Pii, time)? / figures.median("cold", case, Way::Sshfs, time)?)
    };
    let found = worst(figures, "cold", ratio)?;
    Some(Verdict {
        what: "cold call, against sshfs".into(),
        goal: "≤ the same call on sshfs",
        measured: format!("at worst {:.2} × ({}, {} ms)", found.value, found.case, found.round_trip),
        met: found.value <= 1.0,
    })
}

fn one_listing(figures: &Figures) -> Option<Verdict> {
    let found =
        worst(figures, "listing", |case, time| round_trips(figures, "listing", case, Way::Pii, time))?;
    debug_assert_eq!(found.case, listing::CASE, "the row's one case");
    Some(Verdict {
        what: "first touch of a directory of 1,000 entries, then stat of each".into(),
        goal: "1 round trip in all",
        measured: format!("{:.2} round trips ({} ms)", found.value, found.round_trip),
        met: found.value <= ONE_ROUND_TRIP,
    })
}

fn writes(figures: &Figures) -> Option<Verdict> {
    let found = worst(figures, "writes", |case, time| round_trips(figures, "writes", case, Way::Pii, time))?;
    Some(Verdict {
        what: "write of a small file, and other small changes".into(),
        goal: "1 round trip",
        measured: format!(
            "at worst {:.2} round trips ({}, {} ms)",
            found.value, found.case, found.round_trip
        ),
        met: found.value <= ONE_ROUND_TRIP,
    })
}

fn pi_start(figures: &Figures) -> Option<Verdict> {
    let start = |case: &str, way, time| figures.median("start", case, way, time);
    let beyond = |case: &str, time: u64| {
        let handshake = start(start::CONNECT, Way::Ssh, time)? - start(start::CONNECT, Way::SshWarm, time)?;
        let allowed = handshake + 3.0 * time as f64 / 1000.0;
        let taken = start(case, Way::Pii, time)? - start(case, Way::Local, time)?;
        (case == start::FIRST_REQUEST).then_some((taken - allowed) * 1000.0)
    };
    let found = worst(figures, "start", beyond)?;
    Some(Verdict {
        what: "pi's start in the root, against pi's start locally".into(),
        goal: "≤ SSH handshake + 3 round trips",
        measured: format!("at worst {:+.0} ms beyond that ({} ms)", found.value, found.round_trip),
        met: found.value <= 0.0,
    })
}

fn pi_session(figures: &Figures) -> Option<Verdict> {
    let times = figures.round_trips("session");
    let time = times.iter().copied().min_by_key(|time| time.abs_diff(50))?;
    let taken = |way| figures.median("session", session::CASE, way, time);
    let local = taken(Way::Local)?;
    let ratio = taken(Way::Pii)? / local;
    let peers = [Way::ExtensionWarm, Way::Extension, Way::Sshfs];
    let told: Vec<String> = peers
        .iter()
        .filter_map(|way| Some(format!("{} {:.1} ×", way.name(), taken(*way)? / local)))
        .collect();
    Some(Verdict {
        what: format!("a scripted pi session at {time} ms"),
        goal: "≤ 2 × local",
        measured: format!("{ratio:.2} × ({})", told.join(", ")),
        met: ratio <= 2.0,
    })
}

fn git_status(figures: &Figures) -> Option<Verdict> {
    let beyond = |case: &str, time: u64| {
        let local = figures.median("git", case, Way::Local, time)?;
        Some((figures.median("git", case, Way::Pii, time)? - time as f64 / 1000.0) / local)
    };
    let found = worst(figures, "git", beyond)?;
    debug_assert_eq!(found.case, git::CASE, "the row's one case");
    Some(Verdict {
        what: "spawnSync(\"git\", [\"status\"])".into(),
        goal: "≤ 1 round trip + 1.1 × on the remote's own disk",
        measured: format!("at worst 1 round trip + {:.2} × ({} ms)", found.value, found.round_trip),
        met: found.value <= 1.1,
    })
}

fn bulk_speed(figures: &Figures) -> Option<Verdict> {
    let slowness = |case: &str, time| {
        Some(
            figures.median("bulk", case, Way::SshWarm, time)?
                / figures.median("bulk", case, Way::Pii, time)?,
        )
    };
    let found = worst(figures, "bulk", slowness)?;
    Some(Verdict {
        what: "bulk read and write".into(),
        goal: "≥ 0.9 × ssh host cat on the same link",
        measured: format!("at worst {:.2} × ({}, {} ms)", 1.0 / found.value, found.case, found.round_trip),
        met: 1.0 / found.value >= 0.9,
    })
}

fn bulk_memory(figures: &Figures) -> Vec<Verdict> {
    let of = |who: &str| {
        let highest = |case: &str, time| {
            let asked = [bulk::READ, bulk::WRITE].map(|moved| bulk::peak(who, moved));
            asked.contains(&case.to_owned()).then(|| figures.median("bulk", case, Way::Pii, time)).flatten()
        };
        let found = worst(figures, "bulk", highest)?;
        Some(Verdict {
            what: format!("memory of {who} at bulk read and write"),
            goal: "≤ 64 MiB",
            measured: format!("{:.0} MiB ({} ms)", found.value, found.round_trip),
            met: found.value <= 64.0,
        })
    };
    ["pii", "agent"].into_iter().filter_map(of).collect()
}

fn agent(figures: &Figures) -> Vec<Verdict> {
    let of = |(case, goal, limit): (&str, &'static str, f64)| {
        let found = worst(figures, "agent", |of, time| {
            (of == case).then(|| figures.median("agent", of, Way::Pii, time)).flatten()
        })?;
        let measured = format!("{:.1} MiB", found.value);
        Some(Verdict { what: format!("agent, {case}"), goal, measured, met: found.value <= limit })
    };
    [(rest::SIZE, "≤ 4 MiB", 4.0), (rest::IDLE, "≤ 10 MiB", 10.0)].into_iter().filter_map(of).collect()
}

/// Round trips that a call makes: what it takes longer than on the shortest link that was measured. `None` on that one,
/// unless it alone was measured and has a round trip time.
pub fn round_trips(figures: &Figures, row: &str, case: &str, way: Way, time: u64) -> Option<f64> {
    let shortest = figures.round_trips(row).into_iter().min()?;
    let taken = figures.median(row, case, way, time)?;
    match time == shortest {
        true if shortest == 0 || figures.round_trips(row).len() > 1 => None,
        true => Some(taken * 1000.0 / time as f64),
        false => {
            let base = figures.median(row, case, way, shortest)?;
            Some((taken - base) * 1000.0 / (time - shortest) as f64)
        }
    }
}
