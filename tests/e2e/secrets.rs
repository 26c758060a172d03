//! What the remote may never see: the token, and the laptop's credentials.

use scripted_model::Turn;
use serde_json::json;

use crate::{
    laptop::Laptop,
    paths,
    pi::{self, SECRET, TOOLS},
    remote::Remote,
};

/// All that another process of the remote's user could read: command lines, environments, files.
const LOOK: &str = "env; ps auxewwww; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'; \
                    find /root /tmp /srv /run -xdev -type f -size -200k -print0 | xargs -0 -r cat; true";

#[test]
fn neither_the_token_nor_a_credential_of_the_laptop_is_seen_on_the_remote() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    // The look from inside the session, by a process that the program started, and into a file, since pi
    // tells the model only the end of long output.
    let look = Turn::call(
        "bash",
        json!({ "command": format!("({LOOK}) > seen; (sleep 0; {LOOK}) >> seen; wc -c seen") }),
    );
    let session = pi::remotely_with(&laptop, paths::PIS[1], vec![look, Turn::say("Done.")], TOOLS);
    assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);

    let seen = remote.sh("cat /srv/far/project/seen; rm /srv/far/project/seen") + &remote.sh(LOOK);
    assert!(seen.contains(&format!("agent-{}", paths::agent_hash())), "the agent itself was looked at");
    assert!(seen.contains("HOME=/root"), "environments were looked at");
    assert!(!seen.contains(SECRET), "the laptop's OPENAI_API_KEY was seen");
    assert!(!seen.contains("OPENAI_API_KEY="), "the name of the laptop's variable was seen");
    let agent = paths::agent_hash();
    let tokens: Vec<_> = hexadecimal_words(&seen).filter(|word| word.len() == 64 && *word != agent).collect();
    assert_eq!(tokens, Vec::<&str>::new(), "these may be the token");
}

fn hexadecimal_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_hexdigit())
}
