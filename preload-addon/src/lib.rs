//! Carries calls from a Node process to the agent: what JavaScript sees is `js/addon.d.ts`.
//!
//! One process of the program has one [`stream`], shared by its worker threads. Calls go out as frames of
//! wire-protocol; a synchronous one blocks its JavaScript thread until the stream's reader has the answer.

mod ahead;
mod cache;
mod duplex;
mod error;
mod files;
mod inherited;
mod inputs;
mod keys;
mod known;
mod listener;
mod log;
mod mirror;
mod open;
mod outputs;
mod pipes;
mod platform;
mod processes;
mod reads;
mod run;
mod session;
mod spawn;
mod stand_ins;
mod start;
mod stream;
mod terminal;
mod values;
mod watch;
