//! How much memory it takes to move a large file. Measured, not judged: `cargo test -p e2e --test e2e -- --ignored
//! --nocapture memory` prints the peaks of the program, of `pii` and of the agent.

use std::fs;

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    paths,
    remote::Remote,
};

/// Size of the file, in MiB.
const SIZE: &str = "512";

const WAYS: [&str; 9] = [
    "stream up",
    "stream down",
    "stream within",
    "copyFile up",
    "copyFile down",
    "copyFile within",
    "copyFileSync up",
    "cp up",
    "pieces",
];

#[test]
#[ignore = "it measures"]
fn memory_of_moving_a_large_file() {
    let script = fs::read_to_string(paths::workspace().join("tests/scripts/memory.mjs")).expect("readable");
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.write("/root/memory.mjs", &script);
    for way in WAYS {
        let target = target();
        let words = ["run", "--ssh", &target, "--", "node", "/root/memory.mjs", "/root", way, SIZE];
        print!("{}", start(laptop.pii(&words)).finish(RUN).ok());
    }
}
