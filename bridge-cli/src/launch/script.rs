//! What the user wrote behind `node`: Node's flags, the script, its arguments.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;

use super::is_beneath;

/// What pii knows of Node's options.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flags {
    /// Those whose value is the next word, unless they are joined to it by `=`.
    with_value: Vec<String>,
    /// Those of modes in which Node reads files beneath `fs`.
    special: Vec<String>,
    /// Those that take code instead of a script; all that follows belongs to Node.
    code: Vec<String>,
}

static FLAGS: LazyLock<Flags> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../js/node-flags.json")).expect("a file of ours, read by a test")
});

/// Modes whose words are no script.
const WITHOUT_SCRIPT: [&str; 2] = ["--test", "--run"];

/// Where a script lies.
#[derive(Debug, PartialEq, Eq)]
pub enum Side {
    /// A file of the laptop, absolute.
    Laptop(PathBuf),
    /// A file of the remote, absolute.
    Remote(PathBuf),
}

/// Endings of the files a script may load from beside itself.
const MODULES: &[&str] = &["js", "mjs", "cjs", "ts", "mts", "cts", "json", "node", "wasm"];

impl Side {
    /// What of the laptop belongs to the script: its directory, where paths outside of the root are the laptop's
    /// (`local`). Else, and if one of the `roots` lies in there, only what the script may load from beside itself is meant.
    pub fn pins(&self, roots: &[&str], local: bool) -> Vec<PathBuf> {
        let Self::Laptop(script) = self else { return Vec::new() };
        let directory = script.parent().unwrap_or(Path::new("/"));
        if local && !roots.iter().any(|root| Path::new(root).starts_with(directory)) {
            return vec![directory.to_owned()];
        }
        with_modules(script)
    }
}

/// A file and the modules beside it.
fn with_modules(script: &Path) -> Vec<PathBuf> {
    let is_module = |path: &PathBuf| {
        path.extension().is_some_and(|ending| MODULES.iter().any(|known| ending == *known))
            || path.ends_with("node_modules")
    };
    let directory = script.parent().unwrap_or(Path::new("/"));
    let beside = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    std::iter::once(script.to_owned()).chain(beside.filter(is_module)).collect()
}

/// The option of pi for a directory that it makes itself.
const SESSION_DIRECTORY: &str = "--session-dir";

/// Options of pi that name files of the laptop.
const NAMING: &[&str] = &[
    "-e",
    "--extension",
    "--skill",
    "--prompt-template",
    "--theme",
    SESSION_DIRECTORY,
    "--session",
    "--fork",
    "--export",
];

/// What pi's words name of the laptop, where it is not beneath the root: a session, extensions, skills and the like that are
/// there, and the directory for sessions.
pub fn named_files(words: &[OsString], root: &str) -> Vec<PathBuf> {
    let named = words.windows(2).filter(|pair| NAMING.iter().any(|name| pair[0] == *name));
    let paths = named.filter_map(|pair| {
        let path = match Path::new(&pair[1]).strip_prefix("~") {
            Ok(below) => super::home().join(below),
            Err(_) => PathBuf::from(&pair[1]),
        };
        let is_made = pair[0] == *SESSION_DIRECTORY;
        (path.is_absolute() && !is_beneath(&path, root) && (is_made || path.exists())).then_some(path)
    });
    paths.flat_map(|path| if path.is_file() { with_modules(&path) } else { vec![path] }).collect()
}

/// Names the script by an absolute path, since the program's real working directory is another. A file of the laptop
/// counts unless it lies beneath the root: there the remote's file of that name is meant.
pub fn locate(words: &mut [OsString], cwd: &Path, root: &str) -> Option<Side> {
    let at = position(words)?;
    let word = Path::new(&words[at]);
    let local = path_clean::clean(cwd.join(word));
    let side = if !is_beneath(&local, root) && local.is_file() {
        Side::Laptop(local)
    } else {
        Side::Remote(path_clean::clean(Path::new(root).join(word)))
    };
    let (Side::Laptop(path) | Side::Remote(path)) = &side;
    words[at] = path.clone().into();
    Some(side)
}

/// Whether Node's words ask for a mode in which it reads files beneath `fs`.
pub fn has_mode(words: &[OsString]) -> bool {
    let mut flags = words[..flags_end(words)].iter().map(|word| word.to_string_lossy());
    flags.any(|word| FLAGS.special.iter().any(|flag| word.split('=').next() == Some(flag)))
}

