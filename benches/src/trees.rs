//! The directories that are worked on. Each is made in the same way on the remote and on the machine that is measured
//! as the local disk.

use testbed::machine::Machine;

/// The root of the scripts that call `fs` or start git.
pub const TREE: &str = "/srv/bench";

/// The root with many files.
pub const LARGE: &str = "/srv/large";

/// A root as [`LARGE`], with few of them.
pub const SMALL: &str = "/srv/small";

/// Directories that nobody touched, for each kind of cold call.
pub const COLD: usize = 40;

/// Directories of a thousand entries that nobody touched.
pub const LISTINGS: usize = 5;

/// The repository that git looks at, a clone of 500 files.
pub const REPOSITORY: &str = "/srv/bench/repository";

/// A clone of its own for sshfs, whose inode numbers make git write the index anew.
pub const MOUNTED_REPOSITORY: &str = "/srv/bench/repository-mounted";

/// The file moved as a whole, in [`TREE`].
pub const BIG: &str = "big";

/// Makes [`TREE`] with a large file of so many MiB.
#[track_caller]
pub fn plant(machine: &Machine, mebibytes: u64) {
    machine.sh(&format!(
        r#"set -e
mkdir -p {TREE}/warm {TREE}/sizes {TREE}/written
cd {TREE}
for n in $(seq 1 20); do echo "$n" > "warm/name$n"; done
head -c 3072 /dev/urandom | base64 -w 0 > sizes/4k
head -c 49152 /dev/urandom | base64 -w 0 > sizes/64k
for kind in statSync readFileSync ssh; do
  for n in $(seq 1 {COLD}); do mkdir -p "cold/$kind/$n"; cp sizes/4k "cold/$kind/$n/file"; done
done
for n in $(seq 1 {LISTINGS}); do mkdir -p "listings/$n"; (cd "listings/$n"; touch $(seq -f 'entry%g' 1 1000)); done
head -c {mebibytes}M /dev/urandom > {BIG}
"#
    ));
    machine.sh(&format!(
        r#"set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
mkdir -p /srv/origin
cd /srv/origin
git init --quiet --initial-branch=main
for d in $(seq 1 25); do mkdir -p "src/part$d"; for n in $(seq 1 20); do echo "part $d, file $n" > "src/part$d/file$n.js"; done; done
git add .
git -c user.name=bench -c user.email=bench@localhost commit --quiet -m Begin
git clone --quiet /srv/origin {REPOSITORY}
git clone --quiet /srv/origin {MOUNTED_REPOSITORY}
"#
    ));
}

/// Makes [`LARGE`], of 100,000 files in 10,000 directories, and [`SMALL`], of 100 files in 10.
#[track_caller]
pub fn plant_projects(machine: &Machine) {
    for (root, outer) in [(LARGE, 100), (SMALL, 1)] {
        let inner = if outer == 1 { 10 } else { 100 };
        machine.sh(&format!(
            r#"set -e
for a in $(seq 1 {outer}); do
  mkdir -p $(seq -f "{root}/a$a/b%g" 1 {inner})
  for b in $(seq 1 {inner}); do for n in 1 2 3 4 5 6 7 8 9 10; do echo "$a $b $n" > "{root}/a$a/b$b/file$n"; done; done
done
"#
        ));
    }
}
