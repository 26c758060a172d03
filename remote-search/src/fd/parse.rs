//! From words to options.

use std::ffi::{OsStr, OsString};

use lexopt::{Arg, Parser};

use super::{Error, conflicts, flags::FLAGS, options::Options};
use crate::flag::{Effect, Flag, by_letter, by_name};

/// Flags whose value may begin with a dash though it stands by itself.
const DASHED_VALUES: [&str; 2] = ["and", "size"];

/// What is asked for.
pub enum Request {
    /// Something that the options say.
    Work(Box<Options>),
    /// Help.
    Help,
    /// The version.
    Version,
}

/// Reads the command line.
pub fn parse(words: Vec<OsString>) -> Result<Request, Error> {
    let mut options = Options::default();
    let mut pattern = None;
    let mut parser = Parser::from_args(words);
    while let Some(word) = parser.next().map_err(Error::Words)? {
        let (spelled, flag) = match word {
            Arg::Value(value) => {
                if pattern.is_none() {
                    pattern = Some(value.into_string().map_err(|_| Error::PatternNotText)?);
                } else {
                    options.paths.push(value.into());
                }
                continue;
            }
            Arg::Short('h') | Arg::Long("help") => return Ok(Request::Help),
            Arg::Short('V') | Arg::Long("version") => return Ok(Request::Version),
            Arg::Short(letter) => (format!("-{letter}"), by_letter(FLAGS, letter).map(|flag| (flag, true))),
            // It has a letter only.
            Arg::Long("one-result") => ("--one-result".to_owned(), None),
            Arg::Long(name) => (format!("--{name}"), by_name(FLAGS, name)),
        };
        match flag {
            Some((flag, on)) => apply(flag, spelled, on, &mut parser, &mut options)?,
            None => return Err(Error::UnknownFlag(spelled)),
        }
    }
    options.pattern = pattern.unwrap_or_default();
    conflicts::check(&options)?;
    Ok(Request::Work(Box::new(options)))
}

fn apply(
    flag: &Flag<Options>,
    spelled: String,
    on: bool,
    parser: &mut Parser,
    options: &mut Options,
) -> Result<(), Error> {
    let done = match flag.effect {
        Effect::Switch(set) => {
            set(options, on);
            Ok(())
        }
        Effect::Value(set) => match value(flag, parser) {
            Some(value) => set(options, &value),
            None => return Err(Error::NoValue(spelled)),
        },
        Effect::Optional(set) => set(options, parser.optional_value().as_deref()),
        Effect::Words(set) => set(options, words(parser)),
        Effect::Refused(why) => return Err(Error::Refused { flag: spelled, why }),
    };
    done.map_err(|why| Error::Value { flag: spelled, why })
}

/// The value of a flag. A word that looks like another flag is none.
fn value(flag: &Flag<Options>, parser: &mut Parser) -> Option<OsString> {
    if let Some(attached) = parser.optional_value() {
        return Some(attached);
    }
    let is_flag = |word: &OsStr| word.len() > 1 && word.as_encoded_bytes()[0] == b'-';
    let mut rest = parser.try_raw_args()?;
    let next = rest.peek()?;
    if is_flag(next) && !DASHED_VALUES.contains(&flag.long) {
        return None;
    }
    rest.next()
}

/// The words of a command, up to a semicolon.
fn words(parser: &mut Parser) -> Vec<OsString> {
    let mut words: Vec<_> = parser.optional_value().into_iter().collect();
    if let Some(rest) = parser.try_raw_args() {
        words.extend(rest.take_while(|word| word != ";"));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Box<Options>, Error> {
        match parse(line.split(' ').map(OsString::from).collect())? {
            Request::Work(options) => Ok(options),
            _ => panic!("{line}"),
        }
    }

    fn refusal(line: &str) -> String {
        parsed(line).unwrap_err().to_string()
    }

    #[test]
    fn the_first_word_is_the_pattern_and_the_rest_are_places() {
        let options = parsed("-H a b -I c").unwrap();
        assert_eq!((options.pattern.as_str(), options.paths.len()), ("a", 2));
        assert!(options.hidden && options.no_ignore);
        assert_eq!(parsed("-- -a --b").unwrap().pattern, "-a");
    }

    #[test]
    fn the_last_of_two_that_contradict_wins() {
        assert!(!parsed("-g --regex x").unwrap().glob);
        assert!(!parsed("-u --no-hidden x").unwrap().unrestricted);
        assert!(parsed("--no-hidden -u x").unwrap().unrestricted);
        assert!(parsed("-s -i x").unwrap().ignore_case);
        assert_eq!(parsed("-1 --max-results 3 x").unwrap().max_results, Some(3));
        assert!(parsed("--max-results 3 -1 x").unwrap().one_result);
    }

    #[test]
    fn what_is_not_known_or_contradicts_itself_is_named() {
        assert_eq!(refusal("--nothing"), "unexpected argument '--nothing' found");
        assert_eq!(refusal("--one-result"), "unexpected argument '--one-result' found");
        assert_eq!(refusal("-e -H"), "a value is required for '-e' but none was supplied");
        assert_eq!(refusal("-g -F x"), "the argument '--glob' cannot be used with '--fixed-strings'");
        assert_eq!(refusal("--hyperlink"), "'--hyperlink': this build of fd writes no hyperlinks");
        assert!(refusal("-t y").starts_with("invalid value for '-t'"));
        assert!(refusal("--batch-size 3 x").contains("--exec-batch"));
    }

    #[test]
    fn a_command_ends_at_a_semicolon() {
        let options = parsed("x -x echo -n {} ; -H").unwrap();
        assert!(options.commands.is_some() && options.hidden);
        assert!(!parsed("x -x echo -H").unwrap().hidden);
    }

    #[test]
    fn a_size_may_begin_with_a_dash() {
        assert_eq!(parsed("-S -1k x").unwrap().size.len(), 1);
    }
}
