//! What the options come to once they are looked at together, with the directory, the terminal and stdin.

use std::{
    collections::HashSet,
    env,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    thread,
};

use ignore::{
    overrides::{Override, OverrideBuilder},
    types::{Types, TypesBuilder},
};
use termcolor::ColorChoice;

use super::{
    Error, WHO,
    options::{Form, Mode, Options, PatternSource, TypeChange},
};
use crate::messages::Messages;

/// More threads than this have no use.
const MOST_THREADS: usize = 12;

/// Everything that is decided before the search.
#[derive(Debug)]
pub struct Plan {
    /// The options, with the mode that is meant.
    pub options: Options,
    /// What is searched for.
    pub patterns: Vec<String>,
    /// Where. Never empty.
    pub paths: Vec<PathBuf>,
    /// Whether nobody said where.
    pub implicit: bool,
    /// Whether there is one place and it is no directory.
    pub one_file: bool,
    /// Where a relative path begins.
    pub cwd: PathBuf,
    /// Whether stdout is a terminal.
    pub terminal: bool,
    /// The globs of the command line.
    pub globs: Override,
    /// The file types.
    pub types: Types,
    /// How many threads search.
    pub threads: usize,
    /// What goes wrong on the way.
    pub messages: Messages,
}

impl Plan {
    /// Decides everything.
    pub fn make(mut options: Options) -> Result<Self, Error> {
        options.mode = match options.mode {
            Mode::Search(Form::CountMatches) if options.invert_match => Mode::Search(Form::Count),
            Mode::Search(Form::Count) if options.only_matching => Mode::Search(Form::CountMatches),
            mode => mode,
        };
        let cwd = current_dir()?;
        let terminal = io::stdout().is_terminal();
        if !terminal && options.color == ColorChoice::Auto {
            options.color = ColorChoice::Never;
        }
        let (patterns, stdin_taken) = patterns(&mut options)?;
        let (paths, implicit) = paths(&mut options, stdin_taken)?;
        let one_file = match paths.as_slice() {
            [path] if implicit => path == Path::new("-"),
            [path] => path == Path::new("-") || !path.is_dir(),
            _ => false,
        };
        let threads = if options.sort.is_some() || one_file {
            1
        } else {
            options
                .threads
                .unwrap_or_else(|| thread::available_parallelism().map_or(1, |n| n.get()).min(MOST_THREADS))
        };
        Ok(Self {
            globs: globs(&options, &cwd)?,
            types: types(&options)?,
            messages: Messages::new(WHO, options.messages, options.ignore_messages),
            options,
            patterns,
            paths,
            implicit,
            one_file,
            cwd,
            terminal,
            threads,
        })
    }

    /// Whether any line could match.
    pub fn can_match(&self) -> bool {
        let some = !self.patterns.is_empty() || self.options.invert_match;
        some && self.options.max_count != Some(0)
    }

    /// Whether statistics are asked for.
    pub fn counts(&self) -> bool {
        match self.options.mode {
            Mode::Search(form) => self.options.stats || form == Form::Json,
            _ => false,
        }
    }

    /// Whether one match says all.
    pub fn quits_after_match(&self) -> bool {
        self.options.quiet && !self.counts()
    }

    /// Whether a file's matches stand below its path.
    pub fn heading(&self) -> bool {
        !self.options.vimgrep && self.options.heading.unwrap_or(self.terminal)
    }

    /// Whether columns are printed.
    pub fn column(&self) -> bool {
        self.options.column.unwrap_or(self.options.vimgrep)
    }

    /// Whether paths are printed with matches.
    pub fn with_filename(&self) -> bool {
        self.options.with_filename.unwrap_or(self.options.vimgrep || !self.one_file)
    }

