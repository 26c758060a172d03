//! What a process on the remote finds in its environment.

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    remote::Remote,
};

/// A login shell with its startup files, which print, and what a process is to find.
struct LoginShell {
    path: &'static str,
    files: &'static [(&'static str, &'static str)],
    finds: &'static str,
}

/// `FROM` is set by the files of a login, `RC` by those of a terminal where the shell has any; both lead to commands.
const SHELLS: [LoginShell; 6] = [
    LoginShell {
        path: "/bin/bash",
        files: &[
            (".bash_profile", "echo noise; export FROM=bash_profile PATH=~/login:$PATH; . ~/.bashrc"),
            (".bashrc", "echo noise; case $- in *i*) export RC=bashrc PATH=~/rc:$PATH;; esac"),
        ],
        finds: "bash_profile bashrc login-tool rc-tool",
    },
    LoginShell {
        path: "/bin/zsh",
        files: &[
            (".zshenv", "echo noise; export FROM=zshenv"),
            (".zprofile", "echo noise; FROM=$FROM-zprofile; path=(~/login $path)"),
            (".zshrc", "echo noise; export RC=zshrc; path=(~/rc $path)"),
        ],
        finds: "zshenv-zprofile zshrc login-tool rc-tool",
    },
    LoginShell {
        path: "/usr/bin/fish",
        files: &[(
            ".config/fish/config.fish",
            "echo noise\nif status is-login\n  set -gx FROM config.fish\n  set -gx PATH ~/login $PATH\nend\n\
             if status is-interactive\n  set -gx RC interactive\n  fish_add_path ~/rc\nend\n",
        )],
        finds: "config.fish interactive login-tool rc-tool",
    },
    LoginShell {
        path: "/bin/dash",
        files: &[
            (".profile", "echo noise; export FROM=profile PATH=~/login:$PATH ENV=~/.dashrc"),
            (".dashrc", "echo noise; export RC=dashrc PATH=~/rc:$PATH"),
        ],
        finds: "profile dashrc login-tool rc-tool",
    },
    LoginShell {
        path: "/usr/bin/tcsh",
        files: &[
            (".tcshrc", "echo noise\nsetenv RC tcshrc\nset path = (~/rc $path)\n"),
            (".login", "echo noise\nsetenv FROM login\nset path = (~/login $path)\n"),
        ],
        finds: "login tcshrc login-tool rc-tool",
    },
    LoginShell {
        path: "/srv/ash",
        files: &[
            (".profile", "echo noise; export FROM=profile PATH=~/login:$PATH ENV=~/.ashrc"),
            (".ashrc", "echo noise; export RC=ashrc PATH=~/rc:$PATH"),
        ],
        finds: "profile ashrc login-tool rc-tool",
    },
];

#[test]
fn it_is_that_of_the_login_whatever_the_login_shell_is() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let script = "import { execSync } from 'node:child_process';\n\
                  process.stdout.write(execSync('echo \"$FROM $RC $(login-tool) $(rc-tool)\"; echo $SHELL'));";
    laptop.write("/root/script.mjs", script);
    remote.sh("ln -s \"$(command -v busybox)\" /srv/ash");
    for LoginShell { path, files, finds } in SHELLS {
        remote.set_login_shell(path);
        remote.sh("find /root -mindepth 1 -maxdepth 1 -not -name .cache -exec rm -r {} +");
        for (place, tool) in [("login", "login-tool"), ("rc", "rc-tool")] {
            remote.sh(&format!(
                "cd && mkdir {place} && echo echo {tool} > {place}/{tool} && chmod +x {place}/{tool}"
            ));
        }
        for (name, text) in files {
            remote.sh(&format!("mkdir -p \"$(dirname ~/{name})\"; cat > ~/{name} <<'END'\n{text}\nEND"));
        }
        let mut pii = laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/script.mjs"]);
        pii.env("FROM", "laptop").env("RC", "laptop");
        let end = start(pii).finish(RUN);
        assert_eq!(end.stdout, format!("{finds}\n{path}\n"), "{path}: {}", end.stderr);
    }
    // A fish leaves these to the next one.
    remote.sh("rm -r /srv/ash /tmp/fish.root");
    remote.assert_nothing_left();
}

#[test]
fn the_user_decides_what_travels_and_what_is_set() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh("echo 'export FROM=profile' > ~/.profile");
    laptop.write(
        "/root/.config/pii/config.toml",
        "[env]\nforward = ['PROXY_*', 'GIVEN_TOKEN']\nnever = ['PAGER', 'CALL_*']\nset = { SET = 'a b', B = '1' }\n\
         [hosts.far]\nenv.mode = 'plain'\n",
    );
    let script = "import { execSync } from 'node:child_process';\n\
                  const env = { ...process.env, PAGER: 'cat', CALL_A: '1', OTHER: 'call', B: '2' };\n\
                  process.stdout.write(execSync('echo \"$FROM $PROXY_HOST $PROXY_PASSWORD $GIVEN_TOKEN $SET $B $PAGER $CALL_A $OTHER\"', { env }));";
    laptop.write("/root/script.mjs", script);
    let mut pii = laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/script.mjs"]);
    pii.env("PROXY_HOST", "proxy")
        .env("PROXY_PASSWORD", "p")
        .env("GIVEN_TOKEN", "given")
        .env("OTHER", "start");
    let end = start(pii).finish(RUN);
    assert_eq!(end.stdout, " proxy  given a b 2   call\n", "{}", end.stderr);
    let shown = laptop.run(&["config", "show", "--ssh", &target()]).ok();
    assert!(shown.contains("env.mode") && shown.contains("plain") && !shown.contains("a b"), "{shown}");
}
