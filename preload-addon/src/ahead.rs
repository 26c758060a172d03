//! An open file that is read ahead: a program that reads it from one end to the other does not wait for each read.
//!
//! What was read ahead is a fact like any other: it may be told as long as the file's lease stands, which whoever
//! holds this has to know. Nothing here sends or waits; the parts to ask for are answered to the caller.

use std::collections::BTreeMap;

use wire_protocol::{
    WireError,
    files::{CHUNK, FileReply},
    leases::LeaseId,
};

/// Most bytes held or asked for ahead of one file: enough to keep a link of 50 ms and 160 MiB/s busy.
const MOST: u64 = 8 * 1024 * 1024;

/// Smallest part that is asked for ahead, and how many parts a window has.
const PART: u64 = 64 * 1024;
const PARTS: u64 = 8;

/// Whoever has fetched more than it was asked for may come back by so much and still counts as going on.
const BACK: u64 = CHUNK as u64;

/// Called once with the outcome of a read.
pub type Done = Box<dyn FnOnce(Result<FileReply, WireError>) + Send>;

/// A part of a file to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Where it begins.
    pub at: u64,
    /// Its bytes, a chunk at most.
    pub length: u32,
}

/// A read whose bytes are under way.
pub struct Waiting {
    /// Where it begins.
    at: u64,
    /// Where it ends, by the size of the file.
    end: u64,
    /// The position it was asked for at; `None` is the file's own offset.
    pub position: Option<u64>,
    /// How many bytes were asked for.
    pub length: u32,
    /// Who waits.
    pub done: Done,
}

/// What becomes of a read.
pub struct Begun {
    /// What to ask for.
    pub asks: Vec<Part>,
    /// Who can be told now, and what.
    pub ready: Option<(Done, Vec<u8>)>,
}

/// An open file of which more is known than its number.
pub struct OpenFile {
    /// The file's lease.
    pub lease: LeaseId,
    /// How far it was read by its own offset, without the agent's moving.
    offset: u64,
    /// Where the last read ended, and the furthest any has.
    next: u64,
    reached: u64,
    /// How much is read ahead; nothing until a read goes on where the one before ended.
    window: u64,
    /// By where they begin; they do not overlap.
    pieces: BTreeMap<u64, Piece>,
    waiting: Vec<Waiting>,
}

struct Piece {
    length: u64,
    /// `None` while it is under way.
    data: Option<Vec<u8>>,
}

impl OpenFile {
    /// Nothing is read of it yet.
    pub fn new(lease: LeaseId) -> Self {
        let (offset, next, reached, window) = (0, u64::MAX, 0, 0);
        Self { lease, offset, next, reached, window, pieces: BTreeMap::new(), waiting: Vec::new() }
    }

    /// Reads from a content that is known as a whole.
    pub fn read_known(&mut self, content: &[u8], position: Option<u64>, length: u32) -> Vec<u8> {
        let start = usize::try_from(position.unwrap_or(self.offset))
            .map_or(content.len(), |start| start.min(content.len()));
        let data = content[start..].iter().take(length as usize).copied().collect::<Vec<_>>();
        if position.is_none() {
            self.offset += data.len() as u64;
        }
        data
    }

    /// Reads from a file of this size; at most `room` bytes may be held ahead.
    pub fn read(&mut self, position: Option<u64>, length: u32, size: u64, room: u64, done: Done) -> Begun {
        let at = position.unwrap_or(self.offset);
        let end = size.min(at.saturating_add(length.min(CHUNK).into())).max(at);
        if position.is_none() {
            self.offset = end;
        }
        let goes_on = at <= self.next && at.saturating_add(BACK) >= self.next;
        if !goes_on {
            self.window = 0;
        } else if end > self.reached {
            self.window = (2 * self.window).max(2 * (end - at));
        }
        self.window = self.window.min(MOST).min(room);
        (self.next, self.reached) = (end, self.reached.max(end));
        let mut asks = Vec::new();
        self.cover(at, end, &mut asks);
        self.go_on(end, size, &mut asks);
        let ready = match self.bytes(at, end) {
            Some(data) => Some((done, data)),
            None => {
                self.waiting.push(Waiting { at, end, position, length, done });
                None
            }
        };
        self.drop_passed();
        Begun { asks, ready }
    }

