//! From Hello to Ready: resolving the roots and opening the doors.

use std::{
    env,
    io::{self, BufRead},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::io::{Errno, Result};
use wire_protocol::{Hello, Ready, Refusal, Root, Served, TOKEN_BYTES, VERSION};

use crate::{
    carried::Carried,
    door::Door,
    errno, repository,
    roots::{Resolver, Roots},
    served_root::{Rights, ServedRoot},
    temp::TempDirectory,
};

/// Longest Hello line that is read.
const MAX_HELLO: u64 = 1024 * 1024;

/// All that is there before the first stream.
pub struct Start {
    /// The served directories.
    pub roots: Roots,
    /// Where links come in.
    pub door: Door,
    /// What to tell the sender of Hello.
    pub ready: Ready,
    /// The session's temp directory, where it could be made.
    pub temp: Option<TempDirectory>,
}

/// Reads the Hello line. `None` if the input ends before it. A Hello of another release that cannot be
/// understood any more is refused by its version.
pub fn read_hello(input: impl BufRead) -> io::Result<Option<std::result::Result<Hello, Refusal>>> {
    let mut line = String::new();
    input.take(MAX_HELLO).read_line(&mut line)?;
    if !line.ends_with('\n') {
        return Ok(None);
    }
    let value: serde_json::Value = serde_json::from_str(&line)?;
    if value.get("version").and_then(serde_json::Value::as_str).is_some_and(|version| version != VERSION) {
        return Ok(Some(Err(Refusal::Version { agent: VERSION.to_owned() })));
    }
    let hello: Hello = serde_json::from_value(value)?;
    if hello.token.len() != 2 * TOKEN_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the token is not of the agreed length"));
    }
    Ok(Some(Ok(hello)))
}

/// Opens the roots and the door that `hello` asks for, within a runtime.
pub fn start(hello: &Hello, home: &Path, umask: u32) -> std::result::Result<Start, Refusal> {
    let (root, path) = open_root(&hello.root, home, true)?;
    let mut further = Further { served: vec![root], named: Vec::new() };
    for more in &hello.more_roots {
        let path = absolute(&more.path, home);
        match further.add(&path, more.writable).map_err(|errno| refused(&path, errno)) {
            Err(refusal) if !more.optional => return Err(refusal),
            _ => {}
        }
    }
    for directory in repository::around(Path::new(&path), home) {
        // What cannot be entered is no help to who works in the root.
        let _ = further.add(&directory, true);
    }
    let Further { mut served, named: more_roots } = further;
    let temp = TempDirectory::make(Path::new(&hello.temp)).ok();
    let mut of_temp = Further { served: Vec::new(), named: Vec::new() };
    let temp = temp.filter(|temp| of_temp.add(temp.path(), true).is_ok());
    served.append(&mut of_temp.served);
    let program = env::current_exe().unwrap_or_default();
    let refusal =
        |error: io::Error| Refusal::Listen { port: hello.port, code: errno::name(errno::of_io(&error)) };
    let door = Door::open(hello.port, program.parent()).map_err(refusal)?;
    let port = door.port().map_err(refusal)?;
    let socket = door.socket().map(|path| path.to_string_lossy().into_owned());
    let program = program.to_string_lossy().into_owned();
    let roots = Roots::new(served, Resolver::detect())
        .with_outside(hello.outside_readable, home.as_os_str().as_bytes())
        .map_err(|errno| Refusal::Root { path: "/".to_owned(), code: errno::name(errno) })?
        .with_carried(Carried::new(&hello.carried, home, temp.as_ref()));
    let home = home.to_string_lossy().into_owned();
    let served = Served { root: path, more_roots, temp: temp.is_some(), home, umask };
    let ready = Ready::Listening { port, socket, program, served };
    Ok(Start { roots, door, ready, temp })
}

/// The directories that are served, and what those besides the root are called.
struct Further {
    served: Vec<ServedRoot>,
    named: Vec<Root>,
}

