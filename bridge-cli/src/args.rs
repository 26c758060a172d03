//! The command line: options of `pii`, its own commands, and the words that belong to the program.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// What the user asked for.
#[derive(Debug)]
pub enum Invocation {
    /// Print this and end.
    Text(String),
    /// `pii help commands`.
    ShowCommands,
    /// `pii config show`.
    ShowConfig(Options),
    /// Run a program on a remote root.
    Session(Options, Work),
}

/// The program of a session.
#[derive(Debug, PartialEq, Eq)]
pub enum Work {
    /// pi, with these arguments.
    Pi(Vec<OsString>),
    /// `node [flags] script [args]` as written after `pii run … --`.
    Node(Vec<OsString>),
}

/// Options of `pii`. Long only, so that they never look like the program's.
#[derive(Debug, Default, Clone, clap::Args)]
pub struct Options {
    /// The remote machine and the project's directory on it
    #[arg(long, value_name = "[USER@]HOST[:PORT]:PATH")]
    pub ssh: Option<String>,
    /// The pi to run, a file or an installed package's directory
    #[arg(long, value_name = "PATH")]
    pub program: Option<PathBuf>,
    /// The Node to run it with
    #[arg(long, value_name = "PATH")]
    pub node: Option<PathBuf>,
    /// Write a log to this file
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// What paths outside the project are: deny or read (the remote's), or local (the laptop's)
    #[arg(long, value_name = "RULE")]
    pub outside: Option<String>,
    /// What speaks SSH: russh (in pii) or openssh (the system's ssh)
    #[arg(long, value_name = "NAME")]
    pub transport: Option<String>,
    /// What carries the session: auto, unix, tcp or stdio
    #[arg(long, value_name = "KIND")]
    pub stream: Option<String>,
    /// Run as this user of the remote, by sudo
    #[arg(long = "become", value_name = "USER")]
    pub become_user: Option<String>,
    /// Words before every command on the remote, as 'docker exec -i NAME'
    #[arg(long, value_name = "WORDS")]
    pub exec_prefix: Option<String>,
}

impl Options {
    /// The options as words of a command line.
    pub fn words(&self) -> Vec<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
        let all = [
            ("--ssh", self.ssh.clone()),
            ("--program", path(&self.program)),
            ("--node", path(&self.node)),
            ("--log", path(&self.log)),
            ("--outside", self.outside.clone()),
            ("--transport", self.transport.clone()),
            ("--stream", self.stream.clone()),
            ("--become", self.become_user.clone()),
            ("--exec-prefix", self.exec_prefix.clone()),
        ];
        let given = all.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value?]));
        given.flatten().collect()
    }
}

const ABOUT: &str = "Runs the coding agent pi on a project of a remote machine";

const USAGE: &str = "pii --ssh [USER@]HOST[:PORT]:PATH [words for pi]
       pii run --ssh [USER@]HOST[:PORT]:PATH -- node [flags] SCRIPT [args]
       pii config show [--ssh TARGET]
       pii help [commands]";

const AFTER: &str =
    "With --ssh every other word goes to pi untouched and in order; -- ends pii's options and is passed on.
PATH may be absolute, ~/x, relative to the remote home, or empty for the home.

  pii --ssh me@build:/srv/app              pi in /srv/app of the host build
  pii --ssh build:~/app -p \"run the tests\"  one prompt
  pii run --ssh build:/srv/app -- node x.mjs";

#[derive(Parser)]
#[command(name = "pii", version, about = ABOUT, override_usage = USAGE, after_help = AFTER)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run a Node script, of the laptop or of the remote root
    #[command(
        override_usage = "pii run --ssh TARGET [--node PATH] [--log FILE] -- node [flags] SCRIPT [args]"
    )]
    Run {
        #[command(flatten)]
        options: Options,
        /// node or a path to a Node, its flags, the script and its arguments
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Show the settings in force and where each comes from
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print each key, its value and its source
    Show {
        #[command(flatten)]
        options: Options,
    },
}

