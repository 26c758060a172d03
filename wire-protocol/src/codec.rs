//! Frames: a length of four bytes, little-endian, then the value in postcard's encoding.

use postcard::ser_flavors::Flavor;
use serde::{Serialize, de::DeserializeOwned};

/// Longest frame accepted: a guard against a broken peer, far above what either side sends.
pub const MAX_FRAME: usize = 64 * 1024 * 1024;

/// Bytes of the length before each frame.
const HEADER: usize = 4;

/// Why bytes are no frame.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// A frame longer than [`MAX_FRAME`].
    #[error("a frame of {0} bytes is over the limit")]
    TooLong(usize),
    /// A frame that does not hold the expected value, or a value that cannot be written.
    #[error("a frame does not hold what it should: {0}")]
    Value(#[from] postcard::Error),
}

/// The frame of `value`.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    let mut frame = postcard::serialize_with_flavor(value, Frame(vec![0; HEADER]))?;
    let length = frame.len() - HEADER;
    if length > MAX_FRAME {
        return Err(CodecError::TooLong(length));
    }
    frame[..HEADER].copy_from_slice(&(length as u32).to_le_bytes());
    Ok(frame)
}

/// What a value is written to. postcard's own for something that grows takes a content byte by byte.
struct Frame(Vec<u8>);

impl Flavor for Frame {
    type Output = Vec<u8>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

/// Takes the bytes of a stream as they come and gives back its frames.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    read: usize,
}

impl Decoder {
    /// Adds bytes that arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.read > 0 {
            self.buffer.drain(..self.read);
            self.read = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or `None` until more bytes are pushed.
    pub fn next_frame<T: DeserializeOwned>(&mut self) -> Result<Option<T>, CodecError> {
        let pending = &self.buffer[self.read..];
        let Some((header, rest)) = pending.split_first_chunk::<HEADER>() else { return Ok(None) };
        let length = u32::from_le_bytes(*header) as usize;
        if length > MAX_FRAME {
            return Err(CodecError::TooLong(length));
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let value = postcard::from_bytes(body)?;
        self.read += HEADER + length;
        if self.read == self.buffer.len() {
            self.buffer.clear();
            self.read = 0;
        }
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, ToAgent, files::FileCall};

    fn frames() -> Vec<ToAgent> {
        let write = FileCall::Write { descriptor: 7, position: None, data: vec![0, 255, 10, 13], series: 0 };
        vec![
            ToAgent::Call { id: 1, call: Call::Files(FileCall::Close { descriptor: 1 }) },
            ToAgent::Call { id: 2, call: Call::Files(write) },
            ToAgent::InputEnd { process: 3, pipe: 0 },
        ]
    }

    #[test]
    fn frames_survive_any_split() {
        let bytes: Vec<u8> = frames().iter().flat_map(|frame| encode(frame).unwrap()).collect();
        for size in 1..bytes.len() {
            let mut decoder = Decoder::default();
            let mut seen = Vec::new();
            for piece in bytes.chunks(size) {
                decoder.push(piece);
                while let Some(frame) = decoder.next_frame::<ToAgent>().unwrap() {
                    seen.push(frame);
                }
            }
            assert_eq!(seen, frames(), "in pieces of {size}");
        }
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_before_its_body_comes() {
        let mut decoder = Decoder::default();
        decoder.push(&u32::MAX.to_le_bytes());
        assert!(matches!(decoder.next_frame::<ToAgent>(), Err(CodecError::TooLong(_))));
    }
}
