//! OpenSSH's known_hosts files: who a host key belongs to. See sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use russh::keys::{Algorithm, PublicKey, PublicKeyBase64, parse_public_key_base64};
use sha1::Sha1;
use tracing::debug;

/// What the files say about a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the host's.
    Known,
    /// Nothing is known; `other_types`: the host has keys of other types only.
    Unknown {
        /// See above.
        other_types: bool,
    },
    /// The host has another key of the same type.
    Changed(Box<Line>),
}

/// A line of a file that holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file.
    pub file: PathBuf,
    /// Its number, from 1.
    pub number: usize,
    /// The key.
    pub key: PublicKey,
    marker: Marker,
    hosts: Hosts,
}

/// What a line says of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    /// The host's own.
    Own,
    /// `@cert-authority`: it may vouch for the host's.
    Authority,
    /// `@revoked`: it may be nobody's.
    Revoked,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    Patterns(Vec<String>),
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

/// The lines of all files.
#[derive(Debug, Default)]
pub struct KnownHosts {
    lines: Vec<Line>,
}

/// The name a host has in the files: with its port in brackets unless that is 22.
pub fn entry_name(host: &str, port: u16) -> String {
    let host = host.to_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

impl KnownHosts {
    /// Reads the files; one that does not exist is empty. The error names the file.
    pub fn read<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Result<Self, (PathBuf, io::Error)> {
        let mut known = Self::default();
        for file in files {
            match fs::read(file) {
                Ok(text) => known.add(file, &String::from_utf8_lossy(&text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err((file.clone(), error)),
            }
        }
        Ok(known)
    }

    /// Reads a file of keys that no host may have, as `RevokedHostKeys` names it.
    pub fn read_revoked(&mut self, file: &Path) -> io::Result<()> {
        let text = fs::read(file)?;
        if text.starts_with(b"SSHKRL\n\0") {
            let why = "it is a revocation list of ssh-keygen -k; one of public keys can be read";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let lines = String::from_utf8_lossy(&text);
        let lines = lines.lines().map(|line| match line.trim_start() {
            "" => String::new(),
            comment if comment.starts_with('#') => String::new(),
            key => format!("@revoked * {key}"),
        });
        self.add(file, &lines.collect::<Vec<_>>().join("\n"));
        Ok(())
    }

    fn add(&mut self, file: &Path, text: &str) {
        for (at, line) in text.lines().enumerate() {
            match parse(line) {
                Parsed::Line { marker, hosts, key } => {
                    self.lines.push(Line { file: file.to_owned(), number: at + 1, key, marker, hosts });
                }
                Parsed::Skipped(why) => debug!("{}:{}: {why}", file.display(), at + 1),
                Parsed::Empty => {}
            }
        }
    }

    /// What is known about `key` for a host of this [`entry_name`].
    pub fn judge(&self, name: &str, key: &PublicKey) -> Verdict {
        let same = |line: &&Line| line.key.key_data() == key.key_data();
        let valid = || self.of_host(name, Marker::Own);
        if valid().any(|line| same(&line)) {
            return Verdict::Known;
        }
        match valid().find(|line| line.key.algorithm() == key.algorithm()) {
            Some(line) => Verdict::Changed(Box::new(line.clone())),
            None => Verdict::Unknown { other_types: valid().next().is_some() },
        }
    }

    /// The line that says of a key that it must not be trusted any more.
    pub fn revoked(&self, name: &str, key: &PublicKey) -> Option<&Line> {
        self.of_host(name, Marker::Revoked).find(|line| line.key.key_data() == key.key_data())
    }

    /// The types of the keys known for a host: to be asked for first, or the host may show a key of another type.
    pub fn types(&self, name: &str) -> Vec<Algorithm> {
        self.of_host(name, Marker::Own).map(|line| line.key.algorithm()).collect()
    }

    /// The keys that may vouch for keys of a host.
    pub fn authorities(&self, name: &str) -> Vec<&PublicKey> {
        self.of_host(name, Marker::Authority).map(|line| &line.key).collect()
    }

    fn of_host(&self, name: &str, marker: Marker) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.marker == marker && line.is_for(name))
    }
}

impl Line {
    fn is_for(&self, name: &str) -> bool {
        match &self.hosts {
            Hosts::Patterns(patterns) => matches_patterns(patterns, name),
            Hosts::Hashed { salt, hash } => hash_name(salt, name) == *hash,
        }
    }
}

enum Parsed {
    Line { marker: Marker, hosts: Hosts, key: PublicKey },
    Skipped(&'static str),
    Empty,
}

fn parse(line: &str) -> Parsed {
    let mut fields = line.split([' ', '\t']).filter(|field| !field.is_empty());
    let Some(mut first) = fields.next().filter(|field| !field.starts_with('#')) else { return Parsed::Empty };
    let mut marker = Marker::Own;
    if first.starts_with('@') {
        match first {
            "@revoked" => marker = Marker::Revoked,
            "@cert-authority" => marker = Marker::Authority,
            _ => return Parsed::Skipped("unknown marker"),
        }
        let Some(next) = fields.next() else { return Parsed::Skipped("no host") };
        first = next;
    }
    let (Some(_type), Some(key)) = (fields.next(), fields.next()) else { return Parsed::Skipped("no key") };
    let Ok(key) = parse_public_key_base64(key) else { return Parsed::Skipped("a key that cannot be read") };
    let hosts = match first.strip_prefix("|1|") {
        Some(hashed) => {
            let parts = hashed.split_once('|');
            let decoded = parts.and_then(|(s, h)| Some((STANDARD.decode(s).ok()?, STANDARD.decode(h).ok()?)));
            let Some((salt, hash)) = decoded else { return Parsed::Skipped("a hash that cannot be read") };
            Hosts::Hashed { salt, hash }
        }
        None => Hosts::Patterns(first.split(',').map(str::to_lowercase).collect()),
    };
    Parsed::Line { marker, hosts, key }
}

/// Whether a text matches one of the patterns of ssh_config(5), PATTERNS, and none of those after a `!`.
pub fn matches_patterns(patterns: &[String], text: &str) -> bool {
    let matches = |pattern: &str| wildcard(pattern.as_bytes(), text.as_bytes());
    let refused = patterns.iter().filter_map(|p| p.strip_prefix('!')).any(matches);
    !refused && patterns.iter().filter(|p| !p.starts_with('!')).any(|p| matches(p))
}

/// `*` and `?`.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|skip| wildcard(rest, &text[skip..])),
        (Some((b'?', pattern)), Some((_, text))) => wildcard(pattern, text),
        (Some((p, pattern)), Some((t, text))) if p == t => wildcard(pattern, text),
        _ => false,
    }
}

fn hash_name(salt: &[u8], name: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).expect("HMAC takes a key of any length");
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Writes a host's key to the end of a file, which is made if need be; `hashed` hides the name.
pub fn append(file: &Path, name: &str, key: &PublicKey, hashed: bool) -> io::Result<()> {
    if let Some(directory) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let before = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let gap = if before.is_empty() || before.ends_with(b"\n") { "" } else { "\n" };
    let name = if hashed {
        let salt: [u8; 20] = rand::random();
        format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash_name(&salt, name)))
    } else {
        name.to_owned()
    };
    let line = format!("{gap}{name} {} {}\n", key.algorithm().as_str(), key.public_key_base64());
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const B: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X";
    const ECDSA: &str = "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMxBTpMIGvo7CnordO7wP0QQRqpBwUjOLl4eMhfucfE1sjTYyK5wmTl1UqoSDS1PtRVTBdl+0+9pquFb46U7fwg=";

    fn key(text: &str) -> PublicKey {
        parse_public_key_base64(text).unwrap()
    }

    fn known(text: &str) -> KnownHosts {
        let mut known = KnownHosts::default();
        known.add(Path::new("f"), text);
        known
    }

    fn judge(text: &str, name: &str) -> Verdict {
        known(text).judge(name, &key(A))
    }

    #[test]
    fn plain_names_ports_and_tabs() {
        assert_eq!(judge(&format!("a,H.example ssh-ed25519 {A} me@x\n"), "h.example"), Verdict::Known);
        assert_eq!(judge(&format!("\t[h]:2222\tssh-ed25519\t{A}\n"), &entry_name("h", 2222)), Verdict::Known);
        let unknown = Verdict::Unknown { other_types: false };
        assert_eq!(judge(&format!("h ssh-ed25519 {A}\n"), &entry_name("h", 2222)), unknown);
        assert_eq!(judge(&format!("# h ssh-ed25519 {A}\n\nh\n@x h ssh-ed25519 {A}\n"), "h"), unknown);
    }

    #[test]
    fn hashed_names_match_what_openssh_writes() {
        let salt = STANDARD.encode([7; 20]);
        let hash = STANDARD.encode(hash_name(&[7; 20], "[127.0.0.1]:2222"));
        let line = format!("|1|{salt}|{hash} ssh-ed25519 {A}\n");
        assert_eq!(judge(&line, "[127.0.0.1]:2222"), Verdict::Known);
        assert_eq!(judge(&line, "127.0.0.1"), Verdict::Unknown { other_types: false });
    }

    #[test]
    fn wildcards_and_negation() {
        let line = format!("*.example,!bad.example,10.0.?.1 ssh-ed25519 {A}\n");
        assert_eq!(judge(&line, "x.example"), Verdict::Known);
        assert_eq!(judge(&line, "10.0.7.1"), Verdict::Known);
        assert_eq!(judge(&line, "bad.example"), Verdict::Unknown { other_types: false });
        assert_eq!(judge(&line, "10.0.77.1"), Verdict::Unknown { other_types: false });
    }

    #[test]
    fn a_revoked_key_is_refused_whatever_else_stands_there() {
        let text = format!("h ssh-ed25519 {A}\n@revoked * ssh-ed25519 {A}\n");
        assert!(matches!(known(&text).revoked("h", &key(A)), Some(Line { number: 2, .. })));
        let other = format!("@revoked h ssh-ed25519 {B}\nh ssh-ed25519 {A}\n");
        assert_eq!(known(&other).revoked("h", &key(A)), None);
        assert_eq!(judge(&other, "h"), Verdict::Known);
    }

    #[test]
    fn a_file_of_revoked_keys_is_for_all_hosts() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("revoked");
        fs::write(&file, format!("# stolen\nssh-ed25519 {A} me\n")).unwrap();
        let mut known = KnownHosts::default();
        known.read_revoked(&file).unwrap();
        assert!(known.revoked("any", &key(A)).is_some() && known.revoked("any", &key(B)).is_none());
        fs::write(&file, b"SSHKRL\n\0\0").unwrap();
        assert!(known.read_revoked(&file).is_err());
    }

    #[test]
    fn another_key_of_the_type_is_a_change_unless_the_right_one_is_there_too() {
        let wrong = format!("\nh ssh-ed25519 {B}\n");
        assert!(matches!(judge(&wrong, "h"), Verdict::Changed(line) if line.number == 2));
        assert_eq!(judge(&format!("{wrong}h ssh-ed25519 {A}\n"), "h"), Verdict::Known);
    }

    #[test]
    fn keys_of_other_types_are_told_apart() {
        let text = format!("h ecdsa-sha2-nistp256 {ECDSA}\n@cert-authority h ssh-ed25519 {B}\n");
        assert_eq!(judge(&text, "h"), Verdict::Unknown { other_types: true });
        assert_eq!(known(&text).types("h"), [key(ECDSA).algorithm()]);
        assert_eq!(known(&text).authorities("h"), [&key(B)]);
        assert!(known(&text).authorities("other").is_empty());
    }

    #[test]
    fn what_is_appended_is_known_afterwards() {
        let directory = tempfile::tempdir().unwrap();
        for hashed in [false, true] {
            let file = directory.path().join(format!("ssh/{hashed}"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "# no newline at the end").unwrap();
            append(&file, "[h]:23", &key(A), hashed).unwrap();
            let known = KnownHosts::read([&file]).unwrap();
            assert_eq!(known.judge("[h]:23", &key(A)), Verdict::Known);
            assert_eq!(fs::read_to_string(&file).unwrap().contains("[h]:23"), !hashed);
        }
    }
}
