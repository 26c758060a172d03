//! A session of pi with a scripted model, through `pii` or without it.

use std::process::Command;

use scripted_model::{MODEL, Model, PROVIDER, Transcript, Turn};

use crate::{
    finish::{Finished, start},
    laptop::{Laptop, RUN, target},
    paths,
    remote::ROOT,
};

/// Every built-in tool of pi.
pub const TOOLS: &str = "read,bash,edit,write,grep,find,ls";

/// A value that may never be seen on the remote.
pub const SECRET: &str = "sk-of-the-laptop-only";

/// Starts a model and tells the laptop's pi of it.
#[track_caller]
pub fn model(laptop: &Laptop, script: Vec<Turn>) -> Model {
    let model = Model::start(script).expect("a port of 127.0.0.1");
    let scratch = paths::scratch();
    scripted_model::write_models_json(scratch.path(), &model.url()).expect("scratch is writable");
    let models = std::fs::read_to_string(scratch.path().join("models.json")).expect("just written");
    laptop.write("/root/.pi/agent/models.json", &models);
    model
}

/// The words that make pi use the model.
pub fn words() -> [&'static str; 5] {
    ["--provider", PROVIDER, "--model", MODEL, "--approve"]
}

/// What a session of pi with one prompt came to.
pub struct Session {
    /// How it ended.
    pub end: Finished,
    /// What the model was told.
    pub transcript: Transcript,
}

/// pi (a name of [`paths::PIS`]) with one prompt, through `pii`.
#[track_caller]
pub fn remotely(laptop: &Laptop, pi: &str, script: Vec<Turn>) -> Session {
    remotely_with(laptop, pi, script, TOOLS)
}

/// The same with these tools, and with `OPENAI_API_KEY` set on the laptop.
#[track_caller]
pub fn remotely_with(laptop: &Laptop, pi: &str, script: Vec<Turn>, tools: &str) -> Session {
    session_of(laptop, pi, &["--ssh", &target()], script, tools)
}

/// The same with these words of `pii`.
#[track_caller]
pub fn session_of(laptop: &Laptop, pi: &str, words: &[&str], script: Vec<Turn>, tools: &str) -> Session {
    let mut command = laptop.pii(words);
    command.env("PII_PROGRAM", paths::tool(pi)).env("OPENAI_API_KEY", SECRET);
    session(laptop, command, script, tools)
}

/// pi with one prompt, on the laptop's own directory of the same path.
#[track_caller]
pub fn locally(laptop: &Laptop, pi: &str, script: Vec<Turn>) -> Session {
    locally_with_commands(laptop, pi, script, "/usr/local/bin")
}

/// The same with the commands of this directory before all others.
#[track_caller]
pub fn locally_with_commands(laptop: &Laptop, pi: &str, script: Vec<Turn>, commands: &str) -> Session {
    let node = paths::tool("node");
    let mut command = laptop.machine.command(ROOT, node.to_str().expect("a plain path"));
    command.arg(paths::tool(pi)).env("PI_OFFLINE", "1").env("TERM", "xterm-256color");
    command.env("PATH", format!("{commands}:/usr/bin:/bin:/usr/sbin:/sbin"));
    session(laptop, command, script, TOOLS)
}

#[track_caller]
fn session(laptop: &Laptop, mut command: Command, script: Vec<Turn>, tools: &str) -> Session {
    let model = model(laptop, script);
    command.args(words()).args(["--tools", tools, "-p", "go"]);
    let end = start(command).finish(RUN);
    assert_eq!(model.turns_left(), 0, "pi stopped early\nstdout:\n{}\nstderr:\n{}", end.stdout, end.stderr);
    Session { end, transcript: model.transcript() }
}
