//! Login shells, and rc files that print and set what they like.

use super::{CACHE, Site};
use crate::remote::Remote;

/// Login shells with the file that each reads when sshd runs a command by it.
const SHELLS: [(&str, &str); 6] = [
    ("/bin/bash", ".bashrc"),
    ("/usr/bin/fish", ".config/fish/config.fish"),
    ("/usr/bin/tcsh", ".tcshrc"),
    ("/usr/bin/zsh", ".zshenv"),
    // These read none.
    ("/bin/dash", ".profile"),
    ("/srv/sh", ".profile"),
];

/// Commands that all of them know: a line that looks like one of the script's, one without an end, and a umask that leaves
/// everything open.
const NOISE: &str = "echo pii-0123456789abcdef READY\numask 000\n/usr/bin/printf 'welcome '\n";

#[test]
fn any_login_shell_whatever_its_startup_files_print() {
    let site = Site::of(Remote::start());
    site.remote.sh("ln -s \"$(command -v busybox)\" /srv/sh");
    for (shell, file) in SHELLS {
        site.remote.set_login_shell(shell);
        site.remote.sh(&format!(
            "find /root -mindepth 1 -delete; mkdir -p \"$(dirname /root/{file})\"; cat > /root/{file} <<'END'\n{NOISE}END"
        ));
        println!("{shell}");
        // Their umasks differ: each is the first session in its place.
        site.laptop.sh("rm -rf /root/.local/state/pii/places");
        site.deploys_into(CACHE, "root", &[]);
    }
}
