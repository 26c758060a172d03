//! How much memory it takes to move a large file. The peaks are measured, not judged: `cargo test -p e2e --test e2e --
//! --ignored --nocapture memory` prints those of the program, of `pii` and of the agent. That nothing is fetched or sent
//! without bounds is judged.

use std::fs;

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    paths,
    remote::{ROOT, Remote},
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

/// Reads 4 MiB of a file of 64 MiB by a stream, waits, and looks at what the agent has read meanwhile.
const BOUNDS: &str = r#"
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { setTimeout } from "node:timers/promises";
const agent = () => Number(/rchar: (\d+)/.exec(execFileSync("sh", ["-c", "cat /proc/$PPID/io"], { cwd: process.cwd(), encoding: "utf8" }))[1]);
const stream = fs.createReadStream("large");
const before = agent();
for (let pieces = 0; pieces < 64; pieces += 1) { if (!stream.read(65536)) { await once(stream, "readable"); pieces -= 1; } }
await setTimeout(500);
const fetched = (agent() - before) / 1048576;
stream.destroy();
console.log(fetched >= 4 && fetched <= 16 ? "bounded" : `fetched ${fetched} MiB`);
"#;

#[test]
fn a_stream_that_is_not_read_on_fetches_no_more() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh(&format!("head -c 64M /dev/urandom > {ROOT}/large"));
    assert_eq!(laptop.run_script(BOUNDS, &[]).ok(), "bounded\n");
}
