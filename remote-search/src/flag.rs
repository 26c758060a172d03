//! A row of a table of flags, and how one is found by what the command line says.

use std::ffi::{OsStr, OsString};

/// A flag that changes options of type `O`.
pub struct Flag<O: 'static> {
    /// Its name.
    pub long: &'static str,
    /// Its letter.
    pub short: Option<char>,
    /// The name that takes it back.
    pub negated: Option<&'static str>,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What it does.
    pub effect: Effect<O>,
}

/// What a flag does.
pub enum Effect<O: 'static> {
    /// It is given, or taken back.
    Switch(fn(&mut O, bool)),
    /// It is given a value.
    Value(fn(&mut O, &OsStr) -> Result<(), String>),
    /// It is given a value behind `=`, or none.
    Optional(fn(&mut O, Option<&OsStr>) -> Result<(), String>),
    /// It is given all the words up to `;` or the end.
    Words(fn(&mut O, Vec<OsString>) -> Result<(), String>),
    /// The original has it, this program has not: why.
    Refused(&'static str),
}

impl<O> Flag<O> {
    /// A flag of one name.
    pub const fn new(long: &'static str, effect: Effect<O>) -> Self {
        Self { long, short: None, negated: None, aliases: &[], effect }
    }

    /// A flag without a value.
    pub const fn switch(long: &'static str, set: fn(&mut O, bool)) -> Self {
        Self::new(long, Effect::Switch(set))
    }

    /// A flag with a value.
    pub const fn value(long: &'static str, set: fn(&mut O, &OsStr) -> Result<(), String>) -> Self {
        Self::new(long, Effect::Value(set))
    }

    /// A flag that is not built in.
    pub const fn refused(long: &'static str, why: &'static str) -> Self {
        Self::new(long, Effect::Refused(why))
    }

    /// The same with a letter.
    pub const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    /// The same with a name that takes it back.
    pub const fn negated(mut self, name: &'static str) -> Self {
        self.negated = Some(name);
        self
    }

    /// The same with other names.
    pub const fn aliases(mut self, names: &'static [&'static str]) -> Self {
        self.aliases = names;
        self
    }
}

/// The flag of this letter.
pub fn by_letter<O>(flags: &'static [Flag<O>], letter: char) -> Option<&'static Flag<O>> {
    flags.iter().find(|flag| flag.short == Some(letter))
}

/// The flag of this name, and whether the name gives it or takes it back.
pub fn by_name<O>(flags: &'static [Flag<O>], name: &str) -> Option<(&'static Flag<O>, bool)> {
    flags.iter().find_map(|flag| {
        if flag.long == name || flag.aliases.contains(&name) {
            Some((flag, true))
        } else {
            (flag.negated == Some(name)).then_some((flag, false))
        }
    })
}

/// One line for each flag.
pub fn listing<O>(flags: &'static [Flag<O>]) -> String {
    let mut text = String::new();
    for flag in flags {
        let short = flag.short.map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        let tail = match flag.effect {
            Effect::Switch(_) => flag.negated.map_or_else(String::new, |name| format!(" (--{name})")),
            Effect::Value(_) => " VALUE".to_owned(),
            Effect::Optional(_) => "[=VALUE]".to_owned(),
            Effect::Words(_) => " COMMAND [WORD ...] [;]".to_owned(),
            Effect::Refused(why) => format!(": {why}"),
        };
        text += &format!("  {short}--{}{tail}\n", flag.long);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn check<O>(flags: &'static [Flag<O>]) {
        let mut names = HashSet::new();
        for flag in flags {
            let short = flag.short.map(String::from);
            let long =
                [Some(flag.long), flag.negated].into_iter().flatten().chain(flag.aliases.iter().copied());
            for name in long.map(str::to_owned).chain(short) {
                assert!(names.insert(name.clone()), "{name}");
            }
        }
    }

    #[test]
    fn no_name_is_taken_twice() {
        check(crate::rg::flags::FLAGS);
        check(crate::fd::flags::FLAGS);
    }
}
