//! A Node that is newer than `pii`.

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    paths,
    remote::Remote,
};

/// What the log says of functions that we know nothing of.
const TOLD: &str = "functions that are not on the remote: ";

#[test]
fn public_functions_that_nobody_knows_are_told_to_the_log() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.write("/root/script.cjs", "console.log('ran')");
    let made_up =
        "const fs = require('fs'); fs.renameAll = (path) => path; fs.promises.tally = async (path) => path;";
    laptop.write("/root/newer.cjs", made_up);
    let log = |node: &str, options: &str| {
        let node = paths::tool(node);
        let node = node.to_str().expect("a plain path");
        let words = ["run", "--ssh", &target(), "--log", "/root/log", "--", node, "/root/script.cjs"];
        let mut pii = laptop.pii(&words);
        pii.env("NODE_OPTIONS", options);
        assert_eq!(start(pii).finish(RUN).ok(), "ran\n");
        laptop.sh("cat /root/log; rm /root/log")
    };
    for node in ["node", "node-24", "node-26"] {
        let log = log(node, "");
        assert!(!log.contains(TOLD), "{node} is known:\n{log}");
    }
    let log = log("node", "--require /root/newer.cjs");
    assert!(log.contains(&format!("{TOLD}fs.renameAll, fs.promises.tally")), "{log}");
}
