//! The environment of the remote user's login, whatever the startup files do.

use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use testbed::session_link::SessionLink;
use wire_protocol::{EnvironmentMode, EnvironmentSettings};

use crate::{
    bench::{Client, wait_gone},
    program::{AGENT, Program, hello, listening, spawn, start_by},
};

/// A home whose login shell is bash, with these startup files.
struct Home(TempDir);

impl Home {
    fn with(files: &[(&str, &str)]) -> Self {
        let home = Self(TempDir::new().unwrap());
        for (name, text) in files {
            fs::write(home.path().join(name), text).unwrap();
        }
        home
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    /// What a process of an agent says, with this login shell, and what the agent says at its end.
    fn says(&self, shell: &str, settings: EnvironmentSettings, script: &str) -> (String, String) {
        let (mut program, link, mut client) = self.agent(shell, settings);
        client.spawn(spawn(1, &self.path(), script)).unwrap();
        let output = client.exit(1).1[0].clone();
        link.say_goodbye();
        let mut said = String::new();
        program.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(program.end().success());
        (String::from_utf8(output).unwrap(), said)
    }

    fn agent(&self, shell: &str, settings: EnvironmentSettings) -> (Program, SessionLink, Client) {
        let mut command = Command::new(AGENT);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("SHELL", shell);
        command.env("PLAIN", "plain").stderr(Stdio::piped());
        let mut hello = hello("");
        hello.environment = settings;
        let (program, ready) = start_by(command, &self.path(), &hello);
        let link = SessionLink::to(listening(ready), crate::bench::TOKEN);
        let client = Client::on(&link);
        (program, link, client)
    }
}

const BASH: &str = "/bin/bash";

fn login() -> EnvironmentSettings {
    EnvironmentSettings {
        mode: EnvironmentMode::Login,
        patience: 30_000,
        set: Vec::new(),
        ..EnvironmentSettings::default()
    }
}

#[test]
fn the_environment_is_that_of_an_interactive_login() {
    let home = Home::with(&[
        (
            ".profile",
            "export FROM=profile MASK=$(umask) A='a\nb' PATH=\"$HOME/bin:$PATH\" TERM=odd; . ~/.bashrc",
        ),
        (".bashrc", "case $- in *i*) export RC=rc;; esac; cd /"),
    ]);
    let script = "echo \"$FROM $MASK $A $RC $PLAIN ${TERM-none} ${OLDPWD-none} $PWD\"; echo $PATH";
    let (output, said) = home.says(BASH, login(), script);
    let path = home.path().display().to_string();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap().trim();
    // What comes behind it in PATH is the system's choice, in /etc/profile.
    let expected = format!("profile {mask} a\nb rc plain none none {path}\n{path}/bin:");
    assert!(output.starts_with(&expected), "{output}");
    assert_eq!(said, "");
}

#[test]
fn what_startup_files_print_close_or_leave_running_does_no_harm() {
    let noise = "yes | head -c 300000; yes | head -c 300000 >&2; for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do \
                 eval \"exec $n>&-\"; done; sleep 1000 & export NOISY=$!; read line; trap 'echo bye; exit 3' EXIT";
    let home = Home::with(&[(".profile", noise)]);
    let (mut program, link, mut client) = home.agent(BASH, login());
    client.spawn(spawn(1, &home.path(), "kill -0 $NOISY && echo $NOISY")).unwrap();
    let left = String::from_utf8(client.exit(1).1[0].clone()).unwrap();
    link.say_goodbye();
    assert!(program.end().success());
    wait_gone(left.trim().parse().expect("what a startup file leaves running runs on as after a login"));
}

#[test]
fn a_shell_that_startup_files_put_in_its_place_is_asked() {
    let home = Home::with(&[(".profile", "export SECOND=1; case $0 in *bash) exec /bin/sh;; esac")]);
    let (output, said) = home.says(BASH, login(), "echo $SECOND");
    assert_eq!((output.as_str(), said.as_str()), ("1\n", ""));
}

#[test]
fn startup_files_that_end_a_shell_without_a_terminal_leave_those_of_the_login() {
    let rc = "case $- in *i*) [ -t 0 ] || exit 1;; esac; export FROM=profile";
    let (output, said) = Home::with(&[(".profile", rc)]).says(BASH, login(), "echo $FROM");
    assert_eq!((output.as_str(), said.as_str()), ("profile\n", ""));
}

#[test]
fn a_startup_file_that_never_ends_costs_the_time_limit_and_is_told() {
    let home =
        Home::with(&[(".profile", "export FROM=profile; echo $$ > pid; while :; do sleep 1000; done")]);
    let settings = EnvironmentSettings { patience: 1_000, ..login() };
    let (output, said) = home.says(BASH, settings, "echo ${FROM-none} $PLAIN");
    assert_eq!(output, "none plain\n");
    assert!(said.contains("the login shell /bin/bash") && said.contains("within 1 s"), "{said}");
    wait_gone(fs::read_to_string(home.path().join("pid")).unwrap().trim().parse().unwrap());
}

#[test]
fn what_is_no_shell_is_told() {
    let home = Home::with(&[("nologin", "#!/bin/sh\necho 'This account is not available'; exit 1\n")]);
    let nologin = home.path().join("nologin");
    fs::set_permissions(&nologin, fs::Permissions::from_mode(0o755)).unwrap();
    for (shell, why) in
        [(nologin.to_str().unwrap(), "ended without"), ("/none/zsh", "cannot be started: No such file")]
    {
        let (output, said) = home.says(shell, login(), "echo $PLAIN");
        assert_eq!(output, "plain\n");
        assert!(said.contains(why) && said.contains(shell), "{said}");
    }
}

#[test]
fn plain_asks_no_shell_and_set_names_are_in_both() {
    let home = Home::with(&[(".profile", "export FROM=profile B=profile; touch asked")]);
    let set = vec![("A".to_owned(), "a b".to_owned()), ("B".to_owned(), "set".to_owned())];
    let plain = EnvironmentSettings {
        mode: EnvironmentMode::Plain,
        set: set.clone(),
        ..EnvironmentSettings::default()
    };
    assert_eq!(home.says(BASH, plain, "echo ${FROM-none} $A $B").0, "none a b set\n");
    assert!(!Path::new(&home.path().join("asked")).exists());
    assert_eq!(
        home.says(BASH, EnvironmentSettings { set, ..login() }, "echo $FROM $A $B").0,
        "profile a b set\n"
    );
}

#[test]
fn files_do_not_wait_for_the_shell() {
    let home = Home::with(&[(".profile", "mkfifo fifo; touch ready; read line < fifo; export LATE=$line")]);
    let (_program, _link, mut client) = home.agent(BASH, login());
    client.begin(wire_protocol::Call::Processes(wire_protocol::processes::ProcessCall::Spawn(spawn(
        1,
        &home.path(),
        "echo $LATE",
    ))));
    let stat = |client: &mut Client, name: &str| {
        let path = crate::bench::bytes(&home.path().join(name));
        client.files(wire_protocol::files::FileCall::Stat { path, follow: true }).is_ok()
    };
    // Each look is answered while the shell waits for the pipe below.
    while !stat(&mut client, "ready") {
        std::thread::yield_now();
    }
    fs::write(home.path().join("fifo"), "late\n").unwrap();
    assert_eq!(client.exit(1).1[0], b"late\n");
}
