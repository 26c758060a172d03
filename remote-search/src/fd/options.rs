//! What the flags of fd say, before anything of it is looked at together.

use std::{path::PathBuf, time::Duration};

use super::{
    exec::Commands,
    filters::{FileTypes, Owner, Size},
    template::Template,
};

/// When something is done that depends on the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// If it fits.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

/// Everything the command line says: each field is the flag of its name.
#[derive(Debug, Default)]
pub struct Options {
    pub pattern: String,
    pub paths: Vec<PathBuf>,

    pub absolute_path: bool,
    pub and: Vec<String>,
    pub base_directory: Option<PathBuf>,
    pub batch_size: Option<usize>,
    pub case_sensitive: bool,
    pub changed_before: Option<String>,
    pub changed_within: Option<String>,
    pub color: When,
    pub commands: Option<Commands>,
    pub exact: bool,
    pub exact_depth: Option<usize>,
    pub exclude: Vec<String>,
    pub extensions: Vec<String>,
    pub file_types: Option<FileTypes>,
    pub fixed_strings: bool,
    pub follow: bool,
    pub format: Option<Template>,
    pub full_path: bool,
    pub glob: bool,
    pub global_ignore_file: Option<bool>,
    pub hidden: bool,
    pub ignore_case: bool,
    pub ignore_contain: Vec<String>,
    pub ignore_file: Vec<PathBuf>,
    pub list_details: bool,
    pub max_buffer_time: Option<Duration>,
    pub max_depth: Option<usize>,
    /// Zero is no limit.
    pub max_results: Option<usize>,
    pub min_depth: Option<usize>,
    pub no_ignore: bool,
    pub no_ignore_parent: bool,
    pub no_ignore_vcs: bool,
    pub no_require_git: bool,
    pub one_file_system: bool,
    pub one_result: bool,
    pub owner: Option<Owner>,
    pub path_separator: Option<String>,
    pub print0: bool,
    pub prune: bool,
    pub quiet: bool,
    pub search_path: Vec<PathBuf>,
    pub show_errors: bool,
    pub size: Vec<Size>,
    pub strip_cwd_prefix: Option<When>,
    pub threads: Option<usize>,
    pub unrestricted: bool,
}
