//! Starting one process as the caller describes it.

use std::{
    ffi::OsString,
    io,
    os::{
        fd::{AsFd, OwnedFd, RawFd},
        unix::{
            ffi::{OsStrExt, OsStringExt},
            process::CommandExt,
        },
    },
    process::{Command, Stdio as StdStdio},
};

use rustix::{
    fs::Mode,
    io::Result,
    process::{Pid, WaitStatus},
};
use tokio::sync::oneshot;
use wire_protocol::processes::{SearchPath, Spawn};

use crate::{
    children::Children,
    environment, errno,
    login::Variables,
    metadata::proc_path,
    roots::Roots,
    search_tools, signals,
    stdio::{self, Ends},
    terminal::Pair,
};

/// A process that was just started; its group has its own number.
#[derive(Debug)]
pub struct Started {
    /// Its process id and that of its group.
    pub pid: Pid,
    /// How it ended, once it has.
    pub ended: oneshot::Receiver<WaitStatus>,
    /// Our ends of its pipes, by their numbers.
    pub ends: Vec<Option<OwnedFd>>,
    /// Our side of its terminal.
    pub terminal: Option<OwnedFd>,
}

/// Starts a process, with `own` changed as the caller wants it for its environment. Blocks until its command is
/// executed; fails as chdir or execve did. `files` are copies of the open files among its descriptors, in their order.
pub fn start(children: &Children, own: &Variables, spawn: Spawn, files: Vec<OwnedFd>) -> Result<Started> {
    let cwd = Roots::working_directory(&spawn.cwd)?;
    let terminal = spawn.terminal.as_deref().map(Pair::open).transpose()?;
    let ends = Ends::open(&spawn.stdio, terminal.as_ref(), files)?;
    let (ours, theirs) = terminal.map(|pair| (pair.ours, pair.theirs)).unzip();
    let mut command = command(children, own, spawn, cwd, ends.theirs, theirs)?;
    let (_, pid, ended) = children.start(&mut command).map_err(|error| errno::of_io(&error))?;
    Ok(Started { pid, ended, ends: ends.ours, terminal: ours })
}

fn command(
    children: &Children,
    own: &Variables,
    spawn: Spawn,
    cwd: OwnedFd,
    ends: Vec<Option<OwnedFd>>,
    terminal: Option<OwnedFd>,
) -> Result<Command> {
    let real_cwd = rustix::fs::readlink(proc_path(cwd.as_fd()), Vec::new())?.into_bytes();
    let exact = matches!(spawn.environment.path, SearchPath::Exactly(_));
    let mut environment =
        environment::compose(own, spawn.environment, std::ffi::OsStr::from_bytes(&real_cwd));
    if !exact {
        search_tools::complete(&mut environment);
    }
    let other = search_tools::instead_of(children, &spawn.file, &spawn.args, &environment);
    let mut command = Command::new(other.map_or_else(|| OsString::from_vec(spawn.file), Into::into));
    let mut words = spawn.args.into_iter().map(|word| OsString::from_vec(word.into_vec()));
    if let Some(name) = words.next() {
        command.arg0(name);
    }
    command.args(words);
    command.env_clear();
    // execvp looks the command up in the PATH that is set here.
    command.envs(environment);
    let mut ends = (0..).zip(ends);
    let mut standard = || ends.next().and_then(|(_, end)| end).map_or_else(StdStdio::null, StdStdio::from);
    command.stdin(standard()).stdout(standard()).stderr(standard());
    let further: Vec<(RawFd, OwnedFd)> = ends.filter_map(|(number, end)| Some((number, end?))).collect();
    let session = spawn.detached || terminal.is_some();
    if !session {
        command.process_group(0);
    }
    if let Some(gid) = spawn.gid {
        command.gid(gid);
    }
    if let Some(uid) = spawn.uid {
        command.uid(uid);
    }
    let umask = Mode::from_raw_mode(spawn.umask);
    let in_child = move || -> io::Result<()> {
        if session {
            rustix::process::setsid()?;
        }
        if let Some(terminal) = &terminal {
            rustix::process::ioctl_tiocsctty(terminal)?;
        }
        rustix::process::umask(umask);
        signals::reset();
        // By descriptor, since a path could lead elsewhere by now.
        rustix::process::fchdir(&cwd)?;
        stdio::place(&further)
    };
    #[allow(unsafe_code, reason = "std has no safe way to enter a directory by its descriptor")]
    // SAFETY: between fork and exec the closure makes system calls only; it allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(in_child);
    }
    Ok(command)
}
