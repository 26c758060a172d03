//! Where settings come from, in order: the user's file, its table for the host, the directory's file, the
//! environment, the flags. The later one wins.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::value::Text;
use super::{Config, KEYS, bridge};
use crate::args::Options;
use crate::error::Error;
use crate::target::Target;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// A file.
    File(PathBuf),
    /// A host's table of a file.
    Host(PathBuf, String),
    /// An environment variable.
    Environment(&'static str),
    /// An option of the command line.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Host(path, host) => write!(f, "{} [hosts.{host}]", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Why the settings cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file is there but cannot be read.
    #[error("the configuration {} cannot be read", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file does not follow its format.
    #[error("{}:{line}: {message}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key that does not exist.
    #[error("{place}: there is no key {key:?}")]
    Key {
        /// File and line, or file.
        place: String,
        /// As written.
        key: String,
        /// The key that comes nearest.
        nearest: &'static str,
    },
    /// A value of the wrong kind.
    #[error("{place}: {key}: {expected}")]
    Value {
        /// File and line, environment, or flag.
        place: String,
        /// The key.
        key: String,
        /// What the key takes.
        expected: String,
    },
}

impl ConfigError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Key { nearest, .. } => {
                Some(format!("{nearest}, or remove the line (pii config show lists the keys)"))
            }
            Self::Read { .. } => None,
            Self::Syntax { .. } | Self::Value { .. } => {
                Some("correct it there; pii config show lists the keys".into())
            }
        }
    }
}

impl Config {
    /// The settings for this command line, environment and working directory.
    pub fn load(options: &Options) -> Result<Self, Error> {
        let mut config = Self::default();
        let host = match &options.ssh {
            Some(text) => Some(parse_target(text)?.host),
            None => None,
        };
        if let Some(file) = user_file() {
            config.add_toml(&file, host.as_deref())?;
        }
        config.add_bridge(Path::new(bridge::FILE))?;
        config.add_environment(|name| std::env::var_os(name))?;
        config.add_flags(options)?;
        Ok(config)
    }

    fn add_toml(&mut self, file: &Path, host: Option<&str>) -> Result<(), ConfigError> {
        let Some(text) = read(file)? else { return Ok(()) };
        let document = DeTable::parse(&text).map_err(|error| ConfigError::Syntax {
            file: file.to_owned(),
            line: error.span().map_or(1, |span| line(&text, span.start)),
            message: error.message().to_owned(),
        })?;
        let mut of_host = None;
        for (key, value) in document.get_ref() {
            let place = format!("{}:{}", file.display(), line(&text, key.span().start));
            let (key, value) = (key.get_ref(), value.get_ref());
            match value {
                DeValue::Table(hosts) if key == "hosts" => {
                    for (name, table) in hosts {
                        let DeValue::Table(table) = table.get_ref() else {
                            let expected = "a table is expected: [hosts.NAME]".to_owned();
                            return Err(ConfigError::Value {
                                place,
                                key: format!("hosts.{}", name.get_ref()),
                                expected,
                            });
                        };
                        // Each table is checked, also those of other hosts.
                        Self::default().add_table("", table, (file, &text), &Source::Default)?;
                        if host == Some(name.get_ref()) {
                            of_host = Some((name.get_ref().to_string(), table));
                        }
                    }
                }
                _ => self.add_entry(place, key, value, (file, &text), &Source::File(file.to_owned()))?,
            }
        }
        match of_host {
            Some((name, table)) => {
                self.add_table("", table, (file, &text), &Source::Host(file.to_owned(), name))
            }
            None => Ok(()),
        }
    }

    /// Adds the entries of a table whose keys begin with `prefix`.
    fn add_table(
        &mut self,
        prefix: &str,
        table: &DeTable,
        (file, text): (&Path, &str),
        source: &Source,
    ) -> Result<(), ConfigError> {
        for (key, value) in table {
            let place = format!("{}:{}", file.display(), line(text, key.span().start));
            let key = format!("{prefix}{}", key.get_ref());
            self.add_entry(place, &key, value.get_ref(), (file, text), source)?;
        }
        Ok(())
    }

