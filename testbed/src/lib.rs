//! What whole-program tests and benches stand on: the built `pii` on one machine, a real sshd on another, and the
//! link between them.
//!
//! Each machine is made of Linux namespaces ([`machine`]): its own directory tree where it matters, its own
//! processes, its own name. So what a program sees of the remote cannot have come from the local disk, and a
//! machine's end takes everything with it. This needs root. Whatever cannot be had is a panic with an instruction.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a failing test shows what it saw")]

pub mod emulated;
pub mod finish;
pub mod keys;
pub mod laptop;
pub mod link;
pub mod machine;
pub mod paths;
pub mod pi;
pub mod project;
pub mod remote;
pub mod session_link;
