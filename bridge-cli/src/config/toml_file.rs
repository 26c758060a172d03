//! The user's file: TOML, with a table for each host.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::sources::read;
use super::value::Text;
use super::{Config, ConfigError, KEYS, Source};

impl Config {
    /// Adds what the file says, and after that what its table for this host says, if there is a file.
    pub(super) fn add_toml(&mut self, file: &Path, host: Option<&str>) -> Result<(), ConfigError> {
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
}

fn line(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::super::sources::tests::file;
    use super::*;

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