    /// Adds a value, or all values of a table like `[env]`.
    fn add_entry(
        &mut self,
        place: String,
        key: &str,
        value: &DeValue,
        within: (&Path, &str),
        source: &Source,
    ) -> Result<(), ConfigError> {
        let prefix = format!("{key}.");
        if !KEYS.iter().any(|(name, _, _)| name.starts_with(&prefix)) {
            return self.add_value(place, key, Text::Toml(value), source.clone());
        }
        match value {
            DeValue::Table(table) => self.add_table(&prefix, table, within, source),
            _ => {
                let expected = format!("a table is expected: [{key}]");
                Err(ConfigError::Value { place, key: key.to_owned(), expected })
            }
        }
    }

    pub(super) fn add_value(
        &mut self,
        place: String,
        key: &str,
        text: Text,
        source: Source,
    ) -> Result<(), ConfigError> {
        if !KEYS.iter().any(|(name, _, _)| *name == key) {
            let names = KEYS.iter().map(|(name, _, _)| *name).chain(["hosts"]);
            return Err(ConfigError::Key { place, key: key.to_owned(), nearest: nearest(key, names) });
        }
        self.set(key, text, source).map_err(|expected| ConfigError::Value {
            place,
            key: key.to_owned(),
            expected,
        })
    }

    fn add_environment(&mut self, get: impl Fn(&str) -> Option<OsString>) -> Result<(), ConfigError> {
        for (key, variable, _) in KEYS {
            let Some(value) = get(variable).filter(|value| !value.is_empty()) else { continue };
            let text = plain(value, variable, key)?;
            self.add_value((*variable).to_owned(), key, Text::Plain(text), Source::Environment(variable))?;
        }
        Ok(())
    }

    fn add_flags(&mut self, options: &Options) -> Result<(), ConfigError> {
        let path = |path: &Option<PathBuf>| path.clone().map(OsString::from);
        let word = |word: &Option<String>| word.clone().map(OsString::from);
        let flags = [
            ("--program", "program", path(&options.program)),
            ("--node", "node", path(&options.node)),
            ("--log", "log", path(&options.log)),
            ("--transport", "transport", word(&options.transport)),
            ("--stream", "stream", word(&options.stream)),
            ("--become", "become", word(&options.become_user)),
            ("--exec-prefix", "execPrefix", word(&options.exec_prefix)),
        ];
        for (flag, key, value) in flags {
            let Some(value) = value else { continue };
            let text = plain(value, flag, key)?;
            self.add_value(flag.to_owned(), key, Text::Plain(text), Source::Flag(flag))?;
        }
        Ok(())
    }
}

/// The target named by `--ssh`.
pub fn parse_target(text: &str) -> Result<Target, Error> {
    text.parse().map_err(|source| Error::Target { text: text.to_owned(), source })
}

fn plain(value: OsString, place: &str, key: &str) -> Result<String, ConfigError> {
    value.into_string().map_err(|_| ConfigError::Value {
        place: place.to_owned(),
        key: key.to_owned(),
        expected: "it must be UTF-8".to_owned(),
    })
}

fn user_file() -> Option<PathBuf> {
    let directory = match std::env::var_os("XDG_CONFIG_HOME").filter(|value| !value.is_empty()) {
        Some(directory) => PathBuf::from(directory),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".config"),
    };
    Some(directory.join("pii/config.toml"))
}

/// The text of a file, `None` if there is none.
pub(super) fn read(file: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(source) => Err(ConfigError::Read { file: file.to_owned(), source }),
    }
}

fn line(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

/// The name that is written most alike.
pub(super) fn nearest<'a>(key: &str, names: impl Iterator<Item = &'a str>) -> &'a str {
    let distance = |name: &&str| strsim::damerau_levenshtein(&key.to_lowercase(), &name.to_lowercase());
    names.min_by_key(distance).expect("there are keys")
}

#[cfg(test)]
pub(super) mod tests {
    use wire_protocol::EnvironmentMode;

    use super::*;

