//! What the flags of rg say, before anything of it is looked at together.

use std::{ffi::OsString, path::PathBuf};

use grep::{printer::UserColorSpec, searcher::Encoding};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Search, and print in one of several forms.
    Search(Form),
    /// List the files that would be searched.
    Files,
    /// List the file types.
    Types,
}

/// In what form a search is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines.
    Standard,
    /// Paths that match.
    WithMatches,
    /// Paths that do not.
    WithoutMatch,
    /// How many lines.
    Count,
    /// How many matches.
    CountMatches,
    /// JSON messages.
    Json,
}

/// Where patterns come from.
#[derive(Debug)]
pub enum PatternSource {
    /// The command line.
    Given(String),
    /// A file, or `-`.
    File(PathBuf),
}

/// What is done with files that are not text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binary {
    /// Left as soon as they show it.
    #[default]
    Quit,
    /// Searched, but not shown.
    Suppress,
    /// Taken for text.
    AsText,
}

/// What a match must be bounded by.
#[derive(Clone, Copy, Debug)]
pub enum Boundary {
    /// The ends of a line.
    Line,
    /// The ends of a word.
    Word,
}

/// When output is handed on.
#[derive(Clone, Copy, Debug, Default)]
pub enum Buffer {
    /// By line to a terminal, by block to anything else.
    #[default]
    Auto,
    /// By line.
    Line,
    /// By block.
    Block,
}

/// How case counts.
#[derive(Clone, Copy, Debug, Default)]
pub enum Case {
    /// It does.
    #[default]
    Sensitive,
    /// It does not.
    Insensitive,
    /// It does if a pattern has a capital letter.
    Smart,
}

/// Which lines around a match are printed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// All of them, which the other fields then say nothing about.
    pub all: bool,
    before: Option<usize>,
    after: Option<usize>,
    both: Option<usize>,
}

impl Context {
    fn limited(&mut self) -> &mut Self {
        if self.all {
            *self = Self::default();
        }
        self
    }

    /// Lines before.
    pub fn set_before(&mut self, lines: usize) {
        self.limited().before = Some(lines);
    }

    /// Lines after.
    pub fn set_after(&mut self, lines: usize) {
        self.limited().after = Some(lines);
    }

    /// Lines on both sides, where nothing more special is said.
    pub fn set_both(&mut self, lines: usize) {
        self.limited().both = Some(lines);
    }

    /// How many lines before and after.
    pub fn lines(&self) -> (usize, usize) {
        let both = self.both.unwrap_or(0);
        (self.before.unwrap_or(both), self.after.unwrap_or(both))
    }
}

/// In which encoding files are.
#[derive(Clone, Debug, Default)]
pub enum Coding {
    /// UTF-8, unless a byte order mark says otherwise.
    #[default]
    Auto,
    /// This one.
    Some(Encoding),
    /// Bytes, whatever mark they begin with.
    None,
}

/// By what results are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// The path.
    Path,
    /// The time of the last change.
    Modified,
    /// The time of the last access.
    Accessed,
    /// The time it was made.
    Created,
}

/// A change of the file types.
#[derive(Debug)]
pub enum TypeChange {
    /// Forget its globs.
    Clear(String),
    /// Add a glob.
    Add(String),
    /// Search only these.
    Select(String),
    /// Do not search these.
    Negate(String),
}

/// Everything the command line says: each field is the flag of its name.
#[derive(Debug)]
pub struct Options {
    pub mode: Mode,
    pub positional: Vec<OsString>,
    pub patterns: Vec<PatternSource>,

