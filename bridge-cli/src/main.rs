//! The program `pii`: runs a Node program of the laptop on a project of a remote machine.

#![forbid(unsafe_code)]

mod args;
mod assets;
mod config;
mod deploy;
mod door;
mod error;
mod keeper;
mod laptop;
mod launch;
mod links;
mod local_socket;
mod log;
mod notice;
mod places;
mod platform;
mod prefix;
mod remote;
mod resume;
mod run_directory;
mod session;
mod ssh;
mod start;
mod state;
mod target;
mod terminal;
mod token;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // A closed stderr leaves nobody to tell; the exit code still says it.
            let _ = std::io::stderr().write_all(error.explain().as_bytes());
            ExitCode::from(error.exit_code())
        }
    }
}

fn run() -> Result<u8, error::Error> {
    match args::parse(std::env::args_os().skip(1).collect())? {
        args::Invocation::Text(text) => error::print(&text),
        args::Invocation::ShowCommands => {
            let config = config::Config::load(&args::Options::default())?;
            Ok(launch::show_commands(&config, &assets::Assets::find()?.preload)?)
        }
        args::Invocation::ShowConfig(options) => error::print(&config::Config::load(&options)?.show()),
        args::Invocation::Session(options, work) => session::run(options, work),
    }
}
