//! What a program looked at when it started, kept for each host and root so that it can be asked for at once the next
//! time. To `pii` it is bytes: paths, written and read by the addon of the same release.

use std::{
    fs, io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use wire_protocol::VERSION;

use crate::state;

/// Most bytes that are kept.
const MOST: usize = 512 * 1024;

/// The notes of one session.
pub struct StartNotes {
    file: PathBuf,
    /// Those of the last time, until they are handed out.
    last: Mutex<Option<Vec<u8>>>,
    taken: Mutex<Vec<u8>>,
}

impl StartNotes {
    /// Reads what was kept in this directory.
    pub fn open(directory: &std::path::Path, program: &str) -> Self {
        let file = directory.join(format!("start-{program}-{VERSION}"));
        // What is missing or cannot be read is what a first start has.
        let last = fs::read(&file).unwrap_or_default();
        Self { file, last: Mutex::new(Some(last)), taken: Mutex::default() }
    }

    /// The notes of the last time, for the first who asks.
    pub fn hand_out(&self) -> Option<Vec<u8>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Takes notes of this time.
    pub fn add(&self, bytes: &[u8]) {
        let mut taken = self.taken();
        if taken.len() + bytes.len() <= MOST {
            taken.extend_from_slice(bytes);
        }
    }

    /// Keeps what was taken for the next time.
    pub fn keep(&self) -> io::Result<()> {
        let taken = self.taken();
        if taken.is_empty() {
            return Ok(());
        }
        state::replace(&self.file, &taken)
    }

    fn taken(&self) -> MutexGuard<'_, Vec<u8>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
