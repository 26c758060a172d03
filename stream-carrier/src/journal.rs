//! What was sent and is not confirmed yet, so that the next link can go on where the last one broke.

use std::collections::VecDeque;

use crate::packet::Packet;

/// The other end counts otherwise than this one: it is not the one this session was with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the other end does not know this session")]
pub struct Lost;

/// Numbered packets in their order, the number being their place since the session began.
#[derive(Debug, Default)]
pub struct Journal {
    kept: VecDeque<Packet>,
    /// How many were confirmed and dropped.
    confirmed: u64,
    /// How many of those kept were written on the present link.
    written: usize,
    /// Bytes of those not written.
    waiting: usize,
}

impl Journal {
    /// Adds a packet, to be written after all others.
    pub fn push(&mut self, packet: Packet) {
        self.waiting += packet.weight();
        self.kept.push_back(packet);
    }

    /// The next packet for the present link.
    pub fn take_next(&mut self) -> Option<&Packet> {
        let packet = self.kept.get(self.written)?;
        self.written += 1;
        self.waiting -= packet.weight();
        Some(packet)
    }

    /// Bytes that wait to be written.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// The other end has so many; they are not needed any more.
    pub fn confirm(&mut self, count: u64) -> Result<(), Lost> {
        let more =
            count.checked_sub(self.confirmed).and_then(|more| usize::try_from(more).ok()).ok_or(Lost)?;
        if more > self.written {
            return Err(Lost);
        }
        self.kept.drain(..more);
        self.written -= more;
        self.confirmed = count;
        Ok(())
    }

    /// Goes on, on a new link, behind what the other end has.
    pub fn resume(&mut self, count: u64) -> Result<(), Lost> {
        // What was written on the last link may have arrived or not: the other end's count says which.
        self.confirm(count)?;
        self.written = 0;
        self.waiting = self.kept.iter().map(Packet::weight).sum();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn data(text: &'static str) -> Packet {
        Packet::Data { stream: 1, bytes: Bytes::from_static(text.as_bytes()) }
    }

    #[test]
    fn the_next_link_goes_on_behind_what_has_arrived() {
        let mut journal = Journal::default();
        ["a", "bc", "d", "e"].into_iter().for_each(|text| journal.push(data(text)));
        assert_eq!(journal.waiting(), 5);
        for text in ["a", "bc", "d"] {
            assert_eq!(journal.take_next(), Some(&data(text)));
        }
        journal.confirm(1).unwrap();
        assert_eq!(journal.waiting(), 1);
        journal.resume(2).unwrap();
        assert_eq!(journal.waiting(), 2);
        assert_eq!(journal.take_next(), Some(&data("d")));
        assert_eq!(journal.take_next(), Some(&data("e")));
        assert_eq!(journal.take_next(), None);
    }

    #[test]
    fn who_counts_otherwise_is_another() {
        let mut journal = Journal::default();
        ["a", "b"].into_iter().for_each(|text| journal.push(data(text)));
        assert_eq!(journal.resume(1), Err(Lost), "nothing was written yet");
        journal.take_next();
        journal.take_next();
        journal.confirm(2).unwrap();
        assert_eq!(journal.resume(1), Err(Lost), "that was confirmed before");
        assert_eq!(journal.confirm(3), Err(Lost));
    }
}
