//! The kinds of values a setting can have.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::{DeArray, DeValue};
use wire_protocol::{AfterExit, EnvironmentMode, Outside};

use super::sources::nearest;
use crate::links::LinkKind;
use crate::ssh::Transport;

/// What a setting is read from.
pub enum Text<'a> {
    /// A value of a TOML file.
    Toml(&'a DeValue<'a>),
    /// An environment variable or a flag; lists are separated by colons.
    Plain(String),
}

/// A type a setting can have.
pub trait Value: Sized {
    /// Reads it; the error says what was expected.
    fn read(text: Text) -> Result<Self, String>;
    /// As `config show` prints it.
    fn show(&self) -> String;
}

/// A size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

/// A duration of whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub u64);

impl Seconds {
    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

/// Names with a value each. A value may be a secret: it is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Names(pub Vec<(String, String)>);

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

fn text(text: Text, expected: &str) -> Result<String, String> {
    match text {
        Text::Plain(text) => Ok(text),
        Text::Toml(value) => value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("{expected} is expected, not {}", value.type_str())),
    }
}

fn number(text: Text, range: std::ops::RangeInclusive<u64>) -> Result<u64, String> {
    let digits = match &text {
        Text::Plain(text) => text.as_str(),
        Text::Toml(value) => value.as_integer().map_or("", |integer| integer.as_str()),
    };
    let number = digits.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("a number from {} to {} is expected", range.start(), range.end()))
}

impl Value for String {
    fn read(from: Text) -> Result<Self, String> {
        text(from, "a string")
    }
    fn show(&self) -> String {
        if self.is_empty() { "-".into() } else { self.clone() }
    }
}

impl Value for bool {
    fn read(from: Text) -> Result<Self, String> {
        let read = match &from {
            Text::Plain(text) => text.parse().ok(),
            Text::Toml(value) => value.as_bool(),
        };
        read.ok_or_else(|| "true or false is expected".to_owned())
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for Option<PathBuf> {
    fn read(from: Text) -> Result<Self, String> {
        let path = text(from, "a path")?;
        if path.is_empty() {
            return Ok(None);
        }
        match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
            (Some(rest), Some(home)) => Ok(Some(PathBuf::from(home).join(rest))),
            _ => Ok(Some(path.into())),
        }
    }
    fn show(&self) -> String {
        self.as_ref().map_or("-".into(), |path| path.display().to_string())
    }
}

impl Value for Vec<String> {
    fn read(from: Text) -> Result<Self, String> {
        let expected = "a list of strings is expected";
        match from {
            Text::Plain(text) => Ok(text.split(':').filter(|s| !s.is_empty()).map(str::to_owned).collect()),
            Text::Toml(DeValue::Array(array)) => strings(array).ok_or_else(|| expected.into()),
            Text::Toml(_) => Err(expected.into()),
        }
    }
    fn show(&self) -> String {
        if self.is_empty() { "-".into() } else { self.join(":") }
    }
}

fn strings(array: &DeArray) -> Option<Vec<String>> {
    array.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
}

impl Value for Names {
    fn read(from: Text) -> Result<Self, String> {
        let named = |name: &str| !name.is_empty() && !name.contains(['=', '\0']);
        let pairs = match from {
            Text::Plain(text) => text
                .lines()
                .map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
                .collect::<Option<Vec<_>>>()
                .ok_or("lines of NAME=VALUE are expected")?,
            Text::Toml(DeValue::Table(table)) => table
                .iter()
                .map(|(name, value)| {
                    value.get_ref().as_str().map(|text| (name.get_ref().to_string(), text.to_owned()))
                })
                .collect::<Option<Vec<_>>>()
                .ok_or("a string is expected for each name")?,
            Text::Toml(_) => return Err("a table is expected: [env.set]".into()),
        };
        match pairs.iter().find(|(name, value)| !named(name) || value.contains('\0')) {
            Some((name, _)) => Err(format!("{name:?} cannot be in an environment")),
            None => Ok(Self(pairs)),
        }
    }
    fn show(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|(name, _)| name.clone()).collect();
        names.show()
    }
}

/// One of several words, each with its meaning.
trait Choice: Copy + PartialEq + 'static {
    const WORDS: &[(&'static str, Self)];
}

impl Choice for EnvironmentMode {
    const WORDS: &[(&'static str, Self)] = &[("login", Self::Login), ("plain", Self::Plain)];
}

impl Choice for Option<Outside> {
    const WORDS: &[(&'static str, Self)] = &[
        ("auto", None),
        ("deny", Some(Outside::Deny)),
        ("read", Some(Outside::Read)),
        ("local", Some(Outside::Local)),
    ];
}

impl Choice for AfterExit {
    const WORDS: &[(&'static str, Self)] = &[("keep", Self::Keep), ("end", Self::End)];
}

impl Choice for Transport {
    const WORDS: &[(&'static str, Self)] = &[("russh", Self::Russh), ("openssh", Self::OpenSsh)];
}

impl Choice for Option<LinkKind> {
    const WORDS: &[(&'static str, Self)] = &[
        ("auto", None),
        ("unix", Some(LinkKind::Unix)),
        ("tcp", Some(LinkKind::Tcp)),
        ("stdio", Some(LinkKind::Stdio)),
    ];
}

impl<T: Choice> Value for T {
    fn read(from: Text) -> Result<Self, String> {
        let words = || T::WORDS.iter().map(|(word, _)| *word);
        let expected = words().collect::<Vec<_>>().join(" or ");
        let name = text(from, &expected)?;
        let chosen = T::WORDS.iter().find(|(word, _)| *word == name);
        chosen.map(|(_, value)| *value).ok_or_else(|| {
            let nearest = nearest(&name, words());
            format!("{expected} is expected, not {name:?}; {nearest:?} comes nearest")
        })
    }
    fn show(&self) -> String {
        let word = T::WORDS.iter().find(|(_, value)| value == self);
        word.map_or_else(String::new, |(word, _)| (*word).to_owned())
    }
}

impl Value for u16 {
    fn read(from: Text) -> Result<Self, String> {
        // The range is that of the type.
        number(from, 0..=u16::MAX.into()).map(|number| number as u16)
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for Bytes {
    fn read(from: Text) -> Result<Self, String> {
        number(from, 0..=1 << 40).map(Bytes)
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Value for Seconds {
    fn read(from: Text) -> Result<Self, String> {
        number(from, 1..=86_400).map(Seconds)
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}