/// The index of the script among the words.
fn position(words: &[OsString]) -> Option<usize> {
    let end = flags_end(words);
    let without = |word: &OsString| {
        WITHOUT_SCRIPT.iter().any(|name| word == name || word.as_bytes().starts_with(b"--run="))
    };
    if words[..end].iter().any(without) {
        return None;
    }
    let at = if words.get(end)? == "--" { end + 1 } else { end };
    let is_script = |word: &&OsString| end < at || !word.as_bytes().starts_with(b"-");
    words.get(at).filter(is_script).map(|_| at)
}

/// How many of the words are Node's flags and their values: up to a script, code or `--`.
fn flags_end(words: &[OsString]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let is = |names: &[String]| names.iter().any(|name| word == OsStr::new(name));
        let is_code = is(&FLAGS.code)
            || [&b"--eval="[..], b"--print="].iter().any(|name| word.as_bytes().starts_with(name));
        if word == "--" || word == "-" || is_code || !word.as_bytes().starts_with(b"-") {
            return at;
        }
        at += if is(&FLAGS.with_value) { 2 } else { 1 };
    }
    words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn flags_and_their_values_are_no_scripts() {
        for (line, expected) in [
            ("x.mjs a", Some(0)),
            ("--no-warnings -r dotenv --import=y x.mjs -e", Some(4)),
            ("--expose-gc -- x.mjs", Some(2)),
            ("-e 1+1 x", None),
            ("--eval=1 x", None),
            ("-", None),
            ("--check", None),
        ] {
            let position = position(&words(line));
            assert_eq!(position, expected, "{line}");
        }
    }

    #[test]
    fn what_pi_s_words_name_is_the_laptop_s_if_it_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path().to_str().unwrap();
        for name in ["ext.ts", "beside.js", "notes.txt"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let line =
            format!("-e {at}/ext.ts --skill {at}/none --session-dir {at}/new -e /srv/app/x @{at}/notes.txt");
        let mut named = named_files(&words(&line), "/srv/app");
        named.sort();
        named.dedup();
        assert_eq!(named, ["beside.js", "ext.ts", "new"].map(|name| directory.path().join(name)));
    }

    #[test]
    fn modes_are_told_by_flags_before_the_script() {
        for (line, expected) in [
            ("--test", true),
            ("--no-warnings --env-file=.env x.mjs", true),
            ("--env-file .env x.mjs", true),
            ("x.mjs --test", false),
            ("-r x y.mjs --watch", false),
            ("-e --test", false),
        ] {
            assert_eq!(has_mode(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn the_laptops_file_counts_unless_it_lies_beneath_the_root() {
        let directory = tempfile::tempdir().unwrap();
        let cwd = directory.path();
        std::fs::write(cwd.join("x.mjs"), "").unwrap();
        let mut line = words("--flag x.mjs a");
        assert_eq!(locate(&mut line, cwd, "/srv/app"), Some(Side::Laptop(cwd.join("x.mjs"))));
        assert_eq!(line[1], cwd.join("x.mjs").into_os_string());
        let mut line = words("tools/y.mjs");
        assert_eq!(locate(&mut line, cwd, "/srv/app"), Some(Side::Remote("/srv/app/tools/y.mjs".into())));
        let root = cwd.to_str().unwrap();
        let mut line = words("./x.mjs");
        assert_eq!(locate(&mut line, cwd, root), Some(Side::Remote(cwd.join("x.mjs"))));
    }

    #[test]
    fn the_scripts_directory_stays_on_the_laptop_unless_the_root_lies_in_it() {
        let directory = tempfile::tempdir().unwrap();
        let cwd = directory.path();
        for name in ["x.mjs", "helper.mjs", "AGENTS.md"] {
            std::fs::write(cwd.join(name), "").unwrap();
        }
        let side = Side::Laptop(cwd.join("x.mjs"));
        assert_eq!(side.pins(&["/srv/app", "/tmp"], true), [cwd]);
        let pins = side.pins(&["/tmp", cwd.join("app").to_str().unwrap()], true);
        assert!(pins.contains(&cwd.join("helper.mjs")) && !pins.contains(&cwd.join("AGENTS.md")), "{pins:?}");
    }
}
