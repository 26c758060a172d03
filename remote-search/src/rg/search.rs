//! The search itself: file after file, or many at once.

use std::{
    fs::File,
    io,
    os::fd::AsFd,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use grep::{
    printer::Stats,
    regex::RegexMatcher,
    searcher::{Searcher, Sink},
};
use ignore::WalkState;

use super::{
    Error, build::Printer, haystack::Haystack, options::Form, output::Output, plan::Plan, stats::print_stats,
};

/// Searches, and says whether anything matched.
pub fn search(plan: &Plan, form: Form) -> Result<bool, Error> {
    let found = if plan.threads == 1 { one_by_one(plan, form)? } else { at_once(plan, form)? };
    if plan.implicit && !found.searched {
        plan.messages.error(
            "No files were searched, which means ripgrep probably applied a filter you didn't expect.\n\
             Running with --debug will show why files are being skipped.",
        );
    }
    Ok(found.matched)
}

/// What a whole search came to.
struct Found {
    searched: bool,
    matched: bool,
}

/// What the search of one file came to.
struct Outcome {
    matched: bool,
    stats: Option<Stats>,
}

/// All that searches one file after another.
struct Worker<'a> {
    plan: &'a Plan,
    matcher: RegexMatcher,
    searcher: Searcher,
    printer: Printer<Output>,
}

impl<'a> Worker<'a> {
    fn new(plan: &'a Plan, form: Form, matcher: RegexMatcher, to: Output) -> Self {
        Self { plan, matcher, searcher: plan.searcher(), printer: plan.printer(form, to) }
    }

    fn search(&mut self, haystack: &Haystack) -> io::Result<Outcome> {
        self.searcher.set_binary_detection(self.plan.binary_detection(haystack.is_explicit()));
        let (matcher, searcher) = (&self.matcher, &mut self.searcher);
        match &mut self.printer {
            Printer::Standard(printer) => {
                let mut sink = printer.sink_with_path(matcher, haystack.path());
                go_through(searcher, matcher, haystack, Box::new(&mut sink))?;
                Ok(Outcome { matched: sink.has_match(), stats: sink.stats().cloned() })
            }
            Printer::Summary(printer) => {
                let mut sink = printer.sink_with_path(matcher, haystack.path());
                go_through(searcher, matcher, haystack, Box::new(&mut sink))?;
                Ok(Outcome { matched: sink.has_match(), stats: sink.stats().cloned() })
            }
            Printer::Json(printer) => {
                let mut sink = printer.sink_with_path(matcher, haystack.path());
                go_through(searcher, matcher, haystack, Box::new(&mut sink))?;
                Ok(Outcome { matched: sink.has_match(), stats: Some(sink.stats().clone()) })
            }
        }
    }
}

/// Searches one file or stdin. The sink and the reader have one type each, or the searcher would be compiled for every
/// pair of them.
fn go_through(
    searcher: &mut Searcher,
    matcher: &RegexMatcher,
    haystack: &Haystack,
    sink: Box<dyn Sink<Error = io::Error> + '_>,
) -> io::Result<()> {
    if haystack.is_stdin() {
        searcher.search_reader(matcher, &File::from(io::stdin().as_fd().try_clone_to_owned()?), sink)
    } else {
        searcher.search_path(matcher, haystack.path(), sink)
    }
}

fn one_by_one(plan: &Plan, form: Form) -> Result<Found, Error> {
    let start = Instant::now();
    let mut worker = Worker::new(plan, form, plan.matcher()?, Output::Stream(plan.stdout()));
    let mut stats = plan.counts().then(Stats::new);
    let mut found = Found { searched: false, matched: false };
    for haystack in plan.haystacks() {
        found.searched = true;
        match worker.search(&haystack) {
            Ok(outcome) => {
                found.matched |= outcome.matched;
                if let (Some(all), Some(one)) = (&mut stats, &outcome.stats) {
                    *all += one;
                }
            }
            // Whoever reads the output has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => plan.messages.error(format_args!("{}: {error}", haystack.path().display())),
        }
        if found.matched && plan.quits_after_match() {
            break;
        }
    }
    if let Some(stats) = stats {
        // Whether anything matched does not depend on them.
        let _ = print_stats(form, &stats, start.elapsed(), worker.printer.get_mut());
    }
    Ok(found)
}

fn at_once(plan: &Plan, form: Form) -> Result<Found, Error> {
    let start = Instant::now();
    let stdout = plan.shared_stdout();
    let stats = plan.counts().then(|| Mutex::new(Stats::new()));
    let (searched, matched) = (AtomicBool::new(false), AtomicBool::new(false));
    let matcher = plan.matcher()?;
    plan.walk().build_parallel().run(|| {
        let mut worker = Worker::new(plan, form, matcher.clone(), Output::Buffer(stdout.buffer()));
        let (stdout, stats, searched, matched) = (&stdout, &stats, &searched, &matched);
        Box::new(move |found| {
            let Some(haystack) = Haystack::of(found, plan) else { return WalkState::Continue };
            searched.store(true, Ordering::Relaxed);
            worker.printer.get_mut().clear();
            let outcome = match worker.search(&haystack) {
                Ok(outcome) => outcome,
                Err(error) => {
                    plan.messages.error(format_args!("{}: {error}", haystack.path().display()));
                    return WalkState::Continue;
                }
            };
            if outcome.matched {
                matched.store(true, Ordering::Relaxed);
            }
            if let (Some(all), Some(one)) = (stats, &outcome.stats) {
                *all.lock().unwrap_or_else(PoisonError::into_inner) += one;
            }
            if let Err(error) = worker.printer.get_mut().print(stdout) {
                if error.kind() == io::ErrorKind::BrokenPipe {
                    return WalkState::Quit;
                }
                plan.messages.error(format_args!("{}: {error}", haystack.path().display()));
            }
            if plan.quits_after_match() && matched.load(Ordering::Relaxed) {
                WalkState::Quit
            } else {
                WalkState::Continue
            }
        })
    });
    if let Some(stats) = stats {
        let stats = stats.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = stdout.buffer();
        // Whether anything matched does not depend on them.
        let _ = print_stats(form, &stats, start.elapsed(), &mut buffer);
        let _ = stdout.print(&buffer);
    }
    Ok(Found { searched: searched.into_inner(), matched: matched.into_inner() })
}
