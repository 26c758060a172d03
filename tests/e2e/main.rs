//! Whole-program tests over a private sshd.
