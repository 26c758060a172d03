//! The log file, when one is asked for. It never holds a secret.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::error::Error;

/// Environment variable with the level: `info`, `debug` (without it) or `trace`.
const LEVEL: &str = "PII_LOG_LEVEL";

/// Sends what happens from now on to `file`, which only the user may read.
pub fn start(file: &Path) -> Result<(), Error> {
    let failed = |source| Error::Log { file: file.to_owned(), source };
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(file).map_err(failed)?;
    // Other rooms' libraries may write what passes through them: only our own words are kept.
    let level = std::env::var(LEVEL).unwrap_or_else(|_| "debug".into());
    let filter =
        EnvFilter::try_new(format!("off,pii={level}")).map_err(|source| Error::LogLevel { level, source })?;
    tracing_subscriber::fmt().with_writer(Mutex::new(log)).with_ansi(false).with_env_filter(filter).init();
    Ok(())
}
