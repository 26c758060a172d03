//! What makes a remote run programs of another kind of machine: a user namespace in which the kernel hands them to qemu.

use std::path::Path;

/// Enters the namespace, from which on the kernel knows what to do with aarch64's files, and becomes the words that
/// follow. Ids are the same in it. It is the first process of a machine, and root has to map its ids from outside.
pub const AARCH64: &str = r#"set -e
mkfifo /run/made /run/mapped
{ read -r _ </run/made
  echo '0 0 4294967295' >/proc/1/uid_map
  echo '0 0 4294967295' >/proc/1/gid_map
  echo >/run/mapped; } &
exec unshare --user --mount /bin/sh -c '
  set -e
  echo >/run/made; read -r _ </run/mapped
  mkdir /run/formats
  mount -t binfmt_misc binfmt_misc /run/formats ||
    { echo "Linux 6.7 or newer is needed: binfmt_misc has to belong to a namespace" >&2; exit 1; }
  printf %s "$0" >/run/formats/register
  rm /run/made /run/mapped
  exec "$@"' "$@"
"#;

/// How aarch64's files begin, and who runs them: `qemu`, opened here and now, so that it need not be found from where
/// they are run.
pub fn format(qemu: &Path) -> String {
    format!(
        r":qemu-aarch64:M::{}:{}:{}:PF",
        r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00",
        r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff",
        qemu.display()
    )
}
