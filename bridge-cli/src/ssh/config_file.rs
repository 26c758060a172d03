//! The configuration files of OpenSSH read without OpenSSH: `Host`, `Include` and the conditions of `Match` that need
//! no command. The result has the form of `ssh -G`. See ssh_config(5).

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use tracing::debug;

use super::SshError;
use super::known_hosts::matches_patterns;
use crate::error::Said;
use crate::target::Target;

/// The file of the system.
const SYSTEM: &str = "/etc/ssh/ssh_config";

/// Files that may include each other, as in OpenSSH.
const DEEPEST: usize = 16;

/// Keywords whose values add up; of all others the first one holds.
const LISTS: [&str; 8] = [
    "certificatefile",
    "dynamicforward",
    "identityfile",
    "localforward",
    "remoteforward",
    "sendenv",
    "setenv",
    "permitremoteopen",
];

/// Reads `file`, or the user's file and the system's.
pub fn read(target: &Target, file: Option<&Path>) -> Result<String, SshError> {
    let home = crate::launch::home();
    let mut reader = Reader { target, home, seen: HashSet::new(), out: String::new() };
    reader.set("host", &target.host);
    for (key, value) in [("user", target.user.clone()), ("port", target.port.map(|port| port.to_string()))] {
        if let Some(value) = value {
            reader.set(key, &value);
        }
    }
    match file {
        Some(file) => reader.file(file, 0, true)?,
        None => {
            let own = reader.home.join(".ssh/config");
            for file in [own.as_path(), Path::new(SYSTEM)] {
                if file.exists() {
                    reader.file(file, 0, true)?;
                }
            }
        }
    }
    Ok(reader.out)
}

struct Reader<'a> {
    target: &'a Target,
    home: PathBuf,
    seen: HashSet<String>,
    out: String,
}

impl Reader<'_> {
    fn file(&mut self, file: &Path, depth: usize, applies: bool) -> Result<(), SshError> {
        let wrong = |number: usize, why: &str| SshError::Config {
            source: Said(format!("{} line {number}: {why}", file.display())),
        };
        if depth > DEEPEST {
            return Err(wrong(1, "too many files include each other"));
        }
        let text = fs::read_to_string(file)
            .map_err(|error| SshError::Config { source: Said(format!("{}: {error}", file.display())) })?;
        // What stands before the first condition of an included file holds where the file is included.
        let mut active = applies;
        for (at, line) in text.lines().enumerate() {
            let words = split(line).ok_or_else(|| wrong(at + 1, "a quote is not closed"))?;
            let Some((key, args)) = words.split_first() else { continue };
            let key = key.to_lowercase();
            if args.is_empty() {
                return Err(wrong(at + 1, "the value is missing"));
            }
            match key.as_str() {
                "host" => active = applies && matches_patterns(args, &self.target.host),
                "match" => active = applies && self.fulfils(args),
                "include" => {
                    for pattern in args {
                        for included in
                            self.included(pattern).map_err(|error| wrong(at + 1, &error.to_string()))?
                        {
                            self.file(&included, depth + 1, active)?;
                        }
                    }
                }
                _ if active => self.set(&key, &args.join(" ")),
                _ => {}
            }
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: &str) {
        if self.seen.insert(key.to_owned()) || LISTS.contains(&key) {
            let value =
                if key == "hostname" { value.replace("%h", &self.target.host) } else { value.to_owned() };
            self.out += &format!("{key} {value}\n");
        }
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.out.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
    }

    /// Whether all conditions of a `Match` hold. One that only OpenSSH can decide does not.
    fn fulfils(&self, conditions: &[String]) -> bool {
        let mut words = conditions.iter();
        while let Some(word) = words.next() {
            let name = word.trim_start_matches('!').to_lowercase();
            if name == "all" {
                continue;
            }
            let Some(wanted) = words.next() else { return false };
            let patterns: Vec<String> = wanted.split(',').map(str::to_owned).collect();
            let text = match name.as_str() {
                "host" => self.value("hostname").unwrap_or(&self.target.host).to_owned(),
                "originalhost" => self.target.host.clone(),
                "user" => self.value("user").map_or_else(local_user, str::to_owned),
                "localuser" => local_user(),
                _ => {
                    debug!("without ssh, Match {name} counts as not fulfilled");
                    return false;
                }
            };
            if matches_patterns(&patterns, &text) == word.starts_with('!') {
                return false;
            }
        }
        true
    }

    /// The files of an `Include`, whose last part may have wildcards.
    fn included(&self, pattern: &str) -> io::Result<Vec<PathBuf>> {
        let path = match pattern.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => self.home.join(".ssh").join(pattern),
        };
        let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return Ok(Vec::new());
        };
        let patterns = [name.to_owned()];
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let found = entry.file_name();
            let found = found.to_string_lossy();
            if (!found.starts_with('.') || name.starts_with('.')) && matches_patterns(&patterns, &found) {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }
}

fn local_user() -> String {
    std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default()
}

/// The words of a line: the keyword may be parted by `=`, double quotes hold a word together, `#` ends the line where
/// a word would begin. `None` for an open quote.
fn split(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in line.trim().chars() {
        let parts =
            c.is_whitespace() || (c == '=' && words.len() < 2 && (words.is_empty() || word.is_none()));
        match c {
            '#' if !quoted && word.is_none() => break,
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            _ if parts && !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config");
        fs::write(directory.path().join("more"), "Port 7\nHost other\n  User nobody\n").unwrap();
        fs::write(&file, text.replace("@", &directory.path().display().to_string())).unwrap();
        read(&"far:/p".parse().unwrap(), Some(&file)).unwrap()
    }

    #[test]
    fn the_first_value_holds_and_lists_add_up() {
        let text =
            "Host f*r !near\n User=me # who\n IdentityFile \"~/a b\"\nHost *\n User you\n IdentityFile ~/c\n";
        assert_eq!(read_text(text), "host far\nuser me\nidentityfile ~/a b\nidentityfile ~/c\n");
    }

    #[test]
    fn what_is_for_others_is_left_out() {
        let text = "HostName %h.example\nHost near\n Port 1\nMatch exec true\n Port 2\nMatch host *.example user !x,*\n Port 3\n";
        assert_eq!(read_text(text), "host far\nhostname far.example\nport 3\n");
    }

    #[test]
    fn includes_hold_where_they_stand() {
        assert_eq!(read_text("Host far\n Include @/mo*\n Port 8\n User me\n"), "host far\nport 7\nuser me\n");
        assert_eq!(read_text("Host near\n Include @/more\nHost *\n User me\n"), "host far\nuser me\n");
        assert_eq!(
            read_text("Include @/missing* @/more\nProxyCommand = a --b=c\n"),
            "host far\nport 7\nproxycommand a --b=c\n"
        );
    }

    #[test]
    fn what_is_no_configuration_is_an_error() {
        for text in ["Port\n", "User \"me\n"] {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("config");
            fs::write(&file, text).unwrap();
            assert!(read(&"far:/p".parse().unwrap(), Some(&file)).is_err(), "{text}");
        }
    }
}