    /// Takes a part that was asked for. False if it is not as long as the file's size says.
    pub fn arrived(&mut self, part: Part, data: Vec<u8>, told: &mut Vec<(Done, Vec<u8>)>) -> bool {
        let Some(piece) = self.pieces.get_mut(&part.at) else { return true };
        if piece.data.is_some() || piece.length != u64::from(part.length) {
            return true;
        }
        if data.len() as u64 != piece.length {
            return false;
        }
        piece.data = Some(data);
        let mut left = Vec::new();
        for one in std::mem::take(&mut self.waiting) {
            match self.bytes(one.at, one.end) {
                Some(data) => told.push((one.done, data)),
                None => left.push(one),
            }
        }
        self.waiting = left;
        self.drop_passed();
        true
    }

    /// Whether a part that was asked for is of use.
    pub fn wants(&self, part: Part) -> bool {
        self.pieces.get(&part.at).is_some_and(|piece| piece.data.is_none())
    }

    /// Whether any read waits.
    pub fn is_waited_for(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The bytes that are held or under way.
    pub fn held(&self) -> u64 {
        self.pieces.values().map(|piece| piece.length).sum()
    }

    /// Forgets what was read ahead.
    pub fn forget_pieces(&mut self) {
        self.pieces.retain(|_, piece| piece.data.is_none());
    }

    /// How far the program was told of the file by its own offset, and the reads that wait.
    pub fn end(self) -> (u64, Vec<Waiting>) {
        let untold = self.waiting.iter().find(|one| one.position.is_none());
        (untold.map_or(self.offset, |one| one.at), self.waiting)
    }

    /// Asks for what is missing between two places.
    fn cover(&mut self, mut at: u64, end: u64, asks: &mut Vec<Part>) {
        while at < end {
            at = self.covered_from(at);
            let next = self.pieces.range(at..).next().map_or(end, |(start, _)| end.min(*start));
            if at < next {
                self.ask(at, next - at, asks);
            }
        }
    }

    /// Asks for whole parts of the window behind a place, and for the rest of the file if it lies in it.
    fn go_on(&mut self, end: u64, size: u64, asks: &mut Vec<Part>) {
        let until = size.min(end.saturating_add(self.window));
        let part = (self.window / PARTS).clamp(PART, CHUNK.into());
        loop {
            let at = self.covered_from(end);
            if at >= until || (until - at < part && until < size) {
                return;
            }
            let free = self.pieces.range(at..).next().map_or(u64::MAX, |(start, _)| start - at);
            self.ask(at, part.min(until - at).min(free), asks);
        }
    }

    fn ask(&mut self, at: u64, length: u64, asks: &mut Vec<Part>) {
        let length = length.min(CHUNK.into());
        self.pieces.insert(at, Piece { length, data: None });
        asks.push(Part { at, length: length as u32 });
    }

    /// The first place from this one on that is neither held nor under way.
    fn covered_from(&self, mut at: u64) -> u64 {
        while let Some((start, piece)) = self.pieces.range(..=at).next_back()
            && start + piece.length > at
        {
            at = start + piece.length;
        }
        at
    }

    /// The bytes between two places, if all of them came.
    fn bytes(&self, mut at: u64, end: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(end - at).ok()?);
        while at < end {
            let (start, piece) = self.pieces.range(..=at).next_back()?;
            let data = piece.data.as_deref()?;
            let from = usize::try_from(at - start).ok()?;
            let until = data.len().min(usize::try_from(end - start).ok()?);
            let part = data.get(from..until).filter(|part| !part.is_empty())?;
            bytes.extend_from_slice(part);
            at += part.len() as u64;
        }
        Some(bytes)
    }

    /// Drops what lies behind the program's place or outside of the window, and nobody waits for.
    fn drop_passed(&mut self) {
        let (back, until) = match self.window {
            0 => (self.next, self.next),
            window => (self.next.saturating_sub(BACK.min(window)), self.next.saturating_add(window)),
        };
        let waiting = &self.waiting;
        self.pieces.retain(|start, piece| {
            let meets = |from: u64, until: u64| *start < until && start + piece.length > from;
            meets(back, until) || waiting.iter().any(|one| meets(one.at, one.end))
        });
    }
}