    /// Whether line numbers are counted.
    pub fn line_number(&self) -> bool {
        let only_stdin = self.paths.len() == 1 && self.paths[0] == Path::new("-");
        self.options.line_number.unwrap_or(match self.options.mode {
            _ if self.options.quiet => false,
            Mode::Search(Form::Json) => true,
            Mode::Search(Form::Standard) => {
                (self.terminal && !only_stdin) || self.column() || self.options.vimgrep
            }
            _ => false,
        })
    }

    /// What stands between the results of two files.
    pub fn file_separator(&self) -> Option<Vec<u8>> {
        if self.options.mode != Mode::Search(Form::Standard) {
            None
        } else if self.heading() {
            Some(Vec::new())
        } else if !self.options.context.all && self.options.context.lines() != (0, 0) {
            self.options.context_separator.clone()
        } else {
            None
        }
    }
}

/// The directory rg is in, or was in before it was removed.
fn current_dir() -> Result<PathBuf, Error> {
    env::current_dir().or_else(|error| {
        let pwd = env::var_os("PWD").filter(|pwd| !pwd.is_empty());
        pwd.map(PathBuf::from).ok_or(Error::Cwd(error))
    })
}

/// The patterns, each once, and whether stdin was read for them.
fn patterns(options: &mut Options) -> Result<(Vec<String>, bool), Error> {
    if !matches!(options.mode, Mode::Search(_)) {
        return Ok((Vec::new(), false));
    }
    if options.patterns.is_empty() {
        if options.positional.is_empty() {
            return Err(Error::NoPattern);
        }
        let pattern = options.positional.remove(0).into_string().map_err(|_| Error::PatternNotText)?;
        return Ok((vec![pattern], false));
    }
    let mut seen = HashSet::new();
    let mut patterns = Vec::new();
    let mut stdin_taken = false;
    for source in options.patterns.drain(..) {
        let more = match source {
            PatternSource::Given(pattern) => vec![pattern],
            PatternSource::File(path) if path == Path::new("-") => {
                if stdin_taken {
                    return Err(Error::StdinTwice);
                }
                stdin_taken = true;
                grep::cli::patterns_from_stdin()?
            }
            PatternSource::File(path) => grep::cli::patterns_from_path(&path)?,
        };
        patterns.extend(more.into_iter().filter(|pattern| seen.insert(pattern.clone())));
    }
    Ok((patterns, stdin_taken))
}

/// The places to search, and whether nobody named one. Without a name it is stdin if that can be read, else here.
fn paths(options: &mut Options, stdin_taken: bool) -> Result<(Vec<PathBuf>, bool), Error> {
    let paths: Vec<_> = options.positional.drain(..).map(PathBuf::from).collect();
    if stdin_taken && paths.iter().any(|path| path == Path::new("-")) {
        return Err(Error::StdinBoth);
    }
    if !paths.is_empty() {
        return Ok((paths, false));
    }
    let stdin = !stdin_taken && matches!(options.mode, Mode::Search(_)) && grep::cli::is_readable_stdin();
    Ok((vec![PathBuf::from(if stdin { "-" } else { "./" })], true))
}

fn globs(options: &Options, cwd: &Path) -> Result<Override, Error> {
    let mut builder = OverrideBuilder::new(cwd);
    builder.case_insensitive(options.glob_case_insensitive)?;
    for glob in &options.globs {
        builder.add(glob)?;
    }
    builder.case_insensitive(true)?;
    for glob in &options.iglobs {
        builder.add(glob)?;
    }
    Ok(builder.build()?)
}

fn types(options: &Options) -> Result<Types, Error> {
    let mut builder = TypesBuilder::new();
    builder.add_defaults();
    for change in &options.type_changes {
        match change {
            TypeChange::Clear(name) => {
                builder.clear(name);
            }
            TypeChange::Add(definition) => builder.add_def(definition)?,
            TypeChange::Select(name) => {
                builder.select(name);
            }
            TypeChange::Negate(name) => {
                builder.negate(name);
            }
        }
    }
    Ok(builder.build()?)
}
