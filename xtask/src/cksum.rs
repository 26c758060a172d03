//! The checksum of POSIX `cksum`, which a remote has even where it has no `sha256sum`.

/// CRC of the bytes and then of their number, as `cksum` prints it.
pub fn cksum(bytes: &[u8]) -> u32 {
    let length = bytes.len() as u64;
    let octets = 8 - length.leading_zeros() as usize / 8;
    let crc = bytes.iter().chain(&length.to_le_bytes()[..octets]).fold(0, |crc, byte| step(crc, *byte));
    !crc
}

fn step(crc: u32, byte: u8) -> u32 {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    (0..8).fold(crc ^ (u32::from(byte) << 24), |crc, _| {
        if crc & 0x8000_0000 == 0 { crc << 1 } else { (crc << 1) ^ POLYNOMIAL }
    })
}

#[cfg(test)]
mod tests {
    use super::cksum;

    #[test]
    fn agrees_with_the_command() {
        // printf '' | cksum; printf 123456789 | cksum; head -c 300 /dev/zero | cksum
        assert_eq!(cksum(b""), 4_294_967_295);
        assert_eq!(cksum(b"123456789"), 930_766_865);
        assert_eq!(cksum(&[0; 300]), 351_385_237);
    }
}
