//! SSH as in the user's own terminal: host keys, keys, questions, hops, limits of the server and settings, each case
//! a whole session over private sshds.

use std::{process::Command, time::Duration};

use crate::{
    finish::{Finished, poll, start},
    keys::Keys,
    laptop::{Laptop, RUN, target},
    paths,
    remote::Remote,
    terminal::Terminal,
};

/// Makes a test of each case for each transport.
macro_rules! cases {
    ($($name:ident,)*) => {
        mod russh {
            $(#[test] fn $name() { super::$name(crate::connect::Transport::Russh) })*
        }
        mod openssh {
            $(#[test] fn $name() { super::$name(crate::connect::Transport::OpenSsh) })*
        }
    };
}

/// Makes a test of each case that only pii's own SSH has.
macro_rules! own_cases {
    ($($name:ident,)*) => {
        mod own {
            $(#[test] fn $name() { super::$name(crate::connect::Transport::Russh) })*
        }
    };
}

mod hops;
mod host_keys;
mod keys;
mod limits;
mod questions;
mod settings;
mod token_agent;

const SOON: Duration = Duration::from_secs(30);

/// What carries the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    /// pii's own SSH.
    Russh,
    /// The system's `ssh`.
    OpenSsh,
}

impl Transport {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Russh => &[],
            Self::OpenSsh => &["--transport", "openssh"],
        }
    }
}

/// Says on which machine it and its commands are.
const SCRIPT: &str = r#"
import { execSync } from "node:child_process";
console.log(`on ${execSync("hostname", { encoding: "utf8" })}`);
"#;

/// A remote, and a laptop that reaches it as `far`.
struct Site {
    remote: Remote,
    laptop: Laptop,
    transport: Transport,
}

impl Site {
    fn new(transport: Transport) -> Self {
        Self::with_sshd(transport, "")
    }

    /// With these lines before all others in sshd's configuration.
    #[track_caller]
    fn with_sshd(transport: Transport, lines: &str) -> Self {
        let remote = Remote::with_sshd(&format!("{lines}\n"));
        let laptop = Laptop::of(&remote);
        laptop.write("/root/script.mjs", SCRIPT);
        Self { remote, laptop, transport }
    }

    /// Puts these lines about `far` before all others in the laptop's SSH configuration.
    #[track_caller]
    fn configure(&self, lines: &str) {
        let before = self.laptop.sh("cat /root/.ssh/config");
        self.laptop.write("/root/.ssh/config", &format!("Host far\n{lines}\n{before}"));
    }

    /// Puts a key on the laptop in place of the one that is let in.
    #[track_caller]
    fn give_key(&self, text: &str) {
        self.laptop.write("/root/.ssh/id_ed25519", text);
    }

    /// The line of known_hosts for a public key, or a part of a line for what stands in its place.
    fn known_as(&self, key: &str) -> String {
        format!("[127.0.0.1]:{} {key}", self.remote.port)
    }

    #[track_caller]
    fn know(&self, lines: &str) {
        self.laptop.write("/root/.ssh/known_hosts", lines);
    }

    fn known(&self) -> String {
        self.laptop.sh("cat /root/.ssh/known_hosts")
    }

    fn pii(&self) -> Command {
        let target = target();
        let session = ["run", "--ssh", &target];
        let program = ["--", "node", "/root/script.mjs"];
        self.laptop.pii(&[&session[..], self.transport.words(), &program].concat())
    }

    /// A session comes to be, by one authentication.
    #[track_caller]
    fn connects(&self) -> Finished {
        self.connects_by(self.pii())
    }

    /// The same by this command.
    #[track_caller]
    fn connects_by(&self, pii: Command) -> Finished {
        let end = self.session(pii);
        assert_eq!(end.stdout, "on far\n\n", "{}", end.stderr);
        end
    }

    /// Another script comes to a good end, by one authentication. Gives what it printed.
    #[track_caller]
    fn says(&self, script: &str) -> String {
        self.laptop.write("/root/script.mjs", script);
        self.session(self.pii()).stdout
    }

    #[track_caller]
    fn session(&self, pii: Command) -> Finished {
        let before = accepted(&self.remote);
        let end = start(pii).finish(RUN);
        assert_eq!(end.code, Some(0), "{}", end.stderr);
        assert_eq!(accepted(&self.remote) - before, 1, "authentications:\n{}", self.remote.log());
        end
    }

