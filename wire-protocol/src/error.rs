//! How a failure travels: as the name of an errno, since numbers differ between Linux and macOS.

use serde::{Deserialize, Serialize};

/// The code of a path that pii's own rule refuses: it lies outside of what is served. No kernel has it; the program sees
/// EACCES with the reason.
pub const OUTSIDE: &str = "EOUTSIDE";

/// A failed call. `code` is an errno's name (`ENOENT`); the program's side finds number and text for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}")]
pub struct WireError {
    /// Name of the errno, for example `EACCES`.
    pub code: String,
}

impl WireError {
    /// An error with this errno name.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into() }
    }
}
