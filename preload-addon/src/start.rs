//! The start of a program: what it looked at last time is asked for at once, and what it looks at now is noted for
//! the next time.

use std::{collections::HashSet, time::Duration};

use parking_lot::{Condvar, Mutex};
use tokio::sync::mpsc::UnboundedSender;
use wire_protocol::{
    WireError,
    codec::{Decoder, encode},
    files::{FileCall, FileReply},
};

use crate::platform;

/// How long after its connection a program counts as starting.
const LASTS: Duration = Duration::from_secs(10);

/// Most calls that are noted.
const MOST: usize = 512;

/// Largest content, and most of all together, that is asked for next time. Of what is larger, the metadata is.
const CONTENT: usize = 64 * 1024;
const CONTENTS: usize = 2 * 1024 * 1024;

/// What lies in a root and is looked at by many programs when they start.
const USUAL: [&str; 6] = [".git/HEAD", ".git/config", "package.json", "README.md", "AGENTS.md", "CLAUDE.md"];

/// Takes notes, and lets callers wait for what was asked for.
#[derive(Default)]
pub struct Start {
    notes: Mutex<Option<Notes>>,
    /// Calls asked for at once that are not answered yet.
    outstanding: Mutex<usize>,
    answered: Condvar,
}

struct Notes {
    to: UnboundedSender<Vec<u8>>,
    until: Duration,
    noted: HashSet<FileCall>,
    contents: usize,
}

impl Start {
    /// Notes calls from now on, each as a frame to `to`, which is dropped when the start is over.
    pub fn note_to(&self, to: UnboundedSender<Vec<u8>>) {
        let until = platform::clock() + LASTS;
        *self.notes.lock() = Some(Notes { to, until, noted: HashSet::new(), contents: 0 });
    }

    /// Notes a call and what came of it.
    pub fn note(&self, call: &FileCall, outcome: &Result<FileReply, WireError>) {
        let mut notes = self.notes.lock();
        let Some(taken) = &mut *notes else { return };
        if platform::clock() > taken.until || taken.noted.len() >= MOST {
            *notes = None;
            return;
        }
        let content = match outcome {
            Ok(FileReply::Content { data, more: false, .. }) => data.len(),
            _ => 0,
        };
        let call = again(call, content <= CONTENT && taken.contents + content <= CONTENTS);
        if taken.noted.contains(&call) {
            return;
        }
        if let FileCall::ReadFile { .. } = call {
            taken.contents += content;
        }
        // A path that is too long for a frame is none that leads anywhere.
        let Ok(frame) = encode(&call) else { return };
        taken.noted.insert(call);
        if taken.to.send(frame).is_err() {
            *notes = None;
        }
    }

    /// So many calls were asked for at once.
    pub fn asked(&self, calls: usize) {
        *self.outstanding.lock() += calls;
    }

    /// One of them was answered, or never will be.
    pub fn answered(&self) {
        *self.outstanding.lock() -= 1;
        self.answered.notify_all();
    }

    /// The answer to a call, waiting for it as long as what was asked for may bring it.
    pub fn wait_for<T>(&self, mut known: impl FnMut() -> Option<T>) -> Option<T> {
        loop {
            let mut outstanding = self.outstanding.lock();
            match known() {
                None if *outstanding > 0 => self.answered.wait(&mut outstanding),
                answer => return answer,
            }
        }
    }
}

/// What to ask for next time, the content too if it is small enough.
fn again(call: &FileCall, small: bool) -> FileCall {
    match call {
        FileCall::ReadFile { path, .. } if !small => FileCall::Stat { path: path.clone(), follow: true },
        FileCall::ReadFile { path, .. } | FileCall::Open { path, .. } => {
            FileCall::ReadFile { descriptor: 0, path: path.clone(), flags: 0 }
        }
        FileCall::ReadDirectory { path, .. } => FileCall::ReadDirectory { descriptor: 0, path: path.clone() },
        other => other.clone(),
    }
}

/// The calls of earlier notes; the usual ones where there are none. Each that opens gets a number of its own.
pub fn calls(notes: &[u8], root: &str, new_number: impl Fn() -> u32) -> Vec<FileCall> {
    let mut decoder = Decoder::default();
    decoder.push(notes);
    let mut calls = Vec::new();
    // What cannot be read, because the last note was cut off, ends them.
    while let Ok(Some(call)) = decoder.next_frame() {
        calls.push(call);
    }
    if calls.is_empty() {
        calls = usual(root);
    }
    for call in &mut calls {
        if let FileCall::ReadFile { descriptor, .. } | FileCall::ReadDirectory { descriptor, .. } = call {
            *descriptor = new_number();
        }
    }
    calls
}

fn usual(root: &str) -> Vec<FileCall> {
    let directory = FileCall::ReadDirectory { descriptor: 0, path: root.into() };
    let file = |name: &str| FileCall::ReadFile {
        descriptor: 0,
        path: format!("{}/{name}", root.trim_end_matches('/')).into(),
        flags: 0,
    };
    std::iter::once(directory).chain(USUAL.map(file)).collect()
}
