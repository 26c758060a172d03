//! The flags of rg: a table with one row for each.

use std::{ffi::OsStr, path::PathBuf};

use bstr::ByteVec;
use grep::{cli::parse_human_readable_size, printer::UserColorSpec, searcher::Encoding};
use termcolor::ColorChoice;

use super::options::{
    Binary, Boundary, Buffer, Case, Coding, Form, Mode, Options, PatternSource, SortKey, TypeChange,
};
use crate::flag::Flag;

const NO_COMMANDS: &str = "this build of ripgrep starts no other program";
const NO_LINKS: &str = "this build of ripgrep writes no hyperlinks";
const NO_LOG: &str = "this build of ripgrep writes no log";

type Row = Flag<Options>;

/// Every flag.
pub const FLAGS: &[Row] = &[
    Row::value("after-context", |o, v| number(v).map(|it| o.context.set_after(it))).short('A'),
    Row::switch("auto-hybrid-regex", |o, _| o.pcre2 = false).negated("no-auto-hybrid-regex"),
    Row::value("before-context", |o, v| number(v).map(|it| o.context.set_before(it))).short('B'),
    Row::switch("binary", |o, on| o.binary = if on { Binary::Suppress } else { Binary::Quit })
        .negated("no-binary"),
    Row::switch("block-buffered", |o, on| o.buffer = if on { Buffer::Block } else { Buffer::Auto })
        .negated("no-block-buffered"),
    Row::switch("byte-offset", |o, on| o.byte_offset = on).short('b').negated("no-byte-offset"),
    Row::switch("case-sensitive", |o, _| o.case = Case::Sensitive).short('s'),
    Row::value("color", |o, v| color(v).map(|it| o.color = it)),
    Row::value("colors", |o, v| color_spec(v).map(|it| o.colors.push(it))),
    Row::switch("column", |o, on| o.column = Some(on)).negated("no-column"),
    Row::value("context", |o, v| number(v).map(|it| o.context.set_both(it))).short('C'),
    Row::value("context-separator", |o, v| separator(v).map(|it| o.context_separator = Some(it))),
    Row::switch("no-context-separator", |o, _| o.context_separator = None),
    Row::switch("count", |o, _| o.mode = Mode::Search(Form::Count)).short('c'),
    Row::switch("count-matches", |o, _| o.mode = Mode::Search(Form::CountMatches)),
    Row::switch("crlf", |o, on| {
        o.crlf = on;
        o.null_data &= !on;
    })
    .negated("no-crlf"),
    Row::refused("debug", NO_LOG),
    Row::value("dfa-size-limit", |o, v| size(v).map(|it| o.dfa_size_limit = Some(it))),
    Row::value("encoding", |o, v| encoding(v).map(|it| o.encoding = it)).short('E'),
    Row::switch("no-encoding", |o, _| o.encoding = Coding::Auto),
    Row::value("engine", engine),
    Row::value("field-context-separator", |o, v| separator(v).map(|it| o.field_context_separator = it)),
    Row::value("field-match-separator", |o, v| separator(v).map(|it| o.field_match_separator = it)),
    Row::value("file", |o, v| path(v).map(|it| o.patterns.push(PatternSource::File(it)))).short('f'),
    Row::switch("files", |o, _| o.mode = Mode::Files),
    Row::switch("files-with-matches", |o, _| o.mode = Mode::Search(Form::WithMatches)).short('l'),
    Row::switch("files-without-match", |o, _| o.mode = Mode::Search(Form::WithoutMatch)),
    Row::switch("fixed-strings", |o, on| o.fixed_strings = on).short('F').negated("no-fixed-strings"),
    Row::switch("follow", |o, on| o.follow = on).short('L').negated("no-follow"),
    Row::refused("generate", "this build of ripgrep brings no manual and no completions"),
    Row::value("glob", |o, v| text(v).map(|it| o.globs.push(it.to_owned()))).short('g'),
    Row::switch("glob-case-insensitive", |o, on| o.glob_case_insensitive = on)
        .negated("no-glob-case-insensitive"),
    Row::switch("heading", |o, on| o.heading = Some(on)).negated("no-heading"),
    Row::switch("hidden", |o, on| o.hidden = on).short('.').negated("no-hidden"),
    Row::refused("hostname-bin", NO_LINKS),
    Row::refused("hyperlink-format", NO_LINKS),
    Row::value("iglob", |o, v| text(v).map(|it| o.iglobs.push(it.to_owned()))),
    Row::switch("ignore-case", |o, _| o.case = Case::Insensitive).short('i'),
    Row::value("ignore-file", |o, v| path(v).map(|it| o.ignore_file.push(it))),
    Row::switch("ignore-file-case-insensitive", |o, on| o.ignore_file_case_insensitive = on)
        .negated("no-ignore-file-case-insensitive"),
    Row::switch("include-zero", |o, on| o.include_zero = on).negated("no-include-zero"),
    Row::switch("invert-match", |o, on| o.invert_match = on).short('v').negated("no-invert-match"),
    Row::switch("json", |o, on| {
        if on {
            o.mode = Mode::Search(Form::Json);
        } else if o.mode == Mode::Search(Form::Json) {
            o.mode = Mode::Search(Form::Standard);
        }
    })
    .negated("no-json"),
    Row::switch("line-buffered", |o, on| o.buffer = if on { Buffer::Line } else { Buffer::Auto })
        .negated("no-line-buffered"),
    Row::switch("line-number", |o, _| o.line_number = Some(true)).short('n'),
    Row::switch("no-line-number", |o, _| o.line_number = Some(false)).short('N'),
    Row::switch("line-regexp", |o, _| o.boundary = Some(Boundary::Line)).short('x'),
    Row::value("max-columns", |o, v| number(v).map(|it| o.max_columns = Some(it).filter(|max| *max > 0)))
        .short('M'),
    Row::switch("max-columns-preview", |o, on| o.max_columns_preview = on).negated("no-max-columns-preview"),
    Row::value("max-count", |o, v| number(v).map(|it| o.max_count = Some(it))).short('m'),
    Row::value("max-depth", |o, v| number(v).map(|it| o.max_depth = Some(it)))
        .short('d')
        .aliases(&["maxdepth"]),
    Row::value("max-filesize", |o, v| size(v).map(|it| o.max_filesize = Some(it))),
    Row::switch("mmap", |o, on| o.mmap = Some(on)).negated("no-mmap"),
    Row::switch("multiline", |o, on| {
        o.multiline = on;
        o.stop_on_nonmatch &= !on;
    })
    .short('U')
    .negated("no-multiline"),
    Row::switch("multiline-dotall", |o, on| o.multiline_dotall = on).negated("no-multiline-dotall"),
    Row::switch("no-config", |o, _| o.config = false),
    Row::switch("no-ignore", |o, on| o.set_ignore(!on)).negated("ignore"),
    Row::switch("no-ignore-dot", |o, on| o.ignore_dot = !on).negated("ignore-dot"),
    Row::switch("no-ignore-exclude", |o, on| o.ignore_exclude = !on).negated("ignore-exclude"),
    Row::switch("no-ignore-files", |o, on| o.ignore_files = !on).negated("ignore-files"),
    Row::switch("no-ignore-global", |o, on| o.ignore_global = !on).negated("ignore-global"),
    Row::switch("no-ignore-messages", |o, on| o.ignore_messages = !on).negated("ignore-messages"),
    Row::switch("no-ignore-parent", |o, on| o.ignore_parent = !on).negated("ignore-parent"),
    Row::switch("no-ignore-vcs", |o, on| o.ignore_vcs = !on).negated("ignore-vcs"),
    Row::switch("no-messages", |o, on| o.messages = !on).negated("messages"),
    Row::switch("no-pcre2-unicode", |o, on| o.unicode = !on).negated("pcre2-unicode"),
    Row::switch("no-require-git", |o, on| o.require_git = !on).negated("require-git"),
    Row::switch("no-unicode", |o, on| o.unicode = !on).negated("unicode"),
    Row::switch("null", |o, _| o.null = true).short('0'),
    Row::switch("null-data", |o, _| {
        o.null_data = true;
        o.crlf = false;
    }),
    Row::switch("one-file-system", |o, on| o.one_file_system = on).negated("no-one-file-system"),
    Row::switch("only-matching", |o, _| o.only_matching = true).short('o'),
    Row::value("path-separator", |o, v| path_separator(v).map(|it| o.path_separator = it)),
    Row::switch("passthru", |o, _| o.context.all = true).aliases(&["passthrough"]),
    Row::switch("pcre2", |o, on| o.pcre2 = on).short('P').negated("no-pcre2"),
    Row::refused("pcre2-version", "PCRE2 is not available in this build of ripgrep."),
    Row::refused("pre", NO_COMMANDS),
    Row::switch("no-pre", |_, _| ()),
    Row::refused("pre-glob", NO_COMMANDS),
    Row::switch("pretty", |o, _| {
        o.color = ColorChoice::Always;
        o.heading = Some(true);
        o.line_number = Some(true);
    })
    .short('p'),
    Row::switch("quiet", |o, _| o.quiet = true).short('q'),
    Row::value("regex-size-limit", |o, v| size(v).map(|it| o.regex_size_limit = Some(it))),
    Row::value("regexp", |o, v| text(v).map(|it| o.patterns.push(PatternSource::Given(it.to_owned()))))
        .short('e'),
    Row::value("replace", |o, v| text(v).map(|it| o.replace = Some(it.into()))).short('r'),
    Row::refused("search-zip", NO_COMMANDS).short('z'),
    Row::switch("no-search-zip", |_, _| ()),
    Row::switch("smart-case", |o, _| o.case = Case::Smart).short('S'),
    Row::switch("sort-files", |o, on| o.sort = on.then_some((SortKey::Path, false))).negated("no-sort-files"),
    Row::value("sort", |o, v| sort_key(v).map(|it| o.sort = it.map(|key| (key, false)))),
    Row::value("sortr", |o, v| sort_key(v).map(|it| o.sort = it.map(|key| (key, true)))),
    Row::switch("stats", |o, on| o.stats = on).negated("no-stats"),
    Row::switch("stop-on-nonmatch", |o, _| {
        o.stop_on_nonmatch = true;
        o.multiline = false;
    }),
    Row::switch("text", |o, on| o.binary = if on { Binary::AsText } else { Binary::Quit })
        .short('a')
        .negated("no-text"),
    Row::value("threads", |o, v| number(v).map(|it| o.threads = Some(it).filter(|threads| *threads > 0)))
        .short('j'),
    Row::refused("trace", NO_LOG),
    Row::switch("trim", |o, on| o.trim = on).negated("no-trim"),
    Row::value("type", |o, v| text(v).map(|it| o.type_changes.push(TypeChange::Select(it.to_owned()))))
        .short('t'),
    Row::value("type-add", |o, v| text(v).map(|it| o.type_changes.push(TypeChange::Add(it.to_owned())))),
    Row::value("type-clear", |o, v| text(v).map(|it| o.type_changes.push(TypeChange::Clear(it.to_owned())))),
    Row::value("type-not", |o, v| text(v).map(|it| o.type_changes.push(TypeChange::Negate(it.to_owned()))))
        .short('T'),
    Row::switch("type-list", |o, _| o.mode = Mode::Types),
    Row::switch("unrestricted", |o, _| {
        o.unrestricted += 1;
        match o.unrestricted {
            1 => o.set_ignore(false),
            2 => o.hidden = true,
            _ => o.binary = Binary::Suppress,
        }
    })
    .short('u'),
    Row::switch("vimgrep", |o, _| o.vimgrep = true),
    Row::switch("with-filename", |o, _| o.with_filename = Some(true)).short('H'),
    Row::switch("no-filename", |o, _| o.with_filename = Some(false)).short('I'),
    Row::switch("word-regexp", |o, _| o.boundary = Some(Boundary::Word)).short('w'),
];

