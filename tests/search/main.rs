//! The agent's `rg` and `fd` against the real ones: the same words, in the same directories, must come to the same.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "what was compared is printed")]

mod compare;
mod dice;
mod fd_words;
mod repositories;
mod rg_words;
mod tools;
