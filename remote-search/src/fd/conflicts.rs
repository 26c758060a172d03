//! Flags that cannot be used together.

use super::{Error, exec::Mode, options::Options};

/// How a flag is spelled, and whether it is given.
type Given = (&'static str, fn(&Options) -> bool);

const FORMAT: Given = ("--format", |o| o.format.is_some());
const LIST: Given = ("--list-details", |o| o.list_details);
const EXEC: Given = ("--exec", |o| mode(o) == Some(Mode::Each));
const BATCH: Given = ("--exec-batch", |o| mode(o) == Some(Mode::Batch));
const MAX_RESULTS: Given = ("--max-results", |o| o.max_results.is_some());
const ONE_RESULT: Given = ("-1", |o| o.one_result);
const QUIET: Given = ("--quiet", |o| o.quiet);
const GLOB: Given = ("--glob", |o| o.glob);
const FIXED: Given = ("--fixed-strings", |o| o.fixed_strings);
const EXACT: Given = ("--exact", |o| o.exact);
const EXACT_DEPTH: Given = ("--exact-depth", |o| o.exact_depth.is_some());
const PATH: Given = ("[path]", |o| !o.paths.is_empty());
const SEARCH_PATH: Given = ("--search-path", |o| !o.search_path.is_empty());
const STRIP: Given = ("--strip-cwd-prefix", |o| o.strip_cwd_prefix.is_some());

const CONFLICTS: &[(Given, Given)] = &[
    (GLOB, FIXED),
    (EXACT, GLOB),
    (EXACT, FIXED),
    (LIST, ("--absolute-path", |o| o.absolute_path)),
    (("--print0", |o| o.print0), LIST),
    (FORMAT, LIST),
    (EXACT_DEPTH, ("--max-depth", |o| o.max_depth.is_some())),
    (EXACT_DEPTH, ("--min-depth", |o| o.min_depth.is_some())),
    (("--prune", |o| o.prune), ("--size", |o| !o.size.is_empty())),
    (("--prune", |o| o.prune), EXACT_DEPTH),
    (QUIET, MAX_RESULTS),
    (EXEC, LIST),
    (BATCH, LIST),
    (EXEC, MAX_RESULTS),
    (EXEC, ONE_RESULT),
    (EXEC, QUIET),
    (BATCH, MAX_RESULTS),
    (BATCH, ONE_RESULT),
    (BATCH, QUIET),
    (LIST, MAX_RESULTS),
    (LIST, ONE_RESULT),
    (LIST, QUIET),
    (SEARCH_PATH, PATH),
    (STRIP, PATH),
    (STRIP, SEARCH_PATH),
];

fn mode(options: &Options) -> Option<Mode> {
    options.commands.as_ref().map(|commands| commands.mode)
}

/// Refuses what cannot be meant.
pub fn check(options: &Options) -> Result<(), Error> {
    for ((a, a_given), (b, b_given)) in CONFLICTS {
        if a_given(options) && b_given(options) {
            return Err(Error::Conflict(a, b));
        }
    }
    if options.batch_size.is_some() && mode(options) != Some(Mode::Batch) {
        let why = "it needs '--exec-batch'".to_owned();
        return Err(Error::Value { flag: "--batch-size".to_owned(), why });
    }
    Ok(())
}