    pub binary: Binary,
    pub boundary: Option<Boundary>,
    pub buffer: Buffer,
    pub byte_offset: bool,
    pub case: Case,
    pub color: termcolor::ColorChoice,
    pub colors: Vec<UserColorSpec>,
    pub column: Option<bool>,
    pub config: bool,
    pub context: Context,
    pub context_separator: Option<Vec<u8>>,
    pub crlf: bool,
    pub dfa_size_limit: Option<usize>,
    pub encoding: Coding,
    pub field_context_separator: Vec<u8>,
    pub field_match_separator: Vec<u8>,
    pub fixed_strings: bool,
    pub follow: bool,
    pub glob_case_insensitive: bool,
    pub globs: Vec<String>,
    pub heading: Option<bool>,
    pub hidden: bool,
    pub iglobs: Vec<String>,
    pub ignore_dot: bool,
    pub ignore_exclude: bool,
    pub ignore_file: Vec<PathBuf>,
    pub ignore_file_case_insensitive: bool,
    pub ignore_files: bool,
    pub ignore_global: bool,
    pub ignore_messages: bool,
    pub ignore_parent: bool,
    pub ignore_vcs: bool,
    pub include_zero: bool,
    pub invert_match: bool,
    pub line_number: Option<bool>,
    pub max_columns: Option<u64>,
    pub max_columns_preview: bool,
    pub max_count: Option<u64>,
    pub max_depth: Option<usize>,
    pub max_filesize: Option<u64>,
    pub messages: bool,
    pub mmap: Option<bool>,
    pub multiline: bool,
    pub multiline_dotall: bool,
    pub null: bool,
    pub null_data: bool,
    pub one_file_system: bool,
    pub only_matching: bool,
    pub path_separator: Option<u8>,
    pub pcre2: bool,
    pub quiet: bool,
    pub regex_size_limit: Option<usize>,
    pub replace: Option<Vec<u8>>,
    pub require_git: bool,
    /// By what, and whether in reverse.
    pub sort: Option<(SortKey, bool)>,
    pub stats: bool,
    pub stop_on_nonmatch: bool,
    pub threads: Option<usize>,
    pub trim: bool,
    pub type_changes: Vec<TypeChange>,
    pub unicode: bool,
    pub unrestricted: usize,
    pub vimgrep: bool,
    pub with_filename: Option<bool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::Search(Form::Standard),
            positional: Vec::new(),
            patterns: Vec::new(),
            binary: Binary::default(),
            boundary: None,
            buffer: Buffer::default(),
            byte_offset: false,
            case: Case::default(),
            color: termcolor::ColorChoice::Auto,
            colors: Vec::new(),
            column: None,
            config: true,
            context: Context::default(),
            context_separator: Some(b"--".to_vec()),
            crlf: false,
            dfa_size_limit: None,
            encoding: Coding::default(),
            field_context_separator: b"-".to_vec(),
            field_match_separator: b":".to_vec(),
            fixed_strings: false,
            follow: false,
            glob_case_insensitive: false,
            globs: Vec::new(),
            heading: None,
            hidden: false,
            iglobs: Vec::new(),
            ignore_dot: true,
            ignore_exclude: true,
            ignore_file: Vec::new(),
            ignore_file_case_insensitive: false,
            ignore_files: true,
            ignore_global: true,
            ignore_messages: true,
            ignore_parent: true,
            ignore_vcs: true,
            include_zero: false,
            invert_match: false,
            line_number: None,
            max_columns: None,
            max_columns_preview: false,
            max_count: None,
            max_depth: None,
            max_filesize: None,
            messages: true,
            mmap: None,
            multiline: false,
            multiline_dotall: false,
            null: false,
            null_data: false,
            one_file_system: false,
            only_matching: false,
            path_separator: None,
            pcre2: false,
            quiet: false,
            regex_size_limit: None,
            replace: None,
            require_git: true,
            sort: None,
            stats: false,
            stop_on_nonmatch: false,
            threads: None,
            trim: false,
            type_changes: Vec::new(),
            unicode: true,
            unrestricted: 0,
            vimgrep: false,
            with_filename: None,
        }
    }
}

impl Options {
    /// Whether no ignore file counts.
    pub fn set_ignore(&mut self, on: bool) {
        self.ignore_dot = on;
        self.ignore_exclude = on;
        self.ignore_global = on;
        self.ignore_parent = on;
        self.ignore_vcs = on;
    }
}
