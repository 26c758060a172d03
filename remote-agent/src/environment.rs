//! The environment of a process: that of the login, changed as the caller asks.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
};

use serde_bytes::ByteBuf;
use wire_protocol::processes::{Environment, SearchPath};

use crate::login::Variables;

/// What a process cannot do without: kept even in a bare environment.
const KEPT: [&str; 13] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "COLORTERM",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "HOSTNAME",
];

/// Where commands are looked for if the login set no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// The whole environment of a process that starts in the directory `cwd`.
pub fn compose(own: &Variables, change: Environment, cwd: &OsStr) -> Variables {
    let wanted = own.iter().filter(|(name, _)| !change.bare || is_kept(name));
    let mut variables: Variables = wanted.map(|(name, value)| (name.clone(), value.clone())).collect();
    variables.entry("PATH".into()).or_insert_with(|| DEFAULT_PATH.into());
    for name in change.unset {
        variables.remove(OsStr::from_bytes(&name));
    }
    for (name, value) in change.set {
        variables.insert(OsString::from_vec(name.into_vec()), OsString::from_vec(value.into_vec()));
    }
    if let Some(path) = variables.get_mut(OsStr::new("PATH")) {
        *path = joined(&change.path, path);
    }
    // A program may believe PWD before it asks the kernel.
    variables.insert("PWD".into(), cwd.into());
    variables
}

/// The PATH that is meant where the login's is `own`.
fn joined(path: &SearchPath, own: &OsStr) -> OsString {
    let text = |entry: &ByteBuf| OsStr::from_bytes(entry).to_owned();
    let entries: Vec<OsString> = match path {
        SearchPath::Login => return own.to_owned(),
        SearchPath::Around(around) => {
            let (before, after) = (around.before.iter().map(text), around.after.iter().map(text));
            before.chain([own.to_owned()]).chain(after).collect()
        }
        SearchPath::Exactly(entries) => entries.iter().map(text).collect(),
    };
    entries.join(OsStr::new(":"))
}

fn is_kept(name: &OsStr) -> bool {
    KEPT.iter().any(|kept| name == *kept) || name.as_bytes().starts_with(b"LC_")
}

#[cfg(test)]
mod tests {
    use wire_protocol::processes::Around;

    use super::*;

    fn own() -> Variables {
        [("HOME", "/h"), ("LC_ALL", "C"), ("EDITOR", "ed"), ("A", "1")]
            .map(|(a, b)| (a.into(), b.into()))
            .into()
    }

    fn bytes(text: &str) -> ByteBuf {
        ByteBuf::from(text)
    }

    fn text(variables: &Variables) -> String {
        variables.iter().map(|(a, b)| format!("{}={} ", a.display(), b.display())).collect()
    }

    #[test]
    fn names_are_unset_then_set() {
        let change = Environment {
            bare: false,
            set: vec![(bytes("A"), bytes("2")), (bytes("PWD"), bytes("/elsewhere"))],
            unset: vec![bytes("A"), bytes("EDITOR"), bytes("NOTHING")],
            path: SearchPath::Around(Around { before: vec![bytes("/w/bin")], after: vec![] }.into()),
        };
        let variables = compose(&own(), change, OsStr::new("/w"));
        assert_eq!(text(&variables), format!("A=2 HOME=/h LC_ALL=C PATH=/w/bin:{DEFAULT_PATH} PWD=/w "));
    }

    #[test]
    fn a_bare_environment_keeps_what_processes_need() {
        let change = Environment { bare: true, ..Environment::default() };
        let variables = compose(&own(), change, OsStr::new("/w"));
        assert_eq!(text(&variables), format!("HOME=/h LC_ALL=C PATH={DEFAULT_PATH} PWD=/w "));
    }
}
