//! How to go on with a session of pi, said behind pi's own words, which would go on without the remote.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::args::Options;

/// Where a session of pi may be found once it has ended.
pub struct Resume {
    /// Where pi keeps the sessions of this machine and root.
    pub directory: PathBuf,
    /// When it began.
    pub since: SystemTime,
}

impl Resume {
    /// The command that goes on with the session, if pi has kept one and somebody reads it.
    pub fn command(&self, options: &Options) -> Option<String> {
        if !std::io::stdout().is_terminal() {
            return None;
        }
        let id = self.last_id()?;
        let mut words = vec!["pii".to_owned()];
        words.extend(options.words());
        words.extend(["--session".to_owned(), id]);
        Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
    }

    /// The id of the session that was written last, by the name of its file: `TIME_ID.jsonl`.
    fn last_id(&self) -> Option<String> {
        let entries = std::fs::read_dir(&self.directory).ok()?.flatten();
        let times = entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())));
        let (_, file) = times.filter(|(time, path)| *time >= self.since && is_session(path)).max()?;
        let (_, id) = file.file_stem()?.to_str()?.split_once('_')?;
        Some(id.to_owned())
    }
}

fn is_session(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "jsonl")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./_-~[]".contains(&byte);
    // A tilde or a bracket means something to a shell in some places only, which are not worth telling apart.
    let special = word.starts_with('~') || word.contains('[');
    if !word.is_empty() && word.bytes().all(is_plain) && !special {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_session_is_named() {
        let directory = tempfile::tempdir().unwrap();
        // The clock of a file system may be a little behind.
        let since = SystemTime::now() - std::time::Duration::from_secs(1);
        let resume = Resume { directory: directory.path().to_owned(), since };
        assert_eq!(resume.last_id(), None);
        std::fs::write(directory.path().join("2026-11-28T01-02-03-004Z_0198-ab.jsonl"), "").unwrap();
        std::fs::write(directory.path().join("other.txt"), "").unwrap();
        assert_eq!(resume.last_id().as_deref(), Some("0198-ab"));
        let later = Resume { since: SystemTime::now() + std::time::Duration::from_secs(60), ..resume };
        assert_eq!(later.last_id(), None);
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, shown) in [
            ("me@far:/srv/app", "me@far:/srv/app"),
            ("h:/a b", "'h:/a b'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}
