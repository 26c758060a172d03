//! The agent's way to the remote: whatever the login shell, the file systems and the tools there are like.

use crate::{
    finish::{Finished, start},
    laptop::{Laptop, RUN, target},
    paths,
    remote::Remote,
};

mod minimal;
mod places;
mod prefixes;
mod shells;

/// The home's place.
const CACHE: &str = "/root/.cache/pii";

/// A remote and its laptop.
struct Site {
    remote: Remote,
    laptop: Laptop,
}

impl Site {
    #[track_caller]
    fn of(remote: Remote) -> Self {
        let laptop = Laptop::of(&remote);
        Self { remote, laptop }
    }

    /// Runs a Node script, with these options of `pii`.
    #[track_caller]
    fn run(&self, script: &str, options: &[&str]) -> Finished {
        self.laptop.write("/root/script.mjs", script);
        let target = target();
        let words = [&["run", "--ssh", &target], options, &["--", "node", "/root/script.mjs"]].concat();
        start(self.laptop.pii(&words)).finish(RUN)
    }

    /// Two sessions come to be, the second by the agent that the first has brought to this directory of this user.
    #[track_caller]
    fn deploys_into(&self, directory: &str, user: &str, options: &[&str]) {
        let script = "import { execSync } from 'node:child_process'; import { readdirSync } from 'node:fs';\n\
                      console.log(`on ${execSync('uname -n', { encoding: 'utf8' }).trim()}`, readdirSync('.'));";
        let agent = format!("{directory}/agent-{}", paths::agent_hash());
        let mut stored = String::new();
        for _ in 0..2 {
            let end = self.run(script, options);
            assert_eq!((end.code, end.stdout.as_str()), (Some(0), "on far []\n"), "{}", end.stderr);
            let facts = self.remote.sh(&format!("stat -c '%n %a %U %i' {directory} {agent}"));
            if stored.is_empty() {
                assert!(facts.starts_with(&format!("{directory} 700 {user} ")), "{facts}");
                assert!(facts.contains(&format!("{agent} 700 {user} ")), "{facts}");
                stored.clone_from(&facts);
            }
            assert_eq!(facts, stored, "the second session left it as it was");
        }
        let others = format!(
            "find /root /srv /run /var/tmp /dev/shm /tmp -xdev -name 'agent-*' -not -path '{directory}/*'"
        );
        assert_eq!(self.remote.sh(&others), "", "it is nowhere else");
        self.remote.assert_nothing_left();
    }
}
