//! The user's terminal while remote processes have it: raw as far as they need it, its size told to them, its keys
//! theirs, and as it was before when they have ended.

use std::{
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use rustix::{
    fs::{Dev, OFlags, fcntl_getfl, fstat},
    io::{Errno, fcntl_dupfd_cloexec},
    process::{Signal, getpgrp, getpid, kill_process},
    termios::{
        InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, isatty, tcgetattr,
        tcgetpgrp, tcgetwinsize, tcsetattr,
    },
};
use wire_protocol::{
    ToAgent,
    processes::{ExitStatus, ProcessId},
    terminal::{Modes, Size, Terminal, TerminalUse},
};

use crate::{inherited::PIECE, keys, stream::Stream};

/// What a key does to the processes that are in front, where it does.
const SIGNALS: [(SpecialCodeIndex, Signal, &str); 2] =
    [(SpecialCodeIndex::VINTR, Signal::INT, "SIGINT"), (SpecialCodeIndex::VQUIT, Signal::QUIT, "SIGQUIT")];

/// The terminals that remote processes have. Several may have one at a time.
static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());

/// A terminal that remote processes have.
struct Held {
    device: Dev,
    /// As it was before the first of them.
    before: Termios,
    users: Vec<(ProcessId, TerminalUse)>,
}

/// A remote process's hold on the terminal. Dropping it gives the terminal back.
pub struct Hold {
    stream: &'static Stream,
    process: ProcessId,
    fd: OwnedFd,
    device: Dev,
    before: Termios,
    readable: bool,
    /// Its stdin is the terminal: the keys are its own from its start on.
    keys: bool,
    size: Mutex<Size>,
    typed: [AtomicBool; SIGNALS.len()],
}

/// The terminal a descriptor is, by its device.
pub fn device(fd: impl AsFd) -> Option<Dev> {
    isatty(&fd).then(|| fstat(fd).ok().map(|metadata| metadata.st_rdev)).flatten()
}

impl Hold {
    /// Takes the terminal `fd` for a process, with its keys or only to write on it.
    pub fn take(
        stream: &'static Stream,
        process: ProcessId,
        fd: &OwnedFd,
        keys: bool,
    ) -> rustix::io::Result<Arc<Self>> {
        let fd = fcntl_dupfd_cloexec(fd, 0)?;
        let device = fstat(&fd)?.st_rdev;
        let readable = fcntl_getfl(&fd)? & OFlags::ACCMODE != OFlags::WRONLY;
        let now = tcgetattr(&fd)?;
        let size = Mutex::new(tcgetwinsize(&fd)?.into());
        let user = (process, TerminalUse { keys, raw_output: false });
        let before = {
            let mut all = HELD.lock();
            match all.iter_mut().find(|held| held.device == device) {
                Some(held) => {
                    held.users.push(user);
                    held.before.clone()
                }
                None => {
                    all.push(Held { device, before: now.clone(), users: vec![user] });
                    now
                }
            }
        };
        let hold = Arc::new(Self {
            stream,
            process,
            fd,
            device,
            before,
            readable,
            keys,
            size,
            typed: Default::default(),
        });
        hold.set();
        Ok(hold)
    }

    /// The terminal that the remote process is to get.
    pub fn terminal(&self) -> Terminal {
        Terminal { size: *self.size.lock(), modes: Modes::of(&self.before) }
    }

    /// What is typed, for the process, as far as it is for the process. Watches the terminal until the socket is
    /// dropped.
    pub fn keys(self: &Arc<Self>) -> std::io::Result<UnixStream> {
        keys::watch(self.clone())
    }

    /// The process uses its terminal in another way now.
    pub fn uses(&self, now: TerminalUse) {
        for held in HELD.lock().iter_mut().filter(|held| held.device == self.device) {
            for (_, uses) in held.users.iter_mut().filter(|(process, _)| *process == self.process) {
                *uses = TerminalUse { keys: now.keys || self.keys, ..now };
            }
        }
        self.set();
    }

