//! The walk: what is found, by many threads, and passed on to whoever prints it or runs commands on it.

use std::{
    borrow::Cow,
    env,
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

use ignore::{DirEntry, WalkBuilder, WalkState, overrides::OverrideBuilder};

use super::{Error, WHO, entry::Entry, plan::Plan, results};
use crate::messages::say;

/// As many results may wait to be printed.
const WAITING: usize = 1024;

/// Searches, prints, and gives the exit status.
pub fn scan(plan: &Plan) -> Result<u8, Error> {
    let walker = walker(plan)?.build_parallel();
    let stop = AtomicBool::new(false);
    let (sender, receiver) = sync_channel(WAITING);
    Ok(thread::scope(|scope| {
        let stop = &stop;
        let taking = scope.spawn(move || results::take(receiver, plan, stop));
        walker.run(|| {
            let sender = sender.clone();
            Box::new(
                move |found| {
                    if stop.load(Ordering::Relaxed) { WalkState::Quit } else { visit(found, plan, &sender) }
                },
            )
        });
        drop(sender);
        taking.join().expect("taking results does not panic")
    }))
}

fn walker(plan: &Plan) -> Result<WalkBuilder, Error> {
    let options = &plan.options;
    let ignore = !options.no_ignore && !options.unrestricted;
    let vcs = ignore && !options.no_ignore_vcs;
    let mut overrides = OverrideBuilder::new(&plan.paths[0]);
    for glob in &options.exclude {
        overrides.add(&format!("!{glob}")).map_err(Error::Exclude)?;
    }
    let mut builder = WalkBuilder::new(&plan.paths[0]);
    builder
        .hidden(!options.hidden && !options.unrestricted)
        .ignore(ignore)
        .parents(!options.no_ignore_parent && ignore)
        .git_ignore(vcs)
        .git_global(vcs)
        .git_exclude(vcs)
        .require_git(!options.no_require_git)
        .overrides(overrides.build().map_err(Error::Exclude)?)
        .follow_links(options.follow)
        .same_file_system(options.one_file_system)
        .max_depth(options.max_depth.or(options.exact_depth))
        .threads(plan.threads);
    if ignore {
        builder.add_custom_ignore_filename(".fdignore");
        if options.global_ignore_file != Some(false)
            && let Some(file) = global_ignore_file()
        {
            add_ignore(&mut builder, &file, "global");
        }
    }
    for file in &options.ignore_file {
        add_ignore(&mut builder, file, "custom");
    }
    for path in &plan.paths[1..] {
        builder.add(path);
    }
    Ok(builder)
}

fn add_ignore(builder: &mut WalkBuilder, file: &Path, which: &str) {
    match builder.add_ignore(file) {
        None | Some(ignore::Error::Partial(_)) => {}
        Some(error) => say(WHO, format_args!("Malformed pattern in {which} ignore file. {error}.")),
    }
}

/// What the user never wants to find.
fn global_ignore_file() -> Option<PathBuf> {
    let configured = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let directory = configured.or_else(|| Some(env::home_dir()?.join(".config")))?;
    Some(directory.join("fd/ignore")).filter(|file| file.is_file())
}

fn visit(found: Result<DirEntry, ignore::Error>, plan: &Plan, sender: &SyncSender<Entry>) -> WalkState {
    let entry = match found {
        Ok(entry) => {
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            let left_out = |name: &String| entry.path().join(name).exists();
            if is_directory && plan.options.ignore_contain.iter().any(left_out) {
                return WalkState::Skip;
            }
            if entry.depth() == 0 {
                return WalkState::Continue;
            }
            Entry::new(entry)
        }
        Err(error) => match broken_link(error) {
            Ok(path) => Entry::broken_link(path),
            Err(error) => {
                if plan.options.show_errors {
                    say(WHO, error);
                }
                return WalkState::Continue;
            }
        },
    };
    if !wanted(&entry, plan) {
        WalkState::Continue
    } else if sender.send(entry).is_err() {
        WalkState::Quit
    } else if plan.options.prune {
        WalkState::Skip
    } else {
        WalkState::Continue
    }
}

/// The link that leads nowhere, if following it is what failed.
fn broken_link(error: ignore::Error) -> Result<PathBuf, ignore::Error> {
    match error {
        ignore::Error::WithPath { path, err }
            if err.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
                && path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) =>
        {
            Ok(path)
        }
        error => Err(error),
    }
}

/// Whether an entry is what is searched for. What costs a call is asked last.
fn wanted(entry: &Entry, plan: &Plan) -> bool {
    let options = &plan.options;
    let path = entry.path();
    if let Some(least) = options.min_depth.or(options.exact_depth)
        && entry.depth().is_none_or(|depth| depth < least)
    {
        return false;
    }
    let Some(name) = path.file_name() else { return false };
    let subject = subject(path, name, plan.full_path_base.as_deref());
    if !plan.patterns.iter().all(|pattern| pattern.is_match(subject.as_bytes())) {
        return false;
    }
    if plan.extensions.as_ref().is_some_and(|extensions| !extensions.is_match(name.as_bytes())) {
        return false;
    }
    if options.file_types.as_ref().is_some_and(|types| !types.take(entry)) {
        return false;
    }
    if let Some(owner) = &options.owner
        && !entry.metadata().is_some_and(|metadata| owner.takes(metadata))
    {
        return false;
    }
    if !options.size.is_empty() {
        let size = entry.metadata().filter(|_| path.is_file()).map(std::fs::Metadata::len);
        if !size.is_some_and(|size| options.size.iter().all(|limit| limit.takes(size))) {
            return false;
        }
    }
    if !plan.changed.is_empty() {
        let changed = entry.metadata().and_then(|metadata| metadata.modified().ok());
        if !changed.is_some_and(|changed| plan.changed.iter().all(|limit| limit.takes(changed))) {
            return false;
        }
    }
    true
}

/// What the patterns are matched with: the name, or the whole path.
fn subject<'a>(path: &'a Path, name: &'a OsStr, base: Option<&Path>) -> Cow<'a, OsStr> {
    match base {
        None => Cow::Borrowed(name),
        Some(_) if path.is_absolute() => Cow::Borrowed(path.as_os_str()),
        Some(base) => Cow::Owned(base.join(path.strip_prefix(".").unwrap_or(path)).into()),
    }
}
