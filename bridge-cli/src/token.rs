//! The secret of a session.

use rand::RngExt;
use wire_protocol::TOKEN_BYTES;

/// The secret, as hex. It is in no log: it has no `Debug`.
#[derive(Clone)]
pub struct Token(pub String);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        let bytes: [u8; TOKEN_BYTES] = rand::rng().random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