fn color_spec(value: &OsStr) -> Result<UserColorSpec, String> {
    text(value)?.parse().map_err(said)
}

fn said(error: impl ToString) -> String {
    error.to_string()
}

fn path(value: &OsStr) -> Result<PathBuf, String> {
    Ok(value.into())
}

fn text(value: &OsStr) -> Result<&str, String> {
    value.to_str().ok_or_else(|| "value is not valid UTF-8".to_owned())
}

fn number<T: std::str::FromStr<Err: ToString>>(value: &OsStr) -> Result<T, String> {
    let number = text(value)?.parse();
    number.map_err(|error: T::Err| format!("value is not a valid number: {}", error.to_string()))
}

fn size<T: TryFrom<u64>>(value: &OsStr) -> Result<T, String> {
    let size = parse_human_readable_size(text(value)?).map_err(|error| format!("invalid size: {error}"))?;
    T::try_from(size).map_err(|_| "size is too big".to_owned())
}

/// A separator, in which backslashes may name bytes that are no text.
fn separator(value: &OsStr) -> Result<Vec<u8>, String> {
    let text = value.to_str().ok_or(
        "separator must be valid UTF-8 (use escape sequences to provide a separator that is not valid UTF-8)",
    )?;
    Ok(Vec::unescape_bytes(text))
}

