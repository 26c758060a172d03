//! The comparison.

use std::{path::Path, process::Output};

use crate::{
    dice::Dice,
    fd_words, repositories, rg_words,
    tools::{Tools, workspace},
};

/// How many command lines are made up for each tool.
const RG_LINES: usize = 140;
const FD_LINES: usize = 100;

/// Chance begins here unless PII_SEARCH_SEED says otherwise.
const SEED: u64 = 4;

#[test]
fn rg_finds_what_the_real_one_finds() {
    let mut dice = Dice::new(seed());
    let lines = (0..RG_LINES).map(|number| rg_words::words(&mut dice, number));
    compare("rg", lines.collect());
}

#[test]
fn fd_finds_what_the_real_one_finds() {
    let mut dice = Dice::new(seed());
    let lines = (0..FD_LINES).map(|number| fd_words::words(&mut dice, number));
    compare("fd", lines.collect());
}

#[test]
fn the_at_sign_of_pi_completes_what_it_would() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("repositories");
    repositories::lay_out(&directory);
    let mut lines = Vec::new();
    for base in ["project", "program", "library"] {
        for more in [
            "",
            "lib",
            "--max-depth 1",
            "--full-path src[\\\\/].*lib",
            "--max-depth 1 --full-path src[\\\\/]",
        ] {
            let base = directory.join(base);
            let line = format!(
                "--base-directory {} --max-results 100000 --type f --type d --follow --hidden --exclude .git \
                 --exclude .git/* --exclude .git/** {more}",
                base.display()
            );
            lines.push(line.split_whitespace().map(str::to_owned).collect());
        }
    }
    compare("fd", lines);
}

#[test]
fn stdin_is_searched_where_nothing_else_is_named() {
    let scratch = tempfile::tempdir().expect("a directory");
    let tools = Tools::lay_out(scratch.path());
    let input = b"use\nthe fn\nUSE\n\nlast";
    for line in [
        "use",
        "-n use",
        "--json use",
        "-c .",
        "-v use -",
        "-f - .",
        "--files",
        "-l use",
        "-H use",
        "-q use",
        "x",
    ] {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let [ours, real] = [Tools::ours, Tools::real]
            .map(|run| run(&tools, "rg", &words, &scratch.path().join("home"), Some(input)));
        assert_eq!(told("rg", &words, &ours), told("rg", &words, &real), "rg {line}");
    }
}

#[test]
fn the_agent_that_carries_them_stays_small() {
    let facts = format!("target/release/pii-assets/agents/{}-linux.json", std::env::consts::ARCH);
    let facts = std::fs::read(workspace().join(facts)).expect("run `cargo xtask build`");
    let facts: serde_json::Value = serde_json::from_slice(&facts).expect("JSON");
    let size = facts["size"].as_u64().expect("a number");
    println!("agent: {size} bytes");
    assert!(size <= 4 * 1024 * 1024, "{size}");
}

fn seed() -> u64 {
    let given = std::env::var("PII_SEARCH_SEED").ok();
    let seed = given.map_or(SEED, |text| text.parse().expect("PII_SEARCH_SEED is a number"));
    println!("PII_SEARCH_SEED={seed}");
    seed
}

/// Runs each command line with both in each repository, and fails with all that differ.
fn compare(tool: &str, lines: Vec<Vec<String>>) {
    let scratch = tempfile::tempdir().expect("a directory");
    let tools = Tools::lay_out(scratch.path());
    let directory = scratch.path().join("repositories");
    let mut different = Vec::new();
    let mut found = 0;
    for repository in repositories::lay_out(&directory) {
        for words in &lines {
            let line = format!("{}: {tool} {}", name(&repository), words.join(" "));
            println!("{line}");
            let ours = told(tool, words, &tools.ours(tool, words, &repository, None));
            let real = told(tool, words, &tools.real(tool, words, &repository, None));
            found += usize::from(real.code == Some(0));
            if ours != real {
                different.push(format!(
                    "{line}\n  ours: {}\n  real: {}",
                    ours.beside(&real),
                    real.beside(&ours)
                ));
            }
        }
    }
    println!(
        "{} command lines in 3 repositories, {found} of these {} runs found something",
        lines.len(),
        lines.len() * 3
    );
    assert!(found > lines.len(), "the command lines find too little to say anything");
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

fn name(repository: &Path) -> std::path::Display<'_> {
    Path::new(repository.file_name().expect("it has a name")).display()
}

/// What a run came to, without what differs from run to run.
#[derive(PartialEq, Eq, Debug)]
struct Told {
    code: Option<i32>,
    lines: Vec<Vec<u8>>,
    complaint: Vec<Vec<u8>>,
}

impl Told {
    /// The first that this has and the other has not.
    fn beside(&self, other: &Self) -> String {
        let first = |mine: &[Vec<u8>], its: &[Vec<u8>]| {
            let at = (0..mine.len()).find(|at| mine.get(*at) != its.get(*at));
            at.map_or_else(String::new, |at| {
                format!("{at}: {}", mine[at][..mine[at].len().min(300)].escape_ascii())
            })
        };
        let (line, complaint) = (first(&self.lines, &other.lines), first(&self.complaint, &other.complaint));
        format!("exit {:?}, {} lines, {line} {complaint}", self.code, self.lines.len())
    }
}

fn told(tool: &str, words: &[String], output: &Output) -> Told {
    let is_json = words.iter().any(|word| word == "--json");
    // A command gets paths in the order in which they are found.
    let is_batch = tool == "fd" && words.iter().any(|word| word == "-X");
    let ends = |byte: &u8| [b'\n', 0].contains(byte) || is_batch && *byte == b' ';
    let lines = output.stdout.split(ends);
    let mut lines: Vec<_> =
        lines.map(|line| if is_json { without_times(line) } else { line.to_vec() }).collect();
    lines.retain(|line| !is_batch || !line.is_empty());
    lines.retain(|line| !line.ends_with(b" seconds spent searching") && !line.ends_with(b" seconds total"));
    if tool == "fd" || !rg_words::is_ordered(words) {
        lines.sort();
    }
    let mut complaint: Vec<_> = output.stderr.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    complaint.sort();
    // What each says of a wrong command line is its own.
    let is_of_words = |line: &Vec<u8>| ["flag", "error: ", "regex"].iter().any(|word| contains(line, word));
    if output.status.code() == Some(2) && complaint.iter().any(is_of_words) {
        complaint.clear();
    }
    Told { code: output.status.code(), lines, complaint }
}

fn contains(line: &[u8], word: &str) -> bool {
    line.windows(word.len()).any(|part| part == word.as_bytes())
}

/// A JSON message without the times in it.
fn without_times(line: &[u8]) -> Vec<u8> {
    // Only these have any, and the others are many.
    if !contains(&line[..line.len().min(20)], "end") && !contains(line, "\"summary\"") {
        return line.to_vec();
    }
    let Ok(mut message) = serde_json::from_slice::<serde_json::Value>(line) else { return line.to_vec() };
    if let Some(data) = message.get_mut("data").and_then(serde_json::Value::as_object_mut) {
        data.remove("elapsed_total");
        if let Some(stats) = data.get_mut("stats").and_then(serde_json::Value::as_object_mut) {
            stats.remove("elapsed");
        }
    }
    message.to_string().into_bytes()
}