    /// A session goes on when its connection breaks, by one more authentication.
    #[track_caller]
    fn goes_on(&self) {
        // The connection stands once the remote has answered.
        let wait = "statSync('.'); writeFileSync('/root/runs', ''); while (!existsSync('/root/cut')) await setTimeout(5);\n";
        let uses = "import { existsSync, statSync, writeFileSync } from 'node:fs'; import { setTimeout } from 'node:timers/promises';";
        self.laptop.sh("rm -f /root/runs /root/cut");
        self.laptop.write("/root/script.mjs", &format!("{uses}\n{wait}{SCRIPT}"));
        let before = accepted(&self.remote);
        let running = start(self.pii());
        self.laptop.wait_for("/root/runs");
        self.remote.sh("pkill -KILL -f 'sshd: root'");
        self.laptop.sh("touch /root/cut");
        let end = running.finish(RUN);
        assert_eq!((end.code, end.stdout.as_str()), (Some(0), "on far\n\n"), "{}", end.stderr);
        assert_eq!(accepted(&self.remote) - before, 2, "authentications:\n{}", self.remote.log());
    }

    /// Nobody is let in, and these words are among those that say why.
    #[track_caller]
    fn fails(&self, said: &[&str]) {
        let before = accepted(&self.remote);
        self.starts_nothing(said);
        assert_eq!(accepted(&self.remote), before, "{}", self.remote.log());
    }

    /// No session comes to be, and these words are among those that say why.
    #[track_caller]
    fn starts_nothing(&self, said: &[&str]) {
        let end = start(self.pii()).finish(RUN);
        assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{}", end.stderr);
        self.explains(&end.stderr, said);
    }

    #[track_caller]
    fn explains(&self, text: &str, said: &[&str]) {
        // The sentences are those of pii's own SSH; another has its own.
        let said = if self.transport == Transport::Russh { said } else { &[] };
        for part in ["pii: "].iter().chain(said) {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }

    /// A window shows why there is no session.
    #[track_caller]
    fn explains_in_window(&self, screen: &str, said: &str) {
        self.explains(screen, &[said]);
        assert_eq!(accepted(&self.remote), 0, "{}", self.remote.log());
    }

    /// The same at a terminal, where each question is answered in turn. Gives what the window shows at the end.
    #[track_caller]
    fn at_terminal(&self, answers: &[(&str, &str)], end: &str) -> String {
        let terminal = self.open_terminal();
        for (at, (question, answer)) in answers.iter().enumerate() {
            let earlier = answers[..at].iter().filter(|(asked, _)| asked == question).count();
            wait_for_question(&terminal, question, earlier + 1);
            terminal.press(answer);
        }
        terminal.wait_for(end, SOON);
        let screen = terminal.screen();
        let secret = |answer: &&str| answer.contains("secret");
        for (_, keys) in answers.iter().filter(|(_, answer)| secret(answer)) {
            let typed = keys.split('\'').nth(1).expect("in quotes");
            assert!(!screen.contains(typed), "{typed} is shown:\n{screen}");
        }
        screen
    }

    fn open_terminal(&self) -> Terminal<'_> {
        let words: Vec<_> = self.pii().get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        let words = words.iter().skip_while(|word| *word != "run").map(String::as_str);
        let line = format!(
            "PII_NODE={} {} {}\necho \"ended with $?\"; exec sleep infinity\n",
            paths::tool("node").display(),
            paths::pii().display(),
            words.collect::<Vec<_>>().join(" "),
        );
        Terminal::start(&self.laptop, &line)
    }

    /// A session comes to be at a terminal after these answers, by one authentication, and nothing else was asked.
    #[track_caller]
    fn connects_at_terminal(&self, answers: &[(&str, &str)]) -> String {
        let before = accepted(&self.remote);
        let screen = self.at_terminal(answers, "ended with 0");
        assert!(screen.contains("on far"), "{screen}");
        assert_eq!(accepted(&self.remote) - before, 1, "authentications:\n{}", self.remote.log());
        screen
    }

    /// No word of the user was sent to the remote, not even the name.
    #[track_caller]
    fn nothing_was_sent(&self) {
        nothing_was_sent_to(&self.remote);
    }
}

#[track_caller]
fn nothing_was_sent_to(remote: &Remote) {
    for sign in ["Accepted ", "Failed ", "authenticating user", "invalid user"] {
        assert!(!remote.log().contains(sign), "{sign}:\n{}", remote.log());
    }
}

/// Authentications that this sshd accepted.
fn accepted(remote: &Remote) -> usize {
    let log = remote.log();
    // More words of the log say which key was found before the signature is looked at.
    log.matches("Accepted ").count() - log.matches("Accepted key ").count()
}

#[track_caller]
fn wait_for_question(terminal: &Terminal<'_>, question: &str, times: usize) {
    let asked = || (terminal.screen().matches(question).count() >= times).then_some(());
    assert!(poll(SOON, asked).is_some(), "{question:?} is not asked {times} times:\n{}", terminal.screen());
}
