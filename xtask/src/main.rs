//! The project's own commands.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these commands do is shown on the terminal"
)]

mod agents;
mod apt;
mod assemble;
mod bench;
mod check_macos;
mod cksum;
mod command;
mod cross;
mod demo;
mod error;
mod node_tests;
mod soak;
mod ssh_server;
mod test;
mod tools;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the agents that are shipped, for every kind of remote
    Agents {
        /// Also try the one for aarch64 in a whole session, by qemu
        #[arg(long)]
        check: bool,
    },
    /// Measure pii against the local disk, sshfs and OpenSSH
    #[command(disable_help_flag = true)]
    Bench {
        /// Words for the benchmark; `--help` shows them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Build everything; leaves target/release/pii runnable from any directory
    Build,
    /// Check the laptop's side for macOS, without linking it
    CheckMacos,
    /// Show pi at work on a project behind an embedded SSH server
    Demo,
    /// Run every check and test
    Test,
    /// Run Node's own tests of fs and child_process through pii, fetched from Debian
    NodeTests {
        /// Only on this Node: node, node-24 or node-26
        #[arg(long)]
        node: Option<String>,
        /// File names of tests; all when none is given
        names: Vec<String>,
    },
    /// Start thousands of processes and move gigabytes through pii; prints times, memory and descriptors
    Soak,
    /// Install the pinned Node, pi and clients of the tests into .tools
    Tools,
}

fn main() -> ExitCode {
    let project = project();
    let outcome = match Arguments::parse().command {
        Command::Agents { check } => agents::ship(&project, check),
        Command::Bench { words } => bench::run(&project, &words),
        Command::Build => assemble::build(&project),
        Command::CheckMacos => check_macos::run(&project),
        Command::Demo => demo::run(&project),
        Command::NodeTests { node, names } => node_tests::run(&project, node.as_deref(), &names),
        Command::Soak => soak::run(&project),
        Command::Test => test::run(&project),
        Command::Tools => tools::install(&project).and_then(|_| tools::install_clients(&project)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The folder that holds the workspace.
fn project() -> PathBuf {
    let mut here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.pop();
    here
}
