//! The user's terminal: questions, secrets, and the one progress line.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};

use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};

/// The terminal of this process, whatever its stdin and stdout are.
pub struct Terminal {
    file: File,
}

impl Terminal {
    /// `None` when there is nobody to ask.
    pub fn open() -> Option<Self> {
        let file = File::options().read(true).write(true).open("/dev/tty").ok()?;
        Some(Self { file })
    }

    /// Asks and returns the line typed. `ErrorKind::Interrupted` when the user gave up.
    pub fn ask(&mut self, question: &str) -> io::Result<String> {
        self.line(question, true)
    }

    /// Asks without showing what is typed.
    pub fn secret(&mut self, question: &str) -> io::Result<String> {
        self.line(question, false)
    }

    /// Reads byte by byte with the terminal's signals off, so that an interrupt at the prompt comes back as an
    /// error and the terminal is always put right again.
    fn line(&mut self, question: &str, echo: bool) -> io::Result<String> {
        // Before the question, or an answer typed at once would be shown.
        let quiet = Quiet::enter(&self.file)?;
        write!(self.file, "{question}")?;
        let mut line = Vec::new();
        let mut byte = [0];
        let outcome = loop {
            if self.file.read(&mut byte)? == 0 {
                break Err(io::ErrorKind::UnexpectedEof.into());
            }
            match byte[0] {
                b'\r' | b'\n' => break Ok(()),
                3 | 4 | 28 => break Err(io::ErrorKind::Interrupted.into()),
                8 | 127 => {
                    while line.pop().is_some_and(|last: u8| last & 0xC0 == 0x80) {}
                    if echo {
                        self.file.write_all(b"\x08 \x08")?;
                    }
                }
                21 => line.clear(),
                other => {
                    line.push(other);
                    if echo {
                        self.file.write_all(&byte)?;
                    }
                }
            }
        };
        drop(quiet);
        writeln!(self.file)?;
        outcome.map(|()| String::from_utf8_lossy(&line).into_owned())
    }
}

/// Keeps echo, lines and signals off as long as it lives.
struct Quiet {
    file: File,
    before: Termios,
}

impl Quiet {
    fn enter(file: &File) -> io::Result<Self> {
        let before = termios::tcgetattr(file)?;
        let mut modes = before.clone();
        modes.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        termios::tcsetattr(file, OptionalActions::Now, &modes)?;
        Ok(Self { file: file.try_clone()?, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // The terminal is gone if this fails: nothing is left to put right.
        let _ = termios::tcsetattr(&self.file, OptionalActions::Now, &self.before);
    }
}

/// The terminal's modes, put back when this value is dropped: a program that is killed while it has changed them, for
/// itself or for a remote process, cannot do it any more.
pub struct Modes {
    file: File,
    before: Termios,
}

impl Modes {
    /// Remembers them. `None` without a terminal.
    pub fn remember() -> Option<Self> {
        let Terminal { file } = Terminal::open()?;
        let before = termios::tcgetattr(&file).ok()?;
        Some(Self { file, before })
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        // In the background the terminal is somebody else's, and who sets its modes from there is stopped.
        if is_ours(&self.file) {
            // See `Quiet`.
            let _ = termios::tcsetattr(&self.file, OptionalActions::Now, &self.before);
        }
    }
}

/// Shows text that came over the network: everything that could steer the terminal is taken out.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// Prints lines for the user while no program runs yet; nothing if stderr is no terminal.
pub fn tell(text: &str) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        // A terminal that went away needs no notice.
        let _ = writeln!(stderr, "{}", text.trim_end());
    }
}

/// A line on stderr that says what is going on, and disappears with this value. Silent without a terminal.
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Begins with an empty line, if anything is to be shown.
    pub fn start(shows: bool) -> Self {
        let progress = Self { shown: shows && io::stderr().is_terminal() };
        progress.set("");
        progress
    }

    /// Replaces the text.
    pub fn set(&self, text: &str) {
        if self.shown {
            // See `tell`.
            let _ = write!(io::stderr(), "\r\x1b[K{text}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.set("");
    }
}

/// Asks on the terminal without holding up anything else. `None` when there is no terminal.
pub async fn ask(question: String, hidden: bool) -> io::Result<Option<String>> {
    let answer = tokio::task::spawn_blocking(move || match Terminal::open() {
        Some(mut terminal) if hidden => terminal.secret(&question).map(Some),
        Some(mut terminal) => terminal.ask(&question).map(Some),
        None => Ok(None),
    });
    answer.await.map_err(io::Error::other)?
}

/// Whether the user can be asked something while the program runs: it has left the terminal's modes as they were, so
/// it neither draws nor reads keys, and it is in the foreground.
pub fn is_free() -> bool {
    let Some(Terminal { file }) = Terminal::open() else { return false };
    let lines = termios::tcgetattr(&file)
        .is_ok_and(|modes| modes.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO));
    lines && is_ours(&file)
}

/// Whether `pii` and its program are in the foreground.
fn is_ours(terminal: &File) -> bool {
    termios::tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Terminals that have no window.
const WITHOUT_TITLE: [&str; 3] = ["", "dumb", "linux"];

/// The title of the terminal's window, which is the program's again when this value is dropped.
pub struct Title {
    file: File,
}

impl Title {
    /// Puts the present title aside (xterm's stack of titles, which most terminals have). `None` in the background,
    /// and without a terminal that has a title.
    pub fn take() -> Option<Self> {
        let Terminal { file } = Terminal::open()?;
        let kind = std::env::var("TERM").unwrap_or_default();
        if !is_ours(&file) || WITHOUT_TITLE.contains(&kind.as_str()) {
            return None;
        }
        let title = Self { file };
        title.write("\x1b[22;2t");
        Some(title)
    }

    /// Shows this one.
    pub fn set(&self, text: &str) {
        self.write(&format!("\x1b]2;{}\x07", plain(text)));
    }

    /// In one write, so that it does not come between the bytes of what a program draws.
    fn write(&self, text: &str) {
        // A terminal that is gone shows nothing.
        let _ = (&self.file).write_all(text.as_bytes());
    }
}

impl Drop for Title {
    fn drop(&mut self) {
        self.write("\x1b[23;2t");
    }
}
