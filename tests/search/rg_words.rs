//! Command lines for rg.

use crate::dice::Dice;

/// Flags with their values, each in at least one command line. Those that contradict each other may meet.
const FLAGS: &[&str] = &[
    "-i",
    "-S",
    "-s",
    "-F",
    "-w",
    "-x",
    "-v",
    "-l",
    "--files-without-match",
    "-c",
    "--count-matches",
    "-n",
    "-N",
    "-H",
    "-I",
    "--heading",
    "--no-heading",
    "--json",
    "--hidden",
    "-.",
    "-g *.rs",
    "-g !*.md",
    "-g src/**",
    "--iglob *.TXT",
    "--glob-case-insensitive -g *.Rs",
    "-t rust",
    "-T js",
    "-t txt -t md",
    "--type-add web:*.{html,css} -t web",
    "--type-clear rust",
    "-A2",
    "-B1",
    "-C3",
    "-A1 -C2",
    "-m1",
    "-m 2",
    "--max-depth 2",
    "-d1",
    "--max-filesize 10K",
    "-o",
    "-r <$0>",
    "-o -r x$1",
    "-U",
    "-U --multiline-dotall",
    "-u",
    "-uu",
    "-uuu",
    "--no-ignore",
    "--no-ignore-vcs",
    "--no-ignore-parent",
    "--no-ignore-dot",
    "--no-ignore-exclude",
    "--no-ignore-files --ignore-file extra.ignore",
    "--ignore-file extra.ignore",
    "--ignore-file-case-insensitive",
    "--no-messages",
    "-q",
    "--sort path",
    "--sortr path",
    "--sort modified",
    "--sortr created",
    "--sort-files",
    "--color always",
    "--color ansi",
    "--color never",
    "--color always --colors match:fg:blue",
    "--column",
    "--vimgrep",
    "-0",
    "-a",
    "--trim",
    "--stats",
    "--json --stats",
    "--passthru",
    "--crlf",
    "--no-config",
    "-j1",
    "-j3",
    "-b",
    "-M80",
    "-M60 --max-columns-preview",
    "-c --include-zero",
    "--files",
    "--files -l",
    "--files -g *.toml",
    "--files --sort path",
    "--files -0",
    "--null-data",
    "--no-unicode",
    "-E utf-16",
    "-E latin1",
    "-E none",
    "--binary",
    "--mmap",
    "--no-mmap",
    "-C1 --context-separator ==",
    "--field-match-separator |",
    "-C1 --field-context-separator #",
    "-C1 --no-context-separator",
    "--path-separator |",
    "--stop-on-nonmatch",
    "-L",
    "--one-file-system",
    "--no-require-git",
    "--line-buffered",
    "--block-buffered",
    "-p",
    "-e use -e fn",
    "-f patterns",
    "--engine auto",
    "--no-pcre2",
    "--type-list",
    "--dfa-size-limit 1M",
    "--regex-size-limit 10M",
    "-A x",
    "-P",
    "--no-such-flag",
    "-t nonsense",
    "-g [",
    "--no-filename",
    "--no-hidden",
    "--max-count=3",
];

const PATTERNS: &[&str] = &[
    "fn",
    "use",
    "TODO|FIXME",
    "the",
    "The",
    r"\bself\b",
    "^$",
    "^use .*;$",
    r"impl\s+\w+",
    "[A-Z]{4,}",
    "é",
    "ß|ü",
    r"\d{3,}",
    ".",
    r"a.c",
    "import (.*) from",
    "(",
    r"foo\nbar",
    "function",
    r"\p{Greek}",
    "",
    "-",
];

const PLACES: &[&str] =
    &["", "", "", ".", "./", "src", "src .", "README.md", "src/lib.rs", "odd", "odd/link", "missing"];

/// The words of the command line of this number, which has the flag of this number.
pub fn words(dice: &mut Dice, number: usize) -> Vec<String> {
    let mut flags = vec![FLAGS[number % FLAGS.len()]];
    for _ in 0..dice.below(4) {
        flags.push(dice.pick(FLAGS));
    }
    let mut words: Vec<String> = flags.iter().flat_map(|flag| flag.split(' ')).map(str::to_owned).collect();
    let gives_pattern =
        words.iter().any(|word| ["-e", "-f", "--files", "--type-list"].contains(&word.as_str()));
    words.push("--".to_owned());
    if !gives_pattern {
        words.push(dice.pick(PATTERNS).to_owned());
    }
    words.extend(dice.pick(PLACES).split_whitespace().map(str::to_owned));
    words
}

/// Whether the order of what is printed is settled.
pub fn is_ordered(words: &[String]) -> bool {
    let sorts = |word: &String| word.starts_with("--sort") || word == "-j1";
    words.iter().any(sorts) && !words.contains(&"-j3".to_owned())
}
