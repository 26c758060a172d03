//! Running other programs.

use std::{
    io::ErrorKind,
    process::{Command, Output, Stdio},
};

use crate::error::Error;

/// Debian's packages of the programs that may be missing.
const PACKAGES: [(&str, &str); 18] = [
    ("npm", "npm"),
    ("git", "git"),
    ("tar", "tar"),
    ("tmux", "tmux"),
    ("sshd", "openssh-server"),
    ("ssh", "openssh-client"),
    ("rg", "ripgrep"),
    ("fdfind", "fd-find"),
    ("vim", "vim"),
    ("less", "less"),
    ("ps", "procps"),
    ("zsh", "zsh"),
    ("fish", "fish"),
    ("tcsh", "tcsh"),
    ("busybox", "busybox"),
    ("python3", "python3-venv"),
    ("apt-get", "apt"),
    ("dpkg-deb", "dpkg"),
];

/// Runs a command with the terminal's own output.
pub fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|error| not_started(command, error))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { line: line(command), status }) }
}

/// Runs a command and gives its stdout. Its stderr goes to the terminal.
pub fn output(command: &mut Command) -> Result<String, Error> {
    let Output { status, stdout, .. } =
        command.stderr(Stdio::inherit()).output().map_err(|error| not_started(command, error))?;
    if !status.success() {
        return Err(Error::Failed { line: line(command), status });
    }
    String::from_utf8(stdout)
        .map_err(|error| Error::Output { line: line(command), output: error.to_string() })
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The error of a program that is not installed.
pub fn missing(program: &str) -> Error {
    let known = PACKAGES.iter().find(|(name, _)| *name == program);
    Error::Missing { program: program.to_owned(), package: known.map_or("coreutils", |(_, package)| package) }
}

fn not_started(command: &Command, error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => missing(&command.get_program().to_string_lossy()),
        _ => Error::File { path: command.get_program().into(), source: error },
    }
}
