//! The words of the command line: few are ours, and none of them pi's.

use std::collections::BTreeSet;

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    paths::{self, PIS},
    remote::Remote,
};

#[test]
fn no_option_of_ours_is_one_of_pi_s() {
    let laptop = Laptop::alone();
    let mut ours = options(&laptop.run(&["help"]).ok());
    // Without --ssh there is no pi that these could be meant for.
    for shared in ["--help", "--version"] {
        ours.remove(shared);
    }
    assert!(ours.contains("--ssh"), "{ours:?}");
    for pi in PIS {
        let mut help = laptop.machine.command("/root", paths::tool("node").to_str().expect("a plain path"));
        help.arg(paths::tool(pi)).arg("--help").env("PI_OFFLINE", "1");
        let theirs = options(&start(help).finish(RUN).ok());
        assert!(theirs.contains("--provider"), "{theirs:?}");
        assert_eq!(ours.intersection(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "{pi}");
    }
}

#[test]
fn with_ssh_every_other_word_is_pi_s() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let version = laptop.run(&["--ssh", &target(), "--version"]);
    assert_eq!(version.ok().trim(), "1.5.2");
    assert!(laptop.run(&["--help", "--ssh", &target()]).ok().contains("pi - AI coding assistant"));
    assert!(laptop.run(&["--ssh", &target(), "config", "--help"]).ok().contains("pi config"));
}

#[test]
fn without_ssh_and_without_a_command_the_usage_is_shown() {
    let laptop = Laptop::alone();
    for words in [&[][..], &["-p", "hello"]] {
        let end = laptop.run(words);
        assert_eq!(end.code, Some(2));
        assert!(end.stderr.contains("pii --ssh"), "{}", end.stderr);
    }
}

/// Every word of the form `--name` in a help text.
fn options(help: &str) -> BTreeSet<String> {
    let words = help.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    words.filter(|word| word.len() > 2 && word.starts_with("--")).map(str::to_owned).collect()
}
