//! The program on the laptop: which file, which Node, with what environment, and until its end.

mod error;
mod homes;
mod node;
mod pi;
mod run;
mod script;
mod signals;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use error::LaunchError;
pub use homes::{Homes, carried_directories};
pub use node::check_version;
pub use run::{Ended, run};
pub use script::{Side, has_mode, locate, named_files};
pub use signals::{Signal, Signals};

use crate::args::Work;
use wire_protocol::Outside;

use crate::config::Config;

/// A program that was found, before the remote root is known.
#[derive(Debug)]
pub struct Program {
    /// `pi` or `node`, see [`wire_protocol::SessionFacts::program`].
    pub name: &'static str,
    /// The Node.
    pub node: PathBuf,
    /// What Node is to run.
    pub subject: Subject,
    /// Directories and files of the installation.
    pub pins: Vec<PathBuf>,
    /// What paths outside the roots are.
    pub outside: Outside,
}

/// The words behind Node's own.
#[derive(Debug, Clone)]
pub enum Subject {
    /// pi's entry and its arguments.
    Pi(PathBuf, Vec<OsString>),
    /// What the user wrote behind `node`.
    Words(Vec<OsString>),
}

/// Finds what is to run.
pub fn find(work: Work, config: &Config) -> Result<Program, LaunchError> {
    let node = config.node.value.as_deref();
    let (name, node, subject, mut pins) = match work {
        Work::Pi(args) => {
            let pi = pi::find(config.program.value.as_deref())?;
            let node = node::find(node, Some(&pi.directory))?;
            ("pi", node, Subject::Pi(pi.entry, args), vec![pi.installation])
        }
        Work::Node(mut words) => {
            let word = PathBuf::from(words.remove(0));
            let given = word.components().count() > 1;
            if !given && word != Path::new("node") {
                return Err(LaunchError::NotNode { word });
            }
            let node = node::find(if given { Some(&word) } else { node }, None)?;
            ("node", node, Subject::Words(words), Vec::new())
        }
    };
    pins.extend(node::installation(&node));
    let outside = outside(name, config)?;
    Ok(Program { name, node, subject, pins, outside })
}

/// What paths outside the roots are to a program.
fn outside(name: &str, config: &Config) -> Result<Outside, LaunchError> {
    match (name, config.outside.value) {
        ("pi", Some(Outside::Local)) => Err(LaunchError::LocalPi),
        ("pi", outside) => Ok(outside.unwrap_or(Outside::Deny)),
        (_, outside) => Ok(outside.unwrap_or(Outside::Local)),
    }
}

/// Has Node print the table of commands that lies beside the preload; gives its exit code.
pub fn show_commands(config: &Config, preload: &Path) -> Result<u8, LaunchError> {
    let node = node::find(config.node.value.as_deref(), None)?;
    let script = preload.with_file_name("show-commands.cjs");
    let status = std::process::Command::new(&node).arg(script).status();
    let status = status.map_err(|source| LaunchError::Start { path: node, source })?;
    Ok(if status.success() { 0 } else { 1 })
}

/// A root with what lies beneath it.
pub fn is_beneath(path: &Path, root: &str) -> bool {
    path_clean::clean(path).starts_with(root)
}

/// The user's home on the laptop.
pub fn home() -> PathBuf {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map_or_else(|| "/".into(), PathBuf::from)
}

/// A command word as a file: a path as it is, a bare name by PATH.
fn which(word: &Path) -> Option<PathBuf> {
    if word.components().count() > 1 || word.is_absolute() || word.is_file() {
        return word.exists().then(|| word.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(word)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
