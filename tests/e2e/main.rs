//! Whole-program tests: the built `pii` on one machine, a real sshd on another.
//!
//! Each machine is made of Linux namespaces ([`machine`]): its own directory tree where it matters, its own
//! processes, its own name. So what a program sees of the remote cannot have come from the local disk, and a
//! machine's end takes everything with it. This needs root.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a failing test shows what it saw")]

mod agent;
mod finish;
mod laptop;
mod machine;
mod paths;
mod pi;
mod project;
mod random;
mod remote;
mod staleness;
mod terminal;

mod clients;
mod confinement;
mod context;
mod endings;
mod environment;
mod failures;
mod interactive;
mod launch;
mod memory;
mod newer_node;
mod options;
mod parity;
mod remote_terminal;
mod scripts;
mod search;
mod secrets;
