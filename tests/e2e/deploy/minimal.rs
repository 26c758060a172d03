//! A remote that has nothing but a few programs of busybox.

use super::Site;
use crate::remote::{ROOT, Remote};

/// Where its tree lies on the remote that holds it.
pub const TREE: &str = "/srv/small";

/// All that the deployment needs, besides `/bin/sh`.
const FEWEST: &str = "cat chmod head id ls mkdir mv rm rmdir sha256sum uname";

/// Makes the tree, with these programs.
#[track_caller]
pub fn plant(remote: &Remote, programs: &str) {
    remote.sh(&format!(
        "mkdir -p {TREE}/bin {TREE}/dev {TREE}/proc {TREE}/root {TREE}/tmp {TREE}{ROOT}
         chmod 1777 {TREE}/tmp
         cp --parents -L /bin/busybox $(ldd /bin/busybox | grep -o '/[^ ]*') {TREE}
         for name in sh {programs}; do ln -s busybox {TREE}/bin/$name; done
         mount --bind /dev {TREE}/dev && mount -t proc proc {TREE}/proc"
    ));
}

/// A remote where whoever logs in is in the tree.
fn small(programs: &str) -> Site {
    let command =
        format!("ForceCommand PATH=/bin exec /usr/sbin/chroot {TREE} /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n");
    let remote = Remote::with_sshd(&command);
    plant(&remote, programs);
    Site::of(remote)
}

#[test]
fn all_of_busybox_is_enough() {
    let site = small("$(busybox --list | grep -vx -e sh -e busybox)");
    site.deploys_into(&format!("{TREE}/root/.cache/pii"), "root", &[]);
}

#[test]
fn the_fewest_programs_are_enough() {
    let site = small(FEWEST);
    let directory = format!("{TREE}/root/.cache/pii");
    site.deploys_into(&directory, "root", &[]);
    let says = "import { execSync } from 'node:child_process';\n\
                process.stdout.write(execSync('for name in python3 curl tar gzip base64 node; do\\n\
                command -v $name; done; echo only; cat /bin/sh | head -c 4'));";
    assert_eq!(site.run(says, &[]).ok(), "only\n\u{7f}ELF");
    site.remote.assert_nothing_left();
}
