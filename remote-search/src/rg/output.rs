//! Where a search prints to: stdout itself, or a buffer whose content then comes out in one piece.

use std::io::{self, Write};

use grep::cli::StandardStream;
use termcolor::{Buffer, BufferWriter, ColorSpec, WriteColor};

/// One type for both, or the printers would be compiled twice.
pub enum Output {
    /// Stdout, of one thread.
    Stream(StandardStream),
    /// What one of several threads has to say of a file.
    Buffer(Buffer),
}

impl Output {
    fn get(&self) -> &dyn WriteColor {
        match self {
            Self::Stream(stream) => stream,
            Self::Buffer(buffer) => buffer,
        }
    }

    fn get_mut(&mut self) -> &mut dyn WriteColor {
        match self {
            Self::Stream(stream) => stream,
            Self::Buffer(buffer) => buffer,
        }
    }

    /// Forgets what a buffer holds.
    pub fn clear(&mut self) {
        if let Self::Buffer(buffer) = self {
            buffer.clear();
        }
    }

    /// Prints what a buffer holds.
    pub fn print(&self, to: &BufferWriter) -> io::Result<()> {
        match self {
            Self::Stream(_) => Ok(()),
            Self::Buffer(buffer) => to.print(buffer),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.get_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.get_mut().flush()
    }
}

impl WriteColor for Output {
    fn supports_color(&self) -> bool {
        self.get().supports_color()
    }

    fn set_color(&mut self, spec: &ColorSpec) -> io::Result<()> {
        self.get_mut().set_color(spec)
    }

    fn reset(&mut self) -> io::Result<()> {
        self.get_mut().reset()
    }

    fn is_synchronous(&self) -> bool {
        self.get().is_synchronous()
    }
}
