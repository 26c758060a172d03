//! Taking what was found: printing it, sorted if there is little of it and soon, or running commands on it.

use std::{
    io::{self, BufWriter, StdoutLock, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    WHO,
    entry::Entry,
    exec::{Commands, Mode},
    output,
    plan::Plan,
};
use crate::messages::say;

/// Results are sorted if there are not more than these.
const SORTED: usize = 1000;

/// Results are sorted if they come before this.
const SOON: Duration = Duration::from_millis(100);

/// Takes all results, or as many as are wanted, and gives the exit status.
pub fn take(results: Receiver<Entry>, plan: &Plan, stop: &AtomicBool) -> u8 {
    let code = match &plan.commands {
        Some(commands) => u8::from(!run(commands, results, plan)),
        None if plan.options.quiet => u8::from(results.recv().is_err()),
        None => match print(&results, plan) {
            Ok(()) => 0,
            // Whoever reads the output has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 1,
            Err(error) => {
                say(WHO, format_args!("Could not write to output: {error}"));
                1
            }
        },
    };
    stop.store(true, Ordering::Relaxed);
    code
}

fn print(results: &Receiver<Entry>, plan: &Plan) -> io::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    let limit = plan.max_results();
    let deadline = Instant::now() + plan.options.max_buffer_time.unwrap_or(SOON);
    let mut early = Vec::new();
    while early.len() < limit {
        match results.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(entry) if early.len() < SORTED => early.push(entry),
            Ok(entry) => {
                early.push(entry);
                break;
            }
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => {
                early.sort();
                return print_all(&mut stdout, &early, plan);
            }
        }
    }
    let printed = early.len();
    if printed >= limit {
        early.sort();
    }
    print_all(&mut stdout, &early, plan)?;
    drop(early);
    for _ in printed..limit {
        let entry = match results.try_recv() {
            Ok(entry) => entry,
            Err(_) => {
                // Before it waits, what is known is shown.
                stdout.flush()?;
                let Ok(entry) = results.recv() else { break };
                entry
            }
        };
        output::print(&mut stdout, &entry, plan)?;
    }
    stdout.flush()
}

fn print_all(stdout: &mut BufWriter<StdoutLock>, entries: &[Entry], plan: &Plan) -> io::Result<()> {
    for entry in entries {
        output::print(stdout, entry, plan)?;
    }
    stdout.flush()
}

fn run(commands: &Commands, results: Receiver<Entry>, plan: &Plan) -> bool {
    let path = |entry: Entry| entry.shown_path(plan.strip).to_owned();
    match commands.mode {
        Mode::Batch => {
            let limit = plan.options.batch_size.unwrap_or(0);
            commands.run_for_all(results.iter().map(path), limit, plan.separator())
        }
        Mode::Each => {
            let results = Mutex::new(results);
            let next = || results.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
            let several = plan.threads > 1;
            let worker = || {
                let mut good = true;
                while let Some(entry) = next() {
                    good &= commands.run_for(&path(entry), plan.separator(), plan.options.print0, several);
                }
                good
            };
            thread::scope(|scope| {
                let workers: Vec<_> = (0..plan.threads).map(|_| scope.spawn(worker)).collect();
                workers.into_iter().all(|worker| worker.join().expect("a command's run does not panic"))
            })
        }
    }
}
