//! Command lines for fd.

use crate::dice::Dice;

/// Flags with their values, each in at least one command line. Those that contradict each other may meet.
const FLAGS: &[&str] = &[
    "-H",
    "-I",
    "-u",
    "-uu",
    "--no-ignore-vcs",
    "--no-ignore-parent",
    "--no-require-git",
    "-s",
    "-i",
    "-g",
    "-F",
    "--exact",
    "--and s",
    "-a",
    "-L",
    "-p",
    "-0",
    "-d 1",
    "-d2",
    "--min-depth 2",
    "--exact-depth 2",
    "-E *.rs",
    "-E src -E odd",
    "--prune",
    "-t f",
    "-t d",
    "-t l",
    "-t x",
    "-t e",
    "-t f -t l",
    "-t p",
    "-e rs",
    "-e md -e .toml",
    "-S +1k",
    "-S -500b",
    "-S +1ki -S -1m",
    "--changed-within 2weeks",
    "--changed-before 2001-01-01",
    "--changed-before @2000000000",
    "--newer 1000years",
    "-o 0",
    "-o :!0",
    "--format <{/.}>",
    "--format {//}|{.}",
    "-x echo {/}",
    "-x echo",
    "-X echo {}",
    "-j1 -x echo a ;",
    "-X echo -n",
    "-X false",
    "-x false",
    "-l",
    "--batch-size 3 -X echo",
    "--ignore-file extra.ignore",
    "-c always",
    "-c never",
    "--ignore-contain lib.rs",
    "-j1",
    "-j3",
    "--max-results 0",
    "-q",
    "--show-errors",
    "--base-directory src",
    "-C src",
    "--path-separator |",
    "--search-path src",
    "--strip-cwd-prefix",
    "--strip-cwd-prefix=never",
    "--one-file-system",
    "--no-follow",
    "--relative-path",
    "--no-hidden",
    "--ignore",
    "--regex",
    "--max-buffer-time 10",
    "--no-such-flag",
    "-t nonsense",
    "-S nonsense",
    "--changed-within nonsense",
    "-g -F",
    "-e -H",
    "--batch-size 2",
    "--no-global-ignore-file",
];

const PATTERNS: &[&str] = &[
    "",
    "rs",
    "lib",
    "README",
    r"^\.git",
    r"\.rs$",
    "*.rs",
    "*.{md,toml}",
    "[a-c]",
    "s",
    "**/*.rs",
    "(",
    "L",
    "src/lib",
];

const PLACES: &[&str] = &["", "", "", ".", "./", "src", "src odd", "missing", "src missing", "README.md"];

/// The words of the command line of this number, which has the flag of this number.
pub fn words(dice: &mut Dice, number: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut command = "";
    for round in 0..=dice.below(3) {
        let flag = if round == 0 { FLAGS[number % FLAGS.len()] } else { dice.pick(FLAGS) };
        if flag.contains("-x ") || flag.contains("-X ") {
            // What follows it belongs to it.
            command = flag;
        } else {
            words.extend(flag.split(' ').map(str::to_owned));
        }
    }
    let places = dice.pick(PLACES);
    let pattern = dice.pick(PATTERNS);
    if !pattern.is_empty() || !places.is_empty() {
        words.push(pattern.to_owned());
        words.extend(places.split_whitespace().map(str::to_owned));
    }
    words.extend(command.split_whitespace().map(str::to_owned));
    words
}
