//! A language model that answers from a script: an OpenAI-compatible server on a port of 127.0.0.1.
//!
//! A script is a list of turns. Each request takes the next one; when none is left the model says [`THE_END`].
//! Every request is kept, so a caller can read what the program told the model: see [`Transcript`].

#![forbid(unsafe_code)]

mod agent_dir;
mod server;
mod stream;
mod transcript;

pub use agent_dir::{MODEL, PROVIDER, write_models_json};
pub use server::Model;
pub use transcript::{ToolResult, Transcript};

/// What the model says when its script is used up.
pub const THE_END: &str = "The script ends here.";

/// One answer of the model.
#[derive(Debug, Clone)]
pub enum Turn {
    /// It says this, and its turn ends.
    Say(String),
    /// It wants these tools run and asks again with their results.
    Call(Vec<ToolCall>),
}

/// A tool the model wants run.
#[derive(Debug, Clone)]
pub struct ToolCall {
    /// Name of the tool.
    pub tool: String,
    /// Its arguments, a JSON object.
    pub arguments: serde_json::Value,
}

impl Turn {
    /// A turn that says something.
    pub fn say(text: &str) -> Self {
        Self::Say(text.to_owned())
    }

    /// A turn that calls one tool.
    pub fn call(tool: &str, arguments: serde_json::Value) -> Self {
        Self::Call(vec![ToolCall { tool: tool.to_owned(), arguments }])
    }
}
