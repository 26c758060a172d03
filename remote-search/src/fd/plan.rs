//! What the options come to once they are looked at together, with the directory and the terminal.

use std::{
    env,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    thread,
};

use lscolors::LsColors;
use regex::bytes::{Regex, RegexSet};

use super::{
    Error, WHO,
    exec::Commands,
    filters::Time,
    options::{Options, When},
    patterns,
};
use crate::messages::say;

/// More threads than this have no use.
const MOST_THREADS: usize = 64;

/// Everything that is decided before the search.
#[derive(Debug)]
pub struct Plan {
    /// The options.
    pub options: Options,
    /// Where. Never empty.
    pub paths: Vec<PathBuf>,
    /// What a name must match, all of it.
    pub patterns: Vec<Regex>,
    /// The extensions, of which a name must have one.
    pub extensions: Option<RegexSet>,
    /// When an entry must have been changed.
    pub changed: Vec<Time>,
    /// Where full paths begin, if they are what is matched.
    pub full_path_base: Option<PathBuf>,
    /// What is done with what is found, instead of printing it.
    pub commands: Option<Commands>,
    /// Whether paths lose their `./`.
    pub strip: bool,
    /// The colours, if there are any.
    pub colors: Option<LsColors>,
    /// Whether stdout is a terminal.
    pub terminal: bool,
    /// How many threads search.
    pub threads: usize,
}

impl Plan {
    /// Decides everything. From here on the process is in the base directory.
    pub fn make(mut options: Options) -> Result<Self, Error> {
        if let Some(base) = &options.base_directory {
            if !is_directory(base) {
                return Err(Error::BaseDirectory(base.clone()));
            }
            env::set_current_dir(base).map_err(|error| Error::Enter(base.clone(), error))?;
        }
        let paths = paths(&options)?;
        let terminal = io::stdout().is_terminal();
        let colored = match options.color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let commands = match options.commands.take() {
            None if options.list_details => Some(Commands::listing(colored)),
            commands => commands,
        };
        let strip = match options.strip_cwd_prefix.unwrap_or_default() {
            When::Auto => !options.print0 && commands.is_none(),
            when => when == When::Always,
        };
        Ok(Self {
            paths,
            patterns: patterns::patterns(&options)?,
            extensions: patterns::extensions(&options)?,
            changed: [
                options.changed_within.as_deref().map(Time::after),
                options.changed_before.as_deref().map(Time::before),
            ]
            .into_iter()
            .flatten()
            .collect::<Result<_, _>>()?,
            full_path_base: match options.full_path {
                true => Some(env::current_dir().map_err(|_| Error::Cwd)?),
                false => None,
            },
            commands,
            strip: strip && options.paths.is_empty() && options.search_path.is_empty(),
            colors: colored.then(|| LsColors::from_env().unwrap_or_default()),
            terminal,
            threads: options.threads.unwrap_or_else(|| {
                thread::available_parallelism().map_or(1, |count| count.get()).min(MOST_THREADS)
            }),
            options,
        })
    }

    /// What stands between the parts of a path, if it is no slash.
    pub fn separator(&self) -> Option<&str> {
        self.options.path_separator.as_deref()
    }

    /// As many results are wanted.
    pub fn max_results(&self) -> usize {
        let limit = self.options.max_results.filter(|limit| *limit > 0);
        limit.unwrap_or(if self.options.one_result { 1 } else { usize::MAX })
    }
}

/// The places to search. What is no directory is said and left out.
fn paths(options: &Options) -> Result<Vec<PathBuf>, Error> {
    let named = if options.paths.is_empty() { &options.search_path } else { &options.paths };
    if named.is_empty() {
        let here = Path::new("./");
        return if is_directory(here) { Ok(vec![place(here, options)]) } else { Err(Error::Cwd) };
    }
    let mut places = Vec::new();
    for path in named {
        if is_directory(path) {
            places.push(place(path, options));
        } else {
            say(WHO, format_args!("Search path '{}' is not a directory.", path.display()));
        }
    }
    if places.is_empty() { Err(Error::NoPaths) } else { Ok(places) }
}

/// A place as the walk is to begin it.
fn place(path: &Path, options: &Options) -> PathBuf {
    if options.absolute_path {
        // It exists, or it would be no place.
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    } else if path.as_os_str() == "." {
        PathBuf::from("./")
    } else if path.as_os_str() == "-" {
        // The walk would take it for stdin.
        PathBuf::from("./-")
    } else {
        path.to_owned()
    }
}

/// Whether there is a directory. One that was removed beneath us still answers to its dots.
fn is_directory(path: &Path) -> bool {
    path.is_dir() && (path.file_name().is_some() || path.canonicalize().is_ok())
}
