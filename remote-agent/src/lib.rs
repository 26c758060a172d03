//! The agent: does the work on the remote. Knows its disk; knows nothing of SSH, Node or pi.
//!
//! One call comes in through [`links`] (the session's links; [`server`] lets further ones in by the token), `stream`
//! (frames) and one of the three nouns: `files`, `processes`, `watch`. Every path goes through [`roots`], which keeps
//! it beneath a served directory. The life of the program is in [`start`], [`links`], [`lifeline`] and [`ending`].

mod aftermath;
mod allocator;
mod cancel;
mod carried;
pub mod children;
mod content;
mod descriptors;
pub mod door;
pub mod ending;
mod environment;
mod errno;
mod file_calls;
mod files;
mod learn;
mod lease_table;
mod leases;
pub mod lifeline;
pub mod links;
mod login;
pub mod login_shell;
mod metadata;
mod names;
mod outgoing;
mod outside;
pub mod own_pipes;
mod path;
mod polled;
mod process;
pub mod processes;
mod pumps;
pub mod relay;
mod repository;
pub mod roots;
pub mod search_tools;
pub mod served_root;
pub mod server;
mod signals;
mod spawn;
pub mod start;
mod stdio;
mod stream;
pub mod temp;
mod terminal;
mod tree;
mod walk;
mod watch;
mod watched;

pub use children::Reaping;
pub use door::Door;
pub use roots::{Resolver, Roots};
pub use served_root::{Rights, ServedRoot};
pub use server::{Agent, serve};
