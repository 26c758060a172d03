//! The flags of fd: a table with one row for each.

use std::{ffi::OsStr, num::NonZeroUsize, path::PathBuf, time::Duration};

use super::{
    exec::{Commands, Mode},
    filters::{FileTypes, Owner, Size},
    options::{Options, When},
    template::Template,
};
use crate::flag::{Effect, Flag};

type Row = Flag<Options>;

/// Every flag.
pub const FLAGS: &[Row] = &[
    Row::switch("absolute-path", |o, on| o.absolute_path = on).short('a').negated("relative-path"),
    Row::value("and", |o, v| text(v).map(|it| o.and.push(it.to_owned()))),
    Row::value("base-directory", |o, v| path(v).map(|it| o.base_directory = Some(it))).short('C'),
    Row::value("batch-size", |o, v| number(v).map(|it| o.batch_size = Some(it))),
    Row::switch("case-sensitive", |o, _| {
        o.case_sensitive = true;
        o.ignore_case = false;
    })
    .short('s'),
    Row::value("changed-before", |o, v| text(v).map(|it| o.changed_before = Some(it.to_owned())))
        .aliases(&["change-older-than", "older"]),
    Row::value("changed-within", |o, v| text(v).map(|it| o.changed_within = Some(it.to_owned()))).aliases(&[
        "change-newer-than",
        "newer",
        "changed-after",
    ]),
    Row::value("color", |o, v| when(v).map(|it| o.color = it)).short('c'),
    Row::switch("exact", |o, _| o.exact = true),
    Row::value("exact-depth", |o, v| number(v).map(|it| o.exact_depth = Some(it))),
    Row::value("exclude", |o, v| text(v).map(|it| o.exclude.push(it.to_owned()))).short('E'),
    Row::new("exec", Effect::Words(|o, words| Commands::add(&mut o.commands, Mode::Each, words))).short('x'),
    Row::new("exec-batch", Effect::Words(|o, words| Commands::add(&mut o.commands, Mode::Batch, words)))
        .short('X'),
    Row::value("extension", |o, v| text(v).map(|it| o.extensions.push(it.to_owned()))).short('e'),
    Row::switch("fixed-strings", |o, _| o.fixed_strings = true).short('F').aliases(&["literal"]),
    Row::switch("follow", |o, on| o.follow = on).short('L').negated("no-follow").aliases(&["dereference"]),
    Row::value("format", |o, v| text(v).map(|it| o.format = Some(Template::parse(it)))),
    Row::switch("full-path", |o, _| o.full_path = true).short('p'),
    Row::refused("gen-completions", "this build of fd brings no completions"),
    Row::switch("glob", |o, on| o.glob = on).short('g').negated("regex"),
    Row::switch("hidden", |o, on| {
        o.hidden = on;
        o.unrestricted &= on;
    })
    .short('H')
    .negated("no-hidden"),
    Row::refused("hyperlink", "this build of fd writes no hyperlinks").aliases(&["hyper"]),
    Row::switch("ignore-case", |o, _| {
        o.ignore_case = true;
        o.case_sensitive = false;
    })
    .short('i'),
    Row::value("ignore-contain", |o, v| text(v).map(|it| o.ignore_contain.push(it.to_owned()))),
    Row::value("ignore-file", |o, v| path(v).map(|it| o.ignore_file.push(it))),
    Row::switch("list-details", |o, _| o.list_details = true).short('l'),
    Row::value("max-buffer-time", |o, v| {
        number(v).map(|it| o.max_buffer_time = Some(Duration::from_millis(it)))
    }),
    Row::value("max-depth", |o, v| number(v).map(|it| o.max_depth = Some(it)))
        .short('d')
        .aliases(&["maxdepth"]),
    Row::value("max-results", |o, v| {
        o.one_result = false;
        number(v).map(|it| o.max_results = Some(it))
    }),
    Row::value("min-depth", |o, v| number(v).map(|it| o.min_depth = Some(it))).aliases(&["mindepth"]),
    Row::switch("no-global-ignore-file", |o, _| o.global_ignore_file = Some(false)),
    Row::switch("no-ignore", |o, on| {
        o.no_ignore = on;
        o.unrestricted &= on;
    })
    .short('I')
    .negated("ignore"),
    Row::switch("no-ignore-parent", |o, on| o.no_ignore_parent = on).negated("ignore-parent"),
    Row::switch("no-ignore-vcs", |o, on| o.no_ignore_vcs = on).negated("ignore-vcs"),
    Row::switch("no-require-git", |o, on| o.no_require_git = on).negated("require-git"),
    Row::switch("one-file-system", |o, _| o.one_file_system = true).aliases(&["mount", "xdev"]),
    Row::switch("one-result", |o, _| {
        o.one_result = true;
        o.max_results = None;
    })
    .short('1'),
    Row::value("owner", |o, v| text(v).and_then(Owner::parse).map(|it| o.owner = Some(it))).short('o'),
    Row::value("path-separator", |o, v| text(v).map(|it| o.path_separator = Some(it.to_owned()))),
    Row::switch("print0", |o, _| o.print0 = true).short('0'),
    Row::switch("prune", |o, _| o.prune = true),
    Row::switch("quiet", |o, _| o.quiet = true).short('q').aliases(&["has-results"]),
    Row::value("search-path", |o, v| path(v).map(|it| o.search_path.push(it))),
    Row::switch("show-errors", |o, _| o.show_errors = true),
    Row::value("size", |o, v| text(v).and_then(Size::parse).map(|it| o.size.push(it))).short('S'),
    Row::new(
        "strip-cwd-prefix",
        Effect::Optional(|o, v| v.map_or(Ok(When::Always), when).map(|it| o.strip_cwd_prefix = Some(it))),
    ),
    Row::value("threads", |o, v| threads(v).map(|it| o.threads = Some(it))).short('j'),
    Row::value("type", |o, v| o.file_types.get_or_insert_with(FileTypes::default).add(text(v)?)).short('t'),
    Row::switch("unrestricted", |o, _| o.unrestricted = true).short('u'),
];

fn path(value: &OsStr) -> Result<PathBuf, String> {
    Ok(value.into())
}

fn text(value: &OsStr) -> Result<&str, String> {
    value.to_str().ok_or_else(|| "it is not valid UTF-8".to_owned())
}

fn number<T: std::str::FromStr<Err: ToString>>(value: &OsStr) -> Result<T, String> {
    text(value)?.parse().map_err(|error: T::Err| error.to_string())
}

fn threads(value: &OsStr) -> Result<usize, String> {
    number::<NonZeroUsize>(value).map(NonZeroUsize::get)
}

fn when(value: &OsStr) -> Result<When, String> {
    Ok(match text(value)? {
        "auto" => When::Auto,
        "always" => When::Always,
        "never" => When::Never,
        other => return Err(format!("'{other}' is none of auto, always, never")),
    })
}
