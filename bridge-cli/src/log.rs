//! The log: in the file that was asked for, else in one of pii's state that holds the last session. It never holds a secret.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::info;
use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::error::Error;
use crate::state;

/// Environment variable with the level: `info`, `debug` or `trace`. Without it, `debug` for a file that was asked for.
const LEVEL: &str = "PII_LOG_LEVEL";

/// Name of the last session's log among pii's state.
const LAST: &str = "last.log";

/// Most bytes of the last session's log.
const MAX_LAST_BYTES: usize = 1024 * 1024;

/// Sends what happens from now on to the log, which only the user may read. Its first line says what runs, and as what.
pub fn start(config: &Config, target: &str) -> Result<(), Error> {
    match &config.log.value {
        Some(file) => {
            let log = OpenOptions::new().create(true).append(true).mode(0o600).open(file);
            let log = log.map_err(|source| Error::Log { file: file.clone(), source })?;
            write_to(log, "debug")?;
        }
        // A state that cannot be written is no reason not to work.
        None => match last() {
            Ok(log) => write_to(log, "info")?,
            Err(_) => return Ok(()),
        },
    }
    let settings = config.changed().join(" ");
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let session = format!("{:08x}", rand::random::<u32>());
    info!(session, target, settings, "pii {} on {system} {machine}", wire_protocol::VERSION);
    Ok(())
}

fn write_to(log: impl Write + Send + 'static, usual: &str) -> Result<(), Error> {
    // Other crates may write what passes through them: only our own words are kept.
    let level = std::env::var(LEVEL).unwrap_or_else(|_| usual.into());
    let filter =
        EnvFilter::try_new(format!("off,pii={level}")).map_err(|source| Error::LogLevel { level, source })?;
    tracing_subscriber::fmt().with_writer(Mutex::new(log)).with_ansi(false).with_env_filter(filter).init();
    Ok(())
}

/// Where the last session's log is.
pub fn last_file() -> PathBuf {
    state::directory().join(LAST)
}

/// A new file under the name of the last session's. One that still runs goes on in its own, which has no name any more.
fn last() -> io::Result<Bounded> {
    let file = last_file();
    let directory = file.parent().unwrap_or(Path::new("/"));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let log = tempfile::NamedTempFile::new_in(directory)?.persist(&file)?;
    Ok(Bounded { log, left: MAX_LAST_BYTES })
}

/// A file that takes so many bytes.
struct Bounded {
    log: File,
    left: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() <= self.left {
            self.left -= bytes.len();
            self.log.write_all(bytes)?;
        } else if self.left > 0 {
            self.left = 0;
            self.log.write_all(b"(the log is full)\n")?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.log.flush()
    }
}
