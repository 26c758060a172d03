//! Lists that need no search: the files that would be searched, and the file types.

use std::{
    io::{self, Write},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use ignore::WalkState;

use super::{Error, haystack::Haystack, plan::Plan};

/// As many paths may wait to be printed.
const WAITING: usize = 1024;

/// Lists the files, and says whether there are any.
pub fn files(plan: &Plan) -> Result<bool, Error> {
    let (any, printed) = if plan.threads == 1 { one_by_one(plan) } else { at_once(plan) };
    match printed {
        // Whoever reads the output has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(any),
    }
}

fn one_by_one(plan: &Plan) -> (bool, io::Result<()>) {
    let mut printer = plan.path_printer();
    let mut any = false;
    for haystack in plan.haystacks() {
        any = true;
        if plan.quits_after_match() {
            break;
        }
        if let Err(error) = printer.write(haystack.path()) {
            return (any, Err(error));
        }
    }
    (any, Ok(()))
}

fn at_once(plan: &Plan) -> (bool, io::Result<()>) {
    let any = AtomicBool::new(false);
    let (sender, receiver) = mpsc::sync_channel::<Haystack>(WAITING);
    let printed = thread::scope(|scope| {
        let printing = scope.spawn(move || {
            let mut printer = plan.path_printer();
            receiver.iter().try_for_each(|haystack| printer.write(haystack.path()))
        });
        plan.walk().build_parallel().run(|| {
            let (sender, any) = (sender.clone(), &any);
            Box::new(move |found| {
                let Some(haystack) = Haystack::of(found, plan) else { return WalkState::Continue };
                any.store(true, Ordering::Relaxed);
                if plan.quits_after_match() || sender.send(haystack).is_err() {
                    WalkState::Quit
                } else {
                    WalkState::Continue
                }
            })
        });
        drop(sender);
        printing.join().expect("printing does not panic")
    });
    (any.into_inner(), printed)
}

/// Lists the file types, and gives the exit status.
pub fn types(plan: &Plan) -> io::Result<u8> {
    let mut stdout = plan.stdout();
    let definitions = plan.types.definitions();
    for definition in definitions {
        writeln!(stdout, "{}: {}", definition.name(), definition.globs().join(", "))?;
    }
    Ok(u8::from(definitions.is_empty()))
}
