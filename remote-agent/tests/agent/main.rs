//! The real server in-process, over its real protocol; and the built program over its pipes.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test explains itself by its name, and fails by panicking"
)]

mod bench;
mod cancelling;
mod confinement;
mod contents;
mod door;
mod learning;
mod login;
mod names;
mod outside;
mod process_life;
mod process_pipes;
mod program;
mod surviving;
mod terminal;
mod watching;
