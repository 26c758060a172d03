//! `cargo xtask test`: every check and test, up to the first that fails.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{assemble, check_macos, command, error::Error, tools};

/// Programs the tests need, with an argument that makes each say that it is there.
const NEEDED: [(&str, &str); 16] = [
    ("git", "--version"),
    ("npm", "--version"),
    ("tmux", "-V"),
    ("ssh", "-V"),
    ("rg", "--version"),
    ("fdfind", "--version"),
    ("unshare", "--version"),
    ("vim", "--version"),
    ("less", "--version"),
    ("ps", "--version"),
    ("zsh", "--version"),
    ("fish", "--version"),
    ("tcsh", "--version"),
    ("busybox", "--help"),
    ("python3", "--version"),
    ("sudo", "--version"),
];

/// Runs all, prints how long each step took.
pub fn run(project: &Path) -> Result<(), Error> {
    let js = project.join("js");
    let mut steps = Steps::default();
    steps.take("programs", needed)?;
    steps.take("format", || assemble::cargo(project, &["fmt", "--all", "--check"]))?;
    steps.take("clippy", || {
        let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        assemble::cargo(project, &arguments)
    })?;
    steps.take("check for macos", || check_macos::run(project))?;
    let tools = steps.take("tools", || tools::install(project))?;
    steps.take("search tools", || tools::install_search_tools(project))?;
    steps.take("clients", || tools::install_clients(project))?;
    steps.take("build", || assemble::build(project))?;
    steps.take("js packages", || command::run(tools::npm(&js).args(["ci", "--ignore-scripts"])))?;
    for (name, script) in [("js lint", "lint"), ("js types", "types"), ("js tests", "test")] {
        steps.take(name, || {
            let mut npm = tools::npm(&js);
            npm.args(["run", "--silent", script]);
            command::run(tools.first_on_path(&mut npm))
        })?;
    }
    steps.take("cargo test", || assemble::cargo(project, &["test", "--workspace", "--quiet"]))?;
    steps.summary();
    Ok(())
}

fn needed() -> Result<(), Error> {
    for (program, question) in NEEDED {
        command::output(Command::new(program).arg(question))?;
    }
    // Debian keeps it off an ordinary user's PATH.
    if Path::new("/usr/sbin/sshd").exists() { Ok(()) } else { Err(command::missing("sshd")) }
}

#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    fn take<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        println!("== {name}");
        let start = Instant::now();
        let outcome = step();
        self.done.push((name, start.elapsed()));
        if outcome.is_err() {
            self.summary();
            println!("failed: {name}\n");
        }
        outcome
    }

    fn summary(&self) {
        println!("\n{:<17}seconds", "step");
        for (name, time) in &self.done {
            println!("{name:<17}{:.1}", time.as_secs_f64());
        }
    }
}