    /// The process has ended: the terminal is as it was, unless another one has it. If a key ended the process, the
    /// same signal reaches this program, as it would have had both been in front of one terminal.
    pub fn release(&self, status: Option<&ExitStatus>) {
        {
            let mut all = HELD.lock();
            for held in all.iter_mut().filter(|held| held.device == self.device) {
                held.users.retain(|(process, _)| *process != self.process);
            }
            self.set_in(&all);
            all.retain(|held| !held.users.is_empty());
        }
        for ((_, signal, name), typed) in SIGNALS.into_iter().zip(&self.typed) {
            let ended_by_it = matches!(status, Some(ExitStatus::Signal(ended)) if ended == name);
            if ended_by_it && typed.swap(false, Ordering::Relaxed) {
                // This process exists.
                let _ = kill_process(getpid(), signal);
            }
        }
    }

    /// Makes the terminal what its users need, and tells of a new size. Called again and again: who stops this
    /// program and lets it go on (a shell) leaves the terminal in another state.
    ///
    /// A signal tells of a new size, but its handler in this process is Node's, and there can be only one.
    pub fn refresh(&self) {
        self.set();
        let Ok(size) = tcgetwinsize(&self.fd).map(Size::from) else { return };
        let mut known = self.size.lock();
        if *known != size {
            *known = size;
            self.stream.send(&ToAgent::Resize { process: self.process, size });
        }
    }

    fn set(&self) {
        self.set_in(&HELD.lock());
    }

    fn set_in(&self, all: &[Held]) {
        let Some(held) = all.iter().find(|held| held.device == self.device) else { return };
        if self.in_background() {
            return;
        }
        let wanted = held.modes();
        let Ok(now) = tcgetattr(&self.fd) else { return };
        if !same(&now, &wanted) {
            // A terminal that is gone needs no modes.
            let _ = tcsetattr(&self.fd, OptionalActions::Now, &wanted);
        }
    }

    /// Whether the terminal is some other job's: who sets or reads it then is stopped.
    fn in_background(&self) -> bool {
        tcgetpgrp(&self.fd).is_ok_and(|group| group != getpgrp())
    }

    /// Whether what is typed now is for the process.
    pub fn may_read(&self) -> bool {
        let all = HELD.lock();
        let held = all.iter().find(|held| held.device == self.device);
        let mut users = held.iter().flat_map(|held| &held.users);
        let wanted = users.any(|(process, uses)| *process == self.process && uses.keys);
        wanted && self.readable && !self.in_background()
    }

    /// Reads what was typed. EAGAIN if another reader was faster.
    pub fn read(&self) -> rustix::io::Result<Vec<u8>> {
        // The terminal blocks, and not only its reader: this thread must end with the process.
        if rustix::io::ioctl_fionread(&self.fd)? == 0 {
            return Err(Errno::AGAIN);
        }
        let mut bytes = vec![0; PIECE];
        let count = rustix::io::read(&self.fd, &mut bytes)?;
        bytes.truncate(count);
        for ((index, ..), typed) in SIGNALS.into_iter().zip(&self.typed) {
            let key = self.before.special_codes[index];
            typed.fetch_or(bytes.contains(&key), Ordering::Relaxed);
        }
        Ok(bytes)
    }
}

impl AsFd for Hold {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release(None);
    }
}

impl Held {
    /// The modes in which all of them get what they need.
    fn modes(&self) -> Termios {
        let mut modes = self.before.clone();
        if self.users.iter().any(|(_, uses)| uses.keys) {
            // What the remote terminal does with keys, this one leaves to it.
            modes.input_modes |= InputModes::IGNPAR;
            modes.input_modes -= InputModes::BRKINT
                | InputModes::PARMRK
                | InputModes::ISTRIP
                | InputModes::INLCR
                | InputModes::IGNCR
                | InputModes::ICRNL
                | InputModes::IXON
                | InputModes::IXANY
                | InputModes::IXOFF;
            modes.local_modes -= LocalModes::ISIG
                | LocalModes::ICANON
                | LocalModes::ECHO
                | LocalModes::ECHONL
                | LocalModes::IEXTEN;
            modes.special_codes[SpecialCodeIndex::VMIN] = 1;
            modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        }
        if self.users.iter().any(|(_, uses)| uses.raw_output) {
            modes.output_modes -= OutputModes::OPOST;
        }
        modes
    }
}

fn same(one: &Termios, other: &Termios) -> bool {
    one.input_modes == other.input_modes
        && one.output_modes == other.output_modes
        && one.local_modes == other.local_modes
        && [SpecialCodeIndex::VMIN, SpecialCodeIndex::VTIME]
            .into_iter()
            .all(|index| one.special_codes[index] == other.special_codes[index])
}
