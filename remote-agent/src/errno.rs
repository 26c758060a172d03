//! From an errno to the name that travels.

use rustix::io::Errno;
use wire_protocol::{OUTSIDE, WireError};

use crate::outside;

/// The errno of an I/O error; EIO for the few that std makes up itself.
pub fn of_io(error: &std::io::Error) -> Errno {
    match error.kind() {
        // std refuses a NUL in a name or argument before any system call.
        std::io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => Errno::INVAL,
        _ => Errno::from_io_error(error).unwrap_or(Errno::IO),
    }
}

/// The name of an errno, as Node writes it.
pub fn name(errno: Errno) -> String {
    match errno {
        outside::OUTSIDE => OUTSIDE.to_owned(),
        // One number, two names; Node has only this one.
        Errno::OPNOTSUPP => "ENOTSUP".to_owned(),
        _ => format!("{:?}", nix::errno::Errno::from_raw(errno.raw_os_error())),
    }
}

/// An errno as it travels.
pub fn wire(errno: Errno) -> WireError {
    WireError::new(name(errno))
}

/// The errno of a call made through nix.
pub fn of_nix(errno: nix::errno::Errno) -> Errno {
    Errno::from_raw_os_error(errno as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_node() {
        assert_eq!(name(Errno::NOENT), "ENOENT");
        assert_eq!(name(Errno::AGAIN), "EAGAIN");
        assert_eq!(name(Errno::OPNOTSUPP), "ENOTSUP");
        assert_eq!(name(outside::OUTSIDE), OUTSIDE);
        assert_eq!(name(of_io(&std::fs::File::open("\0").unwrap_err())), "EINVAL");
    }
}
