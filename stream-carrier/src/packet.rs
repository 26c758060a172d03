//! What travels on a link: a kind, the stream's number, the body's length, the body.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Bytes before each body: one of the kind, four of the stream's number, four of the length, little-endian.
const HEADER: usize = 9;

/// Most bytes of a stream in one packet: others need not wait for long.
pub const PIECE: usize = 64 * 1024;

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// A new stream.
    Open { stream: u32 },
    /// Bytes of a stream, at most [`PIECE`].
    Data { stream: u32, bytes: Bytes },
    /// No more bytes of a stream from this end.
    End { stream: u32 },
    /// So many more bytes of a stream may be sent.
    Credit { stream: u32, bytes: u32 },
    /// So many numbered packets have arrived since the session began.
    Arrived { count: u64 },
    /// Asks for [`Packet::Pong`].
    Ping,
    /// Answers [`Packet::Ping`].
    Pong,
    /// The session is over.
    Goodbye,
}

/// Bytes that are no packet.
#[derive(Debug, thiserror::Error)]
#[error("the bytes of the link are no packet")]
pub struct Malformed;

impl Packet {
    /// Whether it counts and is sent again on the next link. The others concern the link alone.
    pub fn is_numbered(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::Data { .. } | Self::End { .. } | Self::Credit { .. })
    }

    /// Bytes of a stream in it.
    pub fn weight(&self) -> usize {
        if let Self::Data { bytes, .. } = self { bytes.len() } else { 0 }
    }

    /// Writes it behind what is there.
    pub fn put(&self, to: &mut Vec<u8>) {
        let mut head = |kind: u8, stream: u32, length: usize| {
            to.put_u8(kind);
            to.put_u32_le(stream);
            to.put_u32_le(u32::try_from(length).expect("a piece is short"));
        };
        match self {
            Self::Open { stream } => head(0, *stream, 0),
            Self::Data { stream, bytes } => {
                head(1, *stream, bytes.len());
                to.extend_from_slice(bytes);
            }
            Self::End { stream } => head(2, *stream, 0),
            Self::Credit { stream, bytes } => {
                head(3, *stream, 4);
                to.put_u32_le(*bytes);
            }
            Self::Arrived { count } => {
                head(4, 0, 8);
                to.put_u64_le(*count);
            }
            Self::Ping => head(5, 0, 0),
            Self::Pong => head(6, 0, 0),
            Self::Goodbye => head(7, 0, 0),
        }
    }

    /// Takes the first whole packet off what has arrived.
    pub fn take(from: &mut BytesMut) -> Result<Option<Self>, Malformed> {
        let Some(mut header) = from.get(..HEADER) else { return Ok(None) };
        let (kind, stream, length) = (header.get_u8(), header.get_u32_le(), header.get_u32_le() as usize);
        if length > PIECE {
            return Err(Malformed);
        }
        if from.len() < HEADER + length {
            return Ok(None);
        }
        from.advance(HEADER);
        let mut body = from.split_to(length);
        let packet = match (kind, length) {
            (0, 0) => Self::Open { stream },
            (1, _) => Self::Data { stream, bytes: body.freeze() },
            (2, 0) => Self::End { stream },
            (3, 4) => Self::Credit { stream, bytes: body.get_u32_le() },
            (4, 8) => Self::Arrived { count: body.get_u64_le() },
            (5, 0) => Self::Ping,
            (6, 0) => Self::Pong,
            (7, 0) => Self::Goodbye,
            _ => return Err(Malformed),
        };
        Ok(Some(packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Packet> {
        vec![
            Packet::Open { stream: 7 },
            Packet::Data { stream: 7, bytes: Bytes::from_static(b"\0\xff\n") },
            Packet::Data { stream: 8, bytes: Bytes::new() },
            Packet::End { stream: 7 },
            Packet::Credit { stream: u32::MAX, bytes: 9 },
            Packet::Arrived { count: u64::MAX },
            Packet::Ping,
            Packet::Pong,
            Packet::Goodbye,
        ]
    }

    #[test]
    fn packets_survive_any_split() {
        let mut bytes = Vec::new();
        all().iter().for_each(|packet| packet.put(&mut bytes));
        for size in 1..bytes.len() {
            let (mut arrived, mut seen) = (BytesMut::new(), Vec::new());
            for piece in bytes.chunks(size) {
                arrived.extend_from_slice(piece);
                while let Some(packet) = Packet::take(&mut arrived).unwrap() {
                    seen.push(packet);
                }
            }
            assert_eq!(seen, all(), "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_packet_is_refused_before_its_body_comes() {
        for bytes in [[9, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1, 0, 0, 0]] {
            let mut arrived = BytesMut::from(&bytes[..]);
            arrived.extend_from_slice(&[0]);
            assert!(Packet::take(&mut arrived).is_err(), "{bytes:?}");
        }
    }
}
