//! Asking the user's shell for the environment its startup files make.
//!
//! The shell starts as for a terminal (login and interactive), since PATH is set in `.profile` by some and in
//! `.bashrc`, `.zshrc` or `config.fish` by others. It has no terminal and then becomes this very program, which writes
//! its environment into a pipe of the agent's. That pipe is opened by its name in /proc: whatever the startup
//! files print, close or leave running, nothing of theirs gets into it.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::OpenOptions,
    io::{self, Write},
    os::{
        fd::{AsFd, AsRawFd},
        unix::{ffi::OsStrExt, process::CommandExt},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio, id},
};

use nix::sys::signal::Signal;
use rustix::{
    fs::Mode,
    process::{Pid, WaitStatus},
};
use tokio::{
    io::AsyncReadExt,
    net::unix::pipe,
    sync::oneshot::{self, error::TryRecvError},
};

use crate::{children::Children, login::Variables, signals};

/// The word that makes this program tell its environment.
pub const TELL: &str = "environment";

/// Most that is read: the kernel gives a process no more.
const MOST: u64 = 8 * 1024 * 1024;

/// How a shell is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Its startup files for a terminal, then the command.
    Interactive,
    /// The same with the command on stdin: startup files that put another shell in its place lose the words.
    OnStdin,
    /// Its startup files for a login only: the others may end a shell that has no terminal.
    LoginOnly,
}

impl Form {
    /// All, the best one first.
    pub const ALL: [Self; 3] = [Self::Interactive, Self::OnStdin, Self::LoginOnly];
}

/// Why a shell told nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// It is not there or no program.
    #[error("cannot be started: {0}")]
    Start(#[from] io::Error),
    /// Its startup files ended it, or it is no shell.
    #[error("ended without telling it")]
    Ended,
}

/// The user's shell.
#[derive(Debug)]
pub struct Shell {
    path: PathBuf,
    umask: Mode,
}

impl Shell {
    /// The one the SSH server found for the user, also where users come from a directory service.
    pub fn of_the_user(umask: Mode) -> Self {
        let path = env::var_os("SHELL").filter(|path| !path.is_empty());
        Self { path: path.map_or_else(|| "/bin/sh".into(), PathBuf::from), umask }
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks once.
    pub async fn ask(&self, form: Form, children: &Children) -> Result<Variables, NoAnswer> {
        let (sender, receiver) = pipe::pipe()?;
        let fd = sender.as_fd().as_raw_fd();
        // Nothing in it needs quoting, whatever shell reads it.
        let line = format!("exec /proc/{0}/exe {TELL} /proc/{0}/fd/{fd}", id());
        let mut command = self.command(form, &line)?;
        let (child, pid, ended) = tokio::task::block_in_place(|| children.start(&mut command))?;
        drop((child, command));
        read(sender, receiver, Asked { pid, ended }).await
    }

    fn command(&self, form: Form, line: &str) -> io::Result<Command> {
        let mut command = Command::new(&self.path);
        // This makes a login of every shell but an unpatched bash.
        let mut name = OsString::from("-");
        name.push(self.path.file_name().unwrap_or_default());
        command.arg0(name);
        if takes_login_flag(&self.path) {
            command.arg("-l");
        }
        if form != Form::LoginOnly {
            command.arg("-i");
        }
        if form == Form::OnStdin {
            let (stdin, mut words) = io::pipe()?;
            writeln!(words, "{line}")?;
            command.stdin(stdin);
        } else {
            command.args(["-c", line]).stdin(Stdio::null());
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_dir());
        command.current_dir(home.unwrap_or_else(|| "/".into()));
        command.env("TERM", "dumb").env_remove("SHLVL").env_remove("OLDPWD").env_remove("_");
        let umask = self.umask;
        let in_child = move || -> io::Result<()> {
            rustix::process::setsid()?;
            rustix::process::umask(umask);
            signals::reset();
            Ok(())
        };
        #[allow(unsafe_code, reason = "std has no safe way to start a session with an umask")]
        // SAFETY: between fork and exec the closure makes system calls only; it allocates nothing and takes no lock.
        unsafe {
            command.pre_exec(in_child);
        }
        Ok(command)
    }
}

/// Whether a shell knows `-l`: csh takes it alone only, an old dash not at all. Both look at their own name.
fn takes_login_flag(path: &Path) -> bool {
    let real = path.canonicalize();
    let name = real.as_deref().unwrap_or(path).file_name().unwrap_or_default();
    !["csh", "tcsh", "bsd-csh", "dash", "ash", "busybox"].iter().any(|other| name == *other)
}

/// A shell that is being asked. It ends when nobody waits for its answer any more.
struct Asked {
    pid: Pid,
    ended: oneshot::Receiver<WaitStatus>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        // Once it was reaped, the number of its group may be somebody else's.
        if matches!(self.ended.try_recv(), Err(TryRecvError::Empty)) {
            let _ = signals::send(self.pid, Some(Signal::SIGKILL));
        }
    }
}

/// Reads the answer. Once the shell has ended nobody holds the pipe, and what was written is all there is.
async fn read(
    sender: pipe::Sender,
    receiver: pipe::Receiver,
    mut asked: Asked,
) -> Result<Variables, NoAnswer> {
    let mut answer = Vec::new();
    let mut receiver = receiver.take(MOST);
    let close = async {
        let _ = (&mut asked.ended).await;
        drop(sender);
    };
    let (read, ()) = tokio::join!(receiver.read_to_end(&mut answer), close);
    read?;
    parse(&answer).ok_or(NoAnswer::Ended)
}

/// The other end: writes this process's environment into `pipe`. An empty entry ends it, since half of it is none.
pub fn tell(pipe: &Path) -> io::Result<()> {
    let mut answer = Vec::new();
    for (name, value) in env::vars_os() {
        answer.extend([name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
    }
    answer.push(0);
    OpenOptions::new().write(true).open(pipe)?.write_all(&answer)
}

fn parse(answer: &[u8]) -> Option<Variables> {
    let entries = answer.strip_suffix(b"\0\0")?;
    let pair = |entry: &[u8]| {
        // As for the C library, a name may begin with the sign.
        let equals = entry.iter().skip(1).position(|byte| *byte == b'=')? + 1;
        let text = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
        Some((text(&entry[..equals]), text(&entry[equals + 1..])))
    };
    Some(entries.split(|byte| *byte == 0).filter_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_only_if_it_is_whole() {
        let variables = parse(b"A=1\0B=\xff=\n2\0=C=3\0\0").unwrap();
        let of = |name: &str| variables.get(OsStr::new(name)).map(|value| value.as_bytes().to_vec());
        assert_eq!(
            (of("A"), of("B"), of("=C")),
            (Some(b"1".into()), Some(b"\xff=\n2".into()), Some(b"3".into()))
        );
        for broken in [&b"A=1\0B"[..], b"A=1\0", b"", b"\0"] {
            assert!(parse(broken).is_none(), "{broken:?}");
        }
    }

    #[test]
    fn shells_are_told_to_be_those_of_a_login_in_their_own_way() {
        assert!(takes_login_flag(Path::new("/none/zsh")) && takes_login_flag(Path::new("/none/fish")));
        assert!(!takes_login_flag(Path::new("/none/tcsh")) && !takes_login_flag(Path::new("/none/dash")));
    }
}