fn path_separator(value: &OsStr) -> Result<Option<u8>, String> {
    match Vec::unescape_bytes(text(value)?).as_slice() {
        [] => Ok(None),
        [byte] => Ok(Some(*byte)),
        more => {
            Err(format!("a path separator must be exactly one byte, but this one is {} bytes", more.len()))
        }
    }
}

fn color(value: &OsStr) -> Result<ColorChoice, String> {
    Ok(match text(value)? {
        "never" => ColorChoice::Never,
        "auto" => ColorChoice::Auto,
        "always" => ColorChoice::Always,
        "ansi" => ColorChoice::AlwaysAnsi,
        other => return Err(format!("choice '{other}' is unrecognized")),
    })
}

fn encoding(value: &OsStr) -> Result<Coding, String> {
    Ok(match text(value)? {
        "auto" => Coding::Auto,
        "none" => Coding::None,
        label => Coding::Some(Encoding::new(label).map_err(said)?),
    })
}

fn engine(options: &mut Options, value: &OsStr) -> Result<(), String> {
    options.pcre2 = match text(value)? {
        "default" | "auto" => false,
        "pcre2" => true,
        other => return Err(format!("unrecognized regex engine '{other}'")),
    };
    Ok(())
}

fn sort_key(value: &OsStr) -> Result<Option<SortKey>, String> {
    Ok(Some(match text(value)? {
        "none" => return Ok(None),
        "path" => SortKey::Path,
        "modified" => SortKey::Modified,
        "accessed" => SortKey::Accessed,
        "created" => SortKey::Created,
        other => return Err(format!("choice '{other}' is unrecognized")),
    }))
}
