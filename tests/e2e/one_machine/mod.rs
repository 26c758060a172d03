//! What the model sees is the server: every path and every command mean the remote in every tool of pi, or are refused by
//! rule, and nothing of the laptop but pi's own is reached.

mod commands;
mod matrix;
mod modes;
mod skills;
mod terminal;

use crate::{
    laptop::Laptop,
    remote::{ROOT, Remote},
};

/// A user of the remote whose number and home are not the laptop's.
const USER: &str = "me";
const HOME: &str = "/srv/home/me";

/// What every file of the laptop holds that no tool may return.
const CANARY: &str = "of-the-laptop-only";

/// A remote with a user, a home, `/etc`, `/usr/local` and `/opt` of its own, and a laptop that has other files of the same
/// names.
#[track_caller]
fn machines() -> (Remote, Laptop) {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    for directory in ["/etc", "/usr/local", "/opt"] {
        remote.machine.own(directory);
        laptop.machine.own(directory);
    }
    remote.add_user(USER, 1000);
    for path in SHARED {
        remote.sh(&format!(
            "mkdir -p \"$(dirname {path})\" && rm -f {path} && echo 'needle of the remote' > {path}"
        ));
        laptop.write(path, &format!("needle {CANARY}\n"));
    }
    for path in
        ["/root/.ssh/id_test", "/root/.netrc", "/root/notes.txt", "/etc/laptop-only", "/tmp/laptop-only"]
    {
        laptop.write(path, &format!("needle {CANARY}\n"));
    }
    let home = ["notes.txt", ".gitconfig", "/etc/remote-only"].map(|name| match name.starts_with('/') {
        true => name.to_owned(),
        false => format!("{HOME}/{name}"),
    });
    remote.sh(&format!(
        "for file in {}; do echo '# needle of the remote' > $file; done; \
         echo 'needle of the remote' > {ROOT}/file.txt; ln -s /etc/os-release {ROOT}/out; \
         chown -R 1000:1000 {ROOT} {HOME} /tmp/shared /tmp/to-edit",
        home.join(" ")
    ));
    (remote, laptop)
}

/// Files that both machines have, with another content each.
const SHARED: [&str; 6] = [
    "/etc/os-release",
    "/tmp/shared",
    "/tmp/to-edit",
    "/usr/local/share/d/x",
    "/opt/x/y",
    "/srv/far/above.txt",
];

/// The project as the user names it.
fn target() -> String {
    format!("{USER}@far:{ROOT}")
}
