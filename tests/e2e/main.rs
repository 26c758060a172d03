//! Whole-program tests: the built `pii` on one machine, a real sshd on another.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a failing test shows what it saw")]

use testbed::{finish, keys, laptop, link, machine, paths, pi, project, remote};

mod agent;
mod random;
mod staleness;
mod terminal;

mod clients;
mod confinement;
mod connect;
mod context;
mod deploy;
mod early;
mod endings;
mod environment;
mod failures;
mod full_disk;
mod interactive;
mod launch;
mod memory;
mod newer_node;
mod one_machine;
mod options;
mod parity;
mod remote_terminal;
mod routing;
mod scripts;
mod search;
mod secrets;
mod surviving;