/// Understands the words after the program's name.
pub fn parse(words: Vec<OsString>) -> Result<Invocation, Error> {
    if words == ["help", "commands"] {
        return Ok(Invocation::ShowCommands);
    }
    let own_command =
        words.first().is_some_and(|word| ["run", "config", "help"].iter().any(|name| word == name));
    if !own_command {
        let (own, rest) = split(words.clone())?;
        if own.iter().any(|word| word.as_bytes().starts_with(b"--ssh=")) {
            return Ok(Invocation::Session(cli(own)?.options, Work::Pi(rest)));
        }
        let asks = |word: &OsString| ["-h", "--help", "-V", "--version"].iter().any(|name| word == name);
        if !words.first().is_some_and(asks) {
            let said = words.first().map(|word| word.to_string_lossy().into_owned());
            return Err(Error::Usage { said, usage: USAGE });
        }
    }
    match Cli::try_parse_from(std::iter::once(OsString::from("pii")).chain(words)) {
        Ok(Cli { command: Some(Command::Run { options, command }), .. }) => {
            Ok(Invocation::Session(options, Work::Node(command)))
        }
        Ok(Cli { command: Some(Command::Config(ConfigCommand::Show { options })), .. }) => {
            Ok(Invocation::ShowConfig(options))
        }
        Ok(Cli { command: None, .. }) => Err(Error::Usage { said: None, usage: USAGE }),
        Err(error) if !error.use_stderr() => Ok(Invocation::Text(error.render().to_string())),
        Err(error) => Err(Error::Clap(error)),
    }
}

fn cli(own: Vec<OsString>) -> Result<Cli, Error> {
    Cli::try_parse_from(std::iter::once(OsString::from("pii")).chain(own)).map_err(Error::Clap)
}

/// Parts `pii`'s own options, each as one word `--name=value`, from the words of the program.
fn split(words: Vec<OsString>) -> Result<(Vec<OsString>, Vec<OsString>), Error> {
    let names = own_names();
    let (mut own, mut rest) = (Vec::new(), Vec::new());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            rest.push(word);
            rest.extend(words);
            break;
        }
        let joined = names.iter().any(|name| {
            word.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
        });
        if joined {
            own.push(word);
        } else if names.iter().any(|name| word == OsStr::new(name)) {
            let Some(value) = words.next() else {
                return Err(Error::MissingValue(word.to_string_lossy().into_owned()));
            };
            let mut pair = word;
            pair.push("=");
            pair.push(value);
            own.push(pair);
        } else {
            rest.push(word);
        }
    }
    Ok((own, rest))
}

/// `--ssh` and the others, as clap knows them.
fn own_names() -> Vec<String> {
    let command = <Options as clap::Args>::augment_args(clap::Command::new("pii"));
    command.get_arguments().filter_map(|option| option.get_long()).map(|name| format!("--{name}")).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn pi(line: &str) -> (Options, Vec<OsString>) {
        match parse(words(line)).unwrap() {
            Invocation::Session(options, Work::Pi(rest)) => (options, rest),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_words_of_pi_pass_untouched_and_in_order() {
        let (options, rest) = pi("-p x --ssh h:/p --model=m --node /n --node2 --log=l -- --program y");
        assert_eq!(options.ssh.as_deref(), Some("h:/p"));
        assert_eq!(options.node, Some("/n".into()));
        assert_eq!(options.log, Some("l".into()));
        assert_eq!(options.program, None);
        assert_eq!(rest, words("-p x --model=m --node2 -- --program y"));
    }

    #[test]
    fn with_ssh_a_command_word_is_pis() {
        assert_eq!(pi("--ssh h:/p config").1, words("config"));
        assert_eq!(pi("--ssh=h:/p --help").1, words("--help"));
        assert_eq!(pi("--version --ssh h:/p").1, words("--version"));
    }

    #[test]
    fn a_value_may_begin_with_a_hyphen() {
        assert_eq!(pi("--ssh h:/p --log -").0.log, Some("-".into()));
    }

    #[test]
    fn without_ssh_the_first_word_is_a_command() {
        assert!(matches!(parse(words("config show --ssh h:/p")).unwrap(), Invocation::ShowConfig(_)));
        assert!(matches!(parse(words("help")).unwrap(), Invocation::Text(_)));
        assert!(matches!(parse(words("--version")).unwrap(), Invocation::Text(_)));
        for line in ["", "-p x", "list", "-- --ssh h:/p"] {
            assert_eq!(parse(words(line)).unwrap_err().exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn run_takes_what_stands_behind_the_separator() {
        let Invocation::Session(options, Work::Node(command)) =
            parse(words("run --ssh h:/p --node /n -- node --no-warnings x.mjs -- a")).unwrap()
        else {
            panic!()
        };
        assert_eq!(options.node, Some("/n".into()));
        assert_eq!(command, words("node --no-warnings x.mjs -- a"));
    }

    #[test]
    fn options_become_the_words_they_were() {
        let line = "--ssh h:/p --program /p --node /n --log l --outside read --transport openssh --stream tcp \
                    --become u --exec-prefix x";
        let (options, _) = pi(line);
        assert_eq!(options.words().join(" "), line.split_whitespace().collect::<Vec<_>>().join(" "));
        assert_eq!(options.words().len(), 2 * own_names().len());
    }

    #[test]
    fn help_names_each_option() {
        let text = Cli::command().render_help().to_string();
        assert!(own_names().iter().all(|name| text.contains(name.as_str())), "{text}");
    }
}