    pub(in crate::config) fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        (directory, path)
    }

    #[test]
    fn the_later_source_wins() {
        let (_keep, path) =
            file("config.toml", "node = '/a'\nagentPort = 1\nlog='/l'\n[hosts.box]\nagentPort = 2\n");
        let mut config = Config::default();
        config.add_toml(&path, Some("box")).unwrap();
        assert_eq!(config.agent_port.value, 2);
        assert_eq!(config.agent_port.source, Source::Host(path.clone(), "box".into()));
        assert_eq!(config.node.source, Source::File(path.clone()));
        let get = |name: &str| match name {
            "PII_NODE" => Some("/env".into()),
            "PII_READ_ROOTS" => Some("/x:/y".into()),
            "PII_LOG" => Some(OsString::new()),
            _ => None,
        };
        config.add_environment(get).unwrap();
        assert_eq!(config.node.source, Source::Environment("PII_NODE"));
        assert_eq!(config.read_roots.value, ["/x", "/y"]);
        assert_eq!(config.log.value, Some("/l".into()));
        config.add_flags(&Options { node: Some("/flag".into()), ..Options::default() }).unwrap();
        assert_eq!(config.node.value, Some("/flag".into()));
        assert_eq!(config.node.source, Source::Flag("--node"));
    }

    #[test]
    fn an_unknown_key_names_the_nearest_and_its_line() {
        for (text, expected) in [
            ("\nagentport = 1\n", ("agentPort", 2)),
            ("[hosts.other]\nreadRoot = []\n", ("readRoots", 2)),
            ("hots = 1\n", ("hosts", 1)),
            ("[env]\nforwards = []\n", ("env.forward", 2)),
        ] {
            let (_keep, path) = file("config.toml", text);
            let error = Config::default().add_toml(&path, None).unwrap_err();
            let ConfigError::Key { place, nearest, .. } = &error else { panic!("{error:?}") };
            assert_eq!(
                (*nearest, place.as_str()),
                (expected.0, format!("{}:{}", path.display(), expected.1).as_str())
            );
        }
    }

    #[test]
    fn the_environment_is_a_table_that_a_host_may_have_of_its_own() {
        let (_keep, path) = file(
            "config.toml",
            "env.mode = 'plain'\n[env.set]\nA = '1'\n[hosts.box.env]\nset = { B = 'b=c' }\nforward = ['X_*']\n",
        );
        let mut config = Config::default();
        config.add_toml(&path, Some("box")).unwrap();
        assert_eq!(config.env_mode.value, EnvironmentMode::Plain);
        assert_eq!(config.env_mode.source, Source::File(path.clone()));
        assert_eq!(config.env_set.value.0, [("B".to_owned(), "b=c".to_owned())]);
        assert_eq!(config.env_forward.value, ["X_*"]);
        let get = |name: &str| (name == "PII_ENV_SET").then(|| "C=secret\nD=".into());
        config.add_environment(get).unwrap();
        assert_eq!(config.env_set.value.0.len(), 2);
        let shown = config.show();
        assert!(shown.contains("env.set") && shown.contains("C:D") && !shown.contains("secret"), "{shown}");
    }

    #[test]
    fn a_wrong_value_of_the_environment_says_what_is_right() {
        for (text, said) in [
            ("env.mode = 'logn'", "\"login\" comes nearest"),
            ("env.mod = 'login'", "there is no key \"env.mod\""),
            ("env = 'login'", "a table is expected: [env]"),
            ("env.set = 'A=1'", "a table is expected: [env.set]"),
            ("env.set.A = 1", "a string is expected"),
            ("env.set.'A=B' = ''", "\"A=B\" cannot be in an environment"),
        ] {
            let (_keep, path) = file("config.toml", &format!("\n{text}\n"));
            let error = Config::default().add_toml(&path, None).unwrap_err();
            let place = format!("{}:2: ", path.display());
            assert!(error.to_string().starts_with(&place) && error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn mistakes_name_their_line() {
        let (_keep, path) = file("config.toml", "node = '/a'\nlog = [\n");
        assert!(matches!(
            Config::default().add_toml(&path, None),
            Err(ConfigError::Syntax { line: 2 | 3, .. })
        ));
        let (_keep, path) = file("config.toml", "\n\nagentPort = 'x'\n");
        let error = Config::default().add_toml(&path, None).unwrap_err();
        assert!(error.to_string().contains(":3: agentPort: a number from 0 to 65535"), "{error}");
    }
}
