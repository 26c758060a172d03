//! From words to options, the configuration file's words before those of the command line.

use std::{env, ffi::OsString, fs, os::unix::ffi::OsStringExt};

use bstr::ByteSlice;
use lexopt::Arg;

use super::{Error, WHO, flags::FLAGS, options::Options};
use crate::{
    flag::{Effect, Flag, by_letter, by_name},
    messages::say,
};

/// What is asked for.
pub enum Request {
    /// Something that the options say.
    Work(Box<Options>),
    /// Help.
    Help,
    /// The version, in one line or with what is built in.
    Version {
        /// In more than one line.
        long: bool,
    },
}

/// Reads the command line, and the configuration file unless the command line forbids it.
pub fn parse(words: Vec<OsString>) -> Result<Request, Error> {
    let request = parse_words(words.clone())?;
    match request {
        Request::Work(options) if options.config => {
            let mut all = words_of_configuration();
            if all.is_empty() {
                return Ok(Request::Work(options));
            }
            all.extend(words);
            parse_words(all)
        }
        request => Ok(request),
    }
}

fn parse_words(words: Vec<OsString>) -> Result<Request, Error> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_args(words);
    let mut special = None;
    while let Some(word) = parser.next().map_err(Error::Words)? {
        let (flag, spelled, on) = match word {
            Arg::Value(value) => {
                options.positional.push(value);
                continue;
            }
            Arg::Short('h') | Arg::Long("help") => {
                special = Some(Request::Help);
                continue;
            }
            Arg::Short('V') => {
                special = Some(Request::Version { long: false });
                continue;
            }
            Arg::Long("version") => {
                special = Some(Request::Version { long: true });
                continue;
            }
            Arg::Short(letter) => {
                let spelled = format!("-{letter}");
                match by_letter(FLAGS, letter) {
                    Some(flag) => (flag, spelled, true),
                    None => return Err(Error::UnknownFlag(spelled)),
                }
            }
            Arg::Long(name) => match by_name(FLAGS, name) {
                Some((flag, on)) => (flag, format!("--{name}"), on),
                None => return Err(Error::UnknownFlag(format!("--{name}"))),
            },
        };
        apply(flag, spelled, on, &mut parser, &mut options)?;
    }
    Ok(special.unwrap_or_else(|| Request::Work(Box::new(options))))
}

fn apply(
    flag: &Flag<Options>,
    spelled: String,
    on: bool,
    parser: &mut lexopt::Parser,
    options: &mut Options,
) -> Result<(), Error> {
    match flag.effect {
        Effect::Switch(set) => set(options, on),
        Effect::Value(set) => {
            let Ok(value) = parser.value() else { return Err(Error::NoValue(spelled)) };
            set(options, &value).map_err(|why| Error::Value { flag: spelled.clone(), why })?;
        }
        Effect::Optional(_) | Effect::Words(_) => unreachable!("no flag of rg takes these"),
        Effect::Refused(why) => return Err(Error::Refused { flag: spelled, why }),
    }
    if options.unrestricted > 3 {
        let why = "flag can only be repeated up to 3 times".to_owned();
        return Err(Error::Value { flag: spelled, why });
    }
    Ok(())
}

/// One word from each line of the file that RIPGREP_CONFIG_PATH names.
fn words_of_configuration() -> Vec<OsString> {
    let Some(path) = env::var_os("RIPGREP_CONFIG_PATH").filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    match fs::read(&path) {
        Ok(text) => text
            .lines()
            .map(ByteSlice::trim)
            .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
            .map(|line| OsString::from_vec(line.to_vec()))
            .collect(),
        Err(error) => {
            let path = path.display();
            say(
                WHO,
                format_args!("failed to read the file specified in RIPGREP_CONFIG_PATH: {path}: {error}"),
            );
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::options::{Form, Mode},
        *,
    };

    fn parsed(line: &str) -> Result<Request, Error> {
        parse_words(line.split(' ').map(OsString::from).collect())
    }

    fn options(line: &str) -> Box<Options> {
        match parsed(line).unwrap() {
            Request::Work(options) => options,
            _ => panic!("{line}"),
        }
    }

    fn refusal(line: &str) -> String {
        parsed(line).err().unwrap().to_string()
    }

    #[test]
    fn letters_can_be_joined_and_values_attached() {
        let options = options("-inA3 -C 1 --max-count=2 x --hidden y");
        assert_eq!(options.context.lines(), (1, 3));
        assert_eq!(options.max_count, Some(2));
        assert!(options.hidden);
        assert_eq!(options.positional, ["x", "y"]);
    }

    #[test]
    fn the_last_of_two_that_contradict_wins() {
        assert!(!options("--hidden --no-hidden").hidden);
        assert_eq!(options("-c -l").mode, Mode::Search(Form::WithMatches));
        assert_eq!(options("--files -l").mode, Mode::Search(Form::WithMatches));
        assert_eq!(options("-l --files").mode, Mode::Files);
        assert_eq!(options("--json --no-json").mode, Mode::Search(Form::Standard));
        assert!(options("-A1 --passthru").context.all);
        assert!(!options("--passthru -A1").context.all);
    }

    #[test]
    fn what_is_not_known_or_not_built_in_is_named() {
        assert_eq!(refusal("-z x"), "-z: this build of ripgrep starts no other program");
        assert_eq!(refusal("--nothing"), "unrecognized flag --nothing");
        assert_eq!(refusal("-Y"), "unrecognized flag -Y");
        assert_eq!(refusal("-A"), "missing value for flag -A");
        assert!(refusal("-A x").starts_with("error parsing flag -A: value is not a valid number"));
        assert!(refusal("--json=x").starts_with("invalid CLI arguments"));
        assert!(refusal("-uuuu").contains("up to 3 times"));
    }

    #[test]
    fn what_follows_two_dashes_is_no_flag() {
        assert_eq!(options("-i -- -x --json").positional, ["-x", "--json"]);
    }
}
