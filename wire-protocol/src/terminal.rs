//! Terminals: a remote process gets one of its own, which is kept like the user's.

use rustix::termios::{InputModes, LocalModes, OutputModes, SpecialCodeIndex, Termios, Winsize};
use serde::{Deserialize, Serialize};

use crate::processes::PipeNumber;

/// The pipe under which the bytes of a process's terminal travel, both ways.
pub const TERMINAL: PipeNumber = PipeNumber::MAX;

/// A terminal to give to a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminal {
    /// Its size.
    pub size: Size,
    /// What it does with bytes at first.
    pub modes: Modes,
}

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Lines.
    pub rows: u16,
    /// Characters of a line.
    pub columns: u16,
    /// Pixels of a line, 0 if unknown.
    pub width: u16,
    /// Pixels of a column, 0 if unknown.
    pub height: u16,
}

/// How processes use their terminal at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalUse {
    /// They wait for keys, or for a line that is not to be shown.
    pub keys: bool,
    /// They position what they write themselves: no newline is to become more than a newline.
    pub raw_output: bool,
}

/// What a terminal does with bytes, without what differs between systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modes {
    /// A bit for each row of [`FLAGS`] that is on.
    flags: u64,
    /// A character for each row of [`CODES`], [`NO_CODE`] if it is off.
    codes: Vec<u8>,
}

enum Flag {
    Input(InputModes),
    Output(OutputModes),
    Local(LocalModes),
}

const FLAGS: [Flag; 30] = [
    Flag::Input(InputModes::IGNBRK),
    Flag::Input(InputModes::BRKINT),
    Flag::Input(InputModes::IGNPAR),
    Flag::Input(InputModes::PARMRK),
    Flag::Input(InputModes::INPCK),
    Flag::Input(InputModes::ISTRIP),
    Flag::Input(InputModes::INLCR),
    Flag::Input(InputModes::IGNCR),
    Flag::Input(InputModes::ICRNL),
    Flag::Input(InputModes::IXON),
    Flag::Input(InputModes::IXANY),
    Flag::Input(InputModes::IXOFF),
    Flag::Input(InputModes::IMAXBEL),
    Flag::Input(InputModes::IUTF8),
    Flag::Output(OutputModes::OPOST),
    Flag::Output(OutputModes::ONLCR),
    Flag::Output(OutputModes::OCRNL),
    Flag::Output(OutputModes::ONOCR),
    Flag::Output(OutputModes::ONLRET),
    Flag::Local(LocalModes::ISIG),
    Flag::Local(LocalModes::ICANON),
    Flag::Local(LocalModes::ECHO),
    Flag::Local(LocalModes::ECHOE),
    Flag::Local(LocalModes::ECHOK),
    Flag::Local(LocalModes::ECHONL),
    Flag::Local(LocalModes::NOFLSH),
    Flag::Local(LocalModes::TOSTOP),
    Flag::Local(LocalModes::IEXTEN),
    Flag::Local(LocalModes::ECHOCTL),
    Flag::Local(LocalModes::ECHOKE),
];

const CODES: [SpecialCodeIndex; 14] = [
    SpecialCodeIndex::VINTR,
    SpecialCodeIndex::VQUIT,
    SpecialCodeIndex::VERASE,
    SpecialCodeIndex::VKILL,
    SpecialCodeIndex::VEOF,
    SpecialCodeIndex::VEOL,
    SpecialCodeIndex::VEOL2,
    SpecialCodeIndex::VSTART,
    SpecialCodeIndex::VSTOP,
    SpecialCodeIndex::VSUSP,
    SpecialCodeIndex::VREPRINT,
    SpecialCodeIndex::VDISCARD,
    SpecialCodeIndex::VWERASE,
    SpecialCodeIndex::VLNEXT,
];

/// How a code that is off travels, and how this system writes it (POSIX: `_POSIX_VDISABLE`).
const NO_CODE: u8 = 0;
const NO_CODE_HERE: u8 = if cfg!(target_os = "linux") { 0 } else { 0xff };

impl Modes {
    /// The modes of a terminal.
    pub fn of(termios: &Termios) -> Self {
        let is_on = |flag: &Flag| match flag {
            Flag::Input(flag) => termios.input_modes.contains(*flag),
            Flag::Output(flag) => termios.output_modes.contains(*flag),
            Flag::Local(flag) => termios.local_modes.contains(*flag),
        };
        let flags = FLAGS.iter().enumerate().map(|(index, flag)| u64::from(is_on(flag)) << index).sum();
        let code = |index| match termios.special_codes[index] {
            NO_CODE_HERE => NO_CODE,
            code => code,
        };
        Self { flags, codes: CODES.map(code).to_vec() }
    }

    /// Gives a terminal these modes.
    pub fn apply(&self, termios: &mut Termios) {
        for (index, flag) in FLAGS.iter().enumerate() {
            let on = self.flags >> index & 1 == 1;
            match flag {
                Flag::Input(flag) => termios.input_modes.set(*flag, on),
                Flag::Output(flag) => termios.output_modes.set(*flag, on),
                Flag::Local(flag) => termios.local_modes.set(*flag, on),
            }
        }
        for (index, code) in CODES.into_iter().zip(&self.codes) {
            termios.special_codes[index] = if *code == NO_CODE { NO_CODE_HERE } else { *code };
        }
    }
}

impl From<Winsize> for Size {
    fn from(size: Winsize) -> Self {
        Self { rows: size.ws_row, columns: size.ws_col, width: size.ws_xpixel, height: size.ws_ypixel }
    }
}

impl From<Size> for Winsize {
    fn from(size: Size) -> Self {
        Self { ws_row: size.rows, ws_col: size.columns, ws_xpixel: size.width, ws_ypixel: size.height }
    }
}
