//! The allocator where the C library is musl, whose own lets one thread allocate at a time.
#![cfg(target_env = "musl")]

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
