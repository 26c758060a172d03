//! Reads of open files that are known: told from what was read ahead, or when it comes.

use wire_protocol::{
    Call, Reply,
    files::{Descriptor, FileCall, FileReply},
};

use crate::{
    ahead::{Begun, Done, Part, Waiting},
    stream::{Stream, of_files},
};

impl Stream {
    /// Reads an open file, ahead of what is asked for. Gives `done` back where the agent itself has to be asked.
    pub fn read(&'static self, call: &FileCall, done: Done) -> Option<Done> {
        let FileCall::Read { descriptor, position, length } = *call else { return Some(done) };
        let Begun { asks, ready } = match self.cache().read(descriptor, position, length, done) {
            Ok(begun) => begun,
            Err(done) => return Some(done),
        };
        for part in asks {
            self.ask(descriptor, part);
        }
        if let Some((done, data)) = ready {
            done(Ok(FileReply::Bytes(data)));
        }
        None
    }

    fn ask(&'static self, descriptor: Descriptor, part: Part) {
        let Part { at, length } = part;
        let read = FileCall::Read { descriptor, position: Some(at), length };
        self.call(Call::Files(read), move |result| {
            let data = match result {
                Ok(Reply::Files(FileReply::Bytes(data))) => Some(data),
                // Whoever waits for it asks again, and hears why.
                _ => None,
            };
            match self.cache().arrived(descriptor, part, data) {
                Some(told) => told.into_iter().for_each(|(done, data)| done(Ok(FileReply::Bytes(data)))),
                None => self.let_go(descriptor),
            }
        });
    }

    /// The agent is to use an open file: it first has to stand where it was read to without it, and to do the reads
    /// that still wait.
    pub fn let_go(&self, descriptor: Descriptor) {
        self.cache().let_go(descriptor, |file| {
            let (offset, waiting) = file.end();
            if offset > 0 {
                self.call(Call::Files(FileCall::Seek { descriptor, offset }), |_| ());
            }
            for Waiting { position, length, done, .. } in waiting {
                let read = FileCall::Read { descriptor, position, length };
                self.call(Call::Files(read), |result| done(result.and_then(of_files)));
            }
        });
    }
}
