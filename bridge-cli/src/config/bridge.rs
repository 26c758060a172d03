//! `pi-bridge.config.json`: keys of another program for the same purpose, taken over and explained.

use std::path::Path;

use super::sources::{Source, nearest, read};
use super::value::Text;
use super::{Config, ConfigError};

/// The file, in the working directory.
pub const FILE: &str = "pi-bridge.config.json";

/// Its keys, and what each becomes here.
const KEYS: &[(&str, Bridge)] = &[
    ("tunnelPort", Bridge::Same("agentPort")),
    ("sandboxRoot", Bridge::Same("root")),
    ("httpTimeout", Bridge::Milliseconds("connectTimeout")),
    (
        "authTokenLength",
        Bridge::Nothing("authTokenLength has no effect: the token always has 32 random bytes."),
    ),
    ("gitPollInterval", Bridge::Nothing("gitPollInterval has no effect: the branch is watched, not polled.")),
];

enum Bridge {
    Same(&'static str),
    Milliseconds(&'static str),
    Nothing(&'static str),
}

impl Config {
    /// Adds what the file says, if there is one.
    pub(super) fn add_bridge(&mut self, file: &Path) -> Result<(), ConfigError> {
        let Some(text) = read(file)? else { return Ok(()) };
        let syntax = |line, message| ConfigError::Syntax { file: file.to_owned(), line, message };
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).map_err(|error| syntax(error.line(), error.to_string()))?;
        for (key, value) in object {
            let place = file.display().to_string();
            let Some((_, bridge)) = KEYS.iter().find(|(name, _)| *name == key) else {
                let nearest = nearest(&key, KEYS.iter().map(|(name, _)| *name));
                return Err(ConfigError::Key { place, key, nearest });
            };
            let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let (name, text) = match bridge {
                Bridge::Nothing(note) => {
                    self.notes.push(format!("{place}: {note}"));
                    continue;
                }
                Bridge::Same(name) => (name, plain),
                Bridge::Milliseconds(name) => match plain.parse::<u64>() {
                    Ok(milliseconds) => (name, milliseconds.div_ceil(1000).to_string()),
                    Err(_) => {
                        let expected = "a number of milliseconds is expected".to_owned();
                        return Err(ConfigError::Value { place, key, expected });
                    }
                },
            };
            self.notes.push(format!("{place}: {key} is {name} here."));
            self.add_value(place, name, Text::Plain(text), Source::File(file.to_owned()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sources::tests::file;
    use super::*;

    #[test]
    fn the_bridge_file_is_mapped_and_explained() {
        let (_keep, path) = file(
            FILE,
            r#"{"tunnelPort": 4000, "authTokenLength": 16, "gitPollInterval": 5, "sandboxRoot": "/s", "httpTimeout": 2500}"#,
        );
        let mut config = Config::default();
        config.add_bridge(&path).unwrap();
        assert_eq!(config.agent_port.value, 4000);
        assert_eq!(config.root.value, "/s");
        assert_eq!(config.connect_timeout.value.0, 3);
        assert_eq!(config.notes.len(), 5);
        let (_keep, path) = file(FILE, r#"{"tunelPort": 4000}"#);
        let error = Config::default().add_bridge(&path).unwrap_err();
        assert!(matches!(error, ConfigError::Key { nearest: "tunnelPort", .. }), "{error:?}");
    }
}
