//! The agents: what runs on remotes, each one static file for one kind of machine, with the search tools packed into it.
//!
//! `cargo xtask build` makes the one of this machine with nothing but Rust. `cargo xtask agents` makes those that are
//! shipped, for every kind of machine, with musl. `pii` talks to agents of its own sources only: of other sources none is
//! left beside it.

mod build;
mod files;

use std::{
    env::consts::ARCH,
    fs,
    path::{Path, PathBuf},
};

use crate::{assemble, cross::qemu, error::Error};
use build::Build;

/// The kinds of machine that agents are shipped for.
const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];

/// Most bytes of an agent that is shipped: it crosses a slow link, and stays on the remote's disk.
const LIMIT: usize = 4 * 1024 * 1024;

/// Makes the agent of this machine.
pub fn of_this_machine(project: &Path) -> Result<(), Error> {
    let sources = files::sources(project)?;
    let agents = directory(project);
    files::remove_others(&agents, &sources)?;
    if cfg!(target_os = "linux") {
        make(project, ARCH, &Build::with_glibc()?, None, &sources)
    } else if ARCHITECTURES.iter().any(|architecture| files::has(&agents, architecture)) {
        Ok(())
    } else {
        Err(Error::NoAgent)
    }
}

/// Makes the agents that are shipped, as many as can be made here. With `check`, tries the one for aarch64.
pub fn ship(project: &Path, check: bool) -> Result<(), Error> {
    let sources = files::sources(project)?;
    let agents = directory(project);
    files::remove_others(&agents, &sources)?;
    let mut failure = None;
    for architecture in ARCHITECTURES {
        let made = Build::with_musl(project, architecture)
            .and_then(|build| make(project, architecture, &build, Some(LIMIT), &sources));
        if let Err(error) = made {
            eprintln!("no agent to ship for {architecture}: {error}");
            failure.get_or_insert(error);
        }
    }
    if let Some(failure) = failure {
        if cfg!(target_os = "linux") && !files::has(&agents, ARCH) {
            // With this one pii works on remotes like this machine.
            of_this_machine(project)?;
        }
        return Err(failure);
    }
    if check { try_aarch64(project) } else { Ok(()) }
}

/// A session with a remote that is an aarch64 machine as far as it can be told from inside.
fn try_aarch64(project: &Path) -> Result<(), Error> {
    qemu::install(project)?;
    assemble::parts_of_the_laptop(project)?;
    assemble::cargo(project, &["test", "-p", "e2e", "--test", "aarch64"])
}

fn directory(project: &Path) -> PathBuf {
    assemble::assets(project).join("agents")
}

fn make(
    project: &Path,
    architecture: &str,
    build: &Build,
    limit: Option<usize>,
    sources: &str,
) -> Result<(), Error> {
    let search = build.program(project, "remote-search", "search", &[])?;
    let packed = search.with_extension("zopfli.gz");
    files::pack(&fs::read(&search).map_err(Error::at(&search))?, &packed)?;
    let built = build.program(project, "remote-agent", "agent", &[("PII_SEARCH_PROGRAM", &packed)])?;
    let agent = fs::read(&built).map_err(Error::at(&built))?;
    println!("agent for {architecture}: {} bytes", agent.len());
    match limit {
        Some(limit) if agent.len() > limit => Err(Error::TooLarge { size: agent.len(), limit }),
        _ => files::lay_out(&directory(project), architecture, &agent, sources),
    }
}
