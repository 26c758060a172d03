//! What `--ssh` names: `[user@]host[:port]:path`.

use std::str::FromStr;

/// A remote directory as the user typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The user, if given.
    pub user: Option<String>,
    /// A name, an alias of the SSH config, or an address (without brackets).
    pub host: String,
    /// The port, if given.
    pub port: Option<u16>,
    /// Absolute, `~/x`, relative to the home, or empty for the home.
    pub path: String,
}

/// Why a word is no target.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TargetError {
    /// Nothing before the colon.
    #[error("it names no host")]
    NoHost,
    /// An address's bracket is not closed, or something other than a colon follows it.
    #[error("an address in brackets must end with ] and be followed by a colon")]
    Bracket,
    /// The port is no number from 1 to 65535.
    #[error("{0} is no port")]
    Port(String),
    /// A host or user that a program could take for an option, or with characters no name has.
    #[error("{0:?} cannot be a host or a user")]
    Name(String),
    /// The path holds a NUL.
    #[error("a path cannot hold a NUL")]
    Path,
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        // The user may hold an `@`, the path too: only the part before the first colon or bracket counts.
        let head = &text[..text.find([':', '[']).unwrap_or(text.len())];
        let (user, rest) = match head.rfind('@') {
            Some(at) => (Some(text[..at].to_owned()), &text[at + 1..]),
            None => (None, text),
        };
        let (host, rest) = match rest.strip_prefix('[') {
            Some(inner) => {
                let (host, rest) = inner.split_once(']').ok_or(TargetError::Bracket)?;
                if !(rest.is_empty() || rest.starts_with(':')) {
                    return Err(TargetError::Bracket);
                }
                (host, rest)
            }
            None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
        };
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let (port, path) = match rest.split_once(':') {
            Some((digits, path)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                let port = digits.parse().ok().filter(|port| *port != 0);
                (Some(port.ok_or_else(|| TargetError::Port(digits.to_owned()))?), path)
            }
            _ => (None, rest),
        };
        if host.is_empty() {
            return Err(TargetError::NoHost);
        }
        for name in user.iter().map(String::as_str).chain([host]) {
            let odd = |c: char| c.is_control() || c.is_whitespace() || "'\"`$\\;&<>|(){}/".contains(c);
            if name.is_empty() || name.starts_with('-') || name.contains(odd) {
                return Err(TargetError::Name(name.to_owned()));
            }
        }
        if path.contains('\0') {
            return Err(TargetError::Path);
        }
        Ok(Self { user, host: host.to_owned(), port, path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(user: Option<&str>, host: &str, port: Option<u16>, path: &str) -> Target {
        Target { user: user.map(str::to_owned), host: host.into(), port, path: path.into() }
    }

    #[test]
    fn every_form_is_understood() {
        let cases = [
            ("h:/p", target(None, "h", None, "/p")),
            ("u@h:/p", target(Some("u"), "h", None, "/p")),
            ("u@h", target(Some("u"), "h", None, "")),
            ("h:", target(None, "h", None, "")),
            ("h:~/x", target(None, "h", None, "~/x")),
            ("h:a/b", target(None, "h", None, "a/b")),
            ("h:22:/p", target(None, "h", Some(22), "/p")),
            ("h:22:", target(None, "h", Some(22), "")),
            ("h:22", target(None, "h", None, "22")),
            ("h:/a:b@c", target(None, "h", None, "/a:b@c")),
            ("u@d@h:/p", target(Some("u@d"), "h", None, "/p")),
            ("[::1]:/p", target(None, "::1", None, "/p")),
            ("u@[fe80::1%eth0]:2222:/p", target(Some("u"), "fe80::1%eth0", Some(2222), "/p")),
            ("h:/p with [x]", target(None, "h", None, "/p with [x]")),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_target_says_why() {
        let cases = [
            ("", TargetError::NoHost),
            (":/p", TargetError::NoHost),
            ("::1:/p", TargetError::NoHost),
            ("[::1:/p", TargetError::Bracket),
            ("[::1]x:/p", TargetError::Bracket),
            ("h:99999:/p", TargetError::Port("99999".into())),
            ("h:0:/p", TargetError::Port("0".into())),
            ("-oProxyCommand=x:/p", TargetError::Name("-oProxyCommand=x".into())),
            ("@h:/p", TargetError::Name(String::new())),
            ("/srv/app", TargetError::Name("/srv/app".into())),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Target>(), Err(expected), "{text}");
        }
    }
}
