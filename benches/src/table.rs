//! The figures as Markdown.

use std::fmt::Write;

use crate::{
    figures::{Figures, Unit, Way},
    goals::{self, Verdict},
    rows::Row,
};

/// The goals, then every row.
pub fn markdown(figures: &Figures, conditions: &[String], rows: &[Row]) -> String {
    let mut text = String::from("# Measurements\n\n");
    for condition in conditions {
        let _ = writeln!(text, "- {condition}");
    }
    text += "\n## Goals\n\n";
    text += &verdicts(&goals::verdicts(figures));
    for row in rows {
        let _ = write!(text, "\n## {}\n\n{}", row.title(), of_row(figures, row.name()));
    }
    if !figures.left_out.is_empty() {
        text += "\n## Left out\n\n";
        for what in &figures.left_out {
            let _ = writeln!(text, "- {what}");
        }
    }
    text
}

fn verdicts(verdicts: &[Verdict]) -> String {
    let mut text = String::from("| what | goal | measured | |\n|---|---|---|---|\n");
    for Verdict { what, goal, measured, met } in verdicts {
        let _ =
            writeln!(text, "| {what} | {goal} | {measured} | {} |", if *met { "met" } else { "**not met**" });
    }
    text
}

/// A line for each case and way, a column for each round trip time. Behind each stands how many times the local
/// one it is, and what it takes beyond the shortest link in round trips.
fn of_row(figures: &Figures, row: &str) -> String {
    let times = figures.round_trips(row);
    let mut text = String::from("| | |");
    for time in &times {
        let _ = write!(text, " {time} ms |");
    }
    let _ = writeln!(text, "\n|---|---|{}", "---:|".repeat(times.len()));
    for case in figures.cases(row) {
        let mut name = case;
        for way in Way::ALL {
            let cells: Vec<String> = times.iter().map(|time| cell(figures, row, case, way, *time)).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                let _ = writeln!(text, "| {name} | {} | {} |", way.name(), cells.join(" | "));
                name = "";
            }
        }
    }
    text
}

fn cell(figures: &Figures, row: &str, case: &str, way: Way, time: u64) -> String {
    let same = |way| {
        figures.figures.iter().find(|figure| {
            figure.row == row && figure.case == case && figure.way == way && figure.round_trip == time
        })
    };
    let Some(figure) = same(way) else { return String::new() };
    let mut told = number(figure.median(), figure.unit);
    if way != Way::Local
        && let Some(local) = same(Way::Local)
    {
        let ratio = figure.median() / local.median();
        let digits = if ratio < 10.0 { 2 } else { 0 };
        let _ = write!(told, " ({ratio:.digits$} ×)");
    }
    if figure.unit == Unit::Seconds
        && way != Way::Local
        && ["listing", "writes", "start", "git"].contains(&row)
        && let Some(trips) = goals::round_trips(figures, row, case, way, time)
    {
        let _ = write!(told, ", {trips:.1} trips");
    }
    told
}

fn number(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds if value < 1e-3 => format!("{} µs", digits(value * 1e6)),
        Unit::Seconds if value < 1.0 => format!("{} ms", digits(value * 1e3)),
        Unit::Seconds => format!("{} s", digits(value)),
        Unit::MebibytesPerSecond => format!("{} MiB/s", digits(value)),
        Unit::Mebibytes => format!("{} MiB", digits(value)),
        Unit::Count => format!("{value:.0}"),
    }
}

/// Three digits, or all before the point.
fn digits(value: f64) -> String {
    let after = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.after$}")
}