impl Further {
    /// Adds a directory under its real path and, where links lead there, under the one it was asked for by.
    fn add(&mut self, asked: &Path, writable: bool) -> Result<()> {
        let (root, path) = open_canonical(asked, writable)?;
        let asked: PathBuf = asked.components().collect();
        if asked != Path::new(&path)
            && let Some(text) = asked.to_str()
        {
            let (same, _) = open_canonical(&asked, writable)?;
            self.push(same.called(text.as_bytes()), text.to_owned(), writable);
        }
        self.push(root, path, writable);
        Ok(())
    }

    fn push(&mut self, root: ServedRoot, path: String, writable: bool) {
        // The rights that were given first count.
        if self.served.iter().all(|other| other.components != root.components) {
            self.served.push(root);
            self.named.push(Root { path, writable, optional: false });
        }
    }
}

fn open_root(
    written: &str,
    home: &Path,
    writable: bool,
) -> std::result::Result<(ServedRoot, String), Refusal> {
    let path = absolute(written, home);
    open_canonical(&path, writable).map_err(|errno| refused(&path, errno))
}

fn refused(path: &Path, errno: Errno) -> Refusal {
    Refusal::Root { path: path.to_string_lossy().into_owned(), code: errno::name(errno) }
}

fn open_canonical(path: &Path, writable: bool) -> Result<(ServedRoot, String)> {
    let canonical = path.canonicalize().map_err(|error| errno::of_io(&error))?;
    let root = ServedRoot::open(canonical.as_os_str().as_bytes(), Rights::of(writable))?;
    // The handshake is text; a root whose real path is not cannot be named on the other side.
    let text = canonical.into_os_string().into_string().map_err(|_| Errno::ILSEQ)?;
    Ok((root, text))
}

/// The absolute path of a root as the user wrote it: `~`, `~/x`, relative to the home, or empty for the home.
fn absolute(written: &str, home: &Path) -> PathBuf {
    match written {
        "~" => home.to_path_buf(),
        _ => home.join(written.strip_prefix("~/").map_or(written, |below| below.trim_start_matches('/'))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_written_in_several_ways() {
        let home = Path::new("/h");
        for (written, path) in [
            ("", "/h/"),
            ("~", "/h"),
            ("~/", "/h/"),
            ("~/a", "/h/a"),
            ("~//a", "/h/a"),
            ("a/b", "/h/a/b"),
            ("/a", "/a"),
            ("~other", "/h/~other"),
        ] {
            assert_eq!(absolute(written, home), Path::new(path), "{written}");
        }
    }

    #[test]
    fn a_further_root_behind_a_link_is_served_under_both_its_paths() {
        let scratch = tempfile::tempdir().unwrap();
        let at = scratch.path().canonicalize().unwrap();
        std::fs::create_dir(at.join("real")).unwrap();
        std::os::unix::fs::symlink("real", at.join("link")).unwrap();
        let mut further = Further { served: Vec::new(), named: Vec::new() };
        further.add(&at.join("link"), true).unwrap();
        further.add(&at.join("real"), false).unwrap();
        let named: Vec<_> = further.named.iter().map(|root| (Path::new(&root.path), root.writable)).collect();
        assert_eq!(named, [(at.join("link").as_path(), true), (at.join("real").as_path(), true)]);
        let roots = Roots::new(further.served, Resolver::detect());
        assert!(
            roots
                .find(at.join("link").as_os_str().as_bytes(), true, crate::served_root::Intent::Change)
                .is_ok()
        );
    }

    #[test]
    fn a_hello_of_another_release_is_refused_even_if_it_says_other_things() {
        let line = b"{\"version\":\"0.0.0\",\"key\":1}\n";
        let hello = read_hello(&line[..]).unwrap().unwrap();
        assert_eq!(hello.err(), Some(Refusal::Version { agent: VERSION.to_owned() }));
        assert!(read_hello(&b""[..]).unwrap().is_none());
        assert!(read_hello(&b"{\"version\""[..]).unwrap().is_none());
        assert!(read_hello(&b"{}\n"[..]).is_err());
    }
}
