//! Where settings come from, in order: the user's file, its table for the host, the directory's file, the
//! environment, the flags. The later one wins.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::value::Text;
use super::{Config, ConfigError, KEYS, bridge};
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
            ("--outside", "outside", word(&options.outside)),
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
}
