//! Settings in the form of `ssh -G`: a keyword in small letters, a space, a value.

use std::collections::HashMap;
use std::time::Duration;

/// The keywords that are followed; [`Values::not_followed`] gives the others.
const FOLLOWED: [&str; 42] = [
    "addressfamily",
    "batchmode",
    "canonicaldomains",
    "canonicalizefallbacklocal",
    "canonicalizehostname",
    "canonicalizemaxdots",
    "canonicalizepermittedcnames",
    "certificatefile",
    "ciphers",
    "compression",
    "connecttimeout",
    "forwardagent",
    "globalknownhostsfile",
    "hashknownhosts",
    "host",
    "hostkeyalgorithms",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "ignoreunknown",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "loglevel",
    "macs",
    "numberofpasswordprompts",
    "passwordauthentication",
    "port",
    "preferredauthentications",
    "proxycommand",
    "proxyjump",
    "pubkeyauthentication",
    "revokedhostkeys",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "syslogfacility",
    "tcpkeepalive",
    "user",
    "userknownhostsfile",
    "visualhostkey",
];

type Lines<'a> = HashMap<&'a str, Vec<&'a str>>;

/// The settings for one host.
pub struct Values<'a> {
    here: Lines<'a>,
    usual: Lines<'a>,
}

impl<'a> Values<'a> {
    /// `here` holds for the host; `usual` is what OpenSSH does without any configuration.
    pub fn new(here: &'a str, usual: &'a str) -> Self {
        Self { here: lines(here), usual: lines(usual) }
    }

    /// All values of a keyword, `none` left out; `None` where nothing is said.
    pub fn all(&self, key: &str) -> Option<Vec<&'a str>> {
        let values = self.here.get(key)?;
        Some(values.iter().copied().filter(|value| *value != "none").collect())
    }

    /// The first value, whatever it is.
    pub fn raw(&self, key: &str) -> Option<&'a str> {
        self.here.get(key)?.first().copied()
    }

    /// The first value, unless it is `none`.
    pub fn one(&self, key: &str) -> Option<&'a str> {
        self.raw(key).filter(|value| *value != "none")
    }

    /// The first value, if somebody has chosen it.
    pub fn chosen(&self, key: &str) -> Option<&'a str> {
        self.one(key).filter(|_| self.here.get(key) != self.usual.get(key))
    }

    /// A number.
    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.one(key)?.parse().ok()
    }

    /// A time, in seconds unless its last letter says otherwise.
    pub fn duration(&self, key: &str) -> Option<Duration> {
        let text = self.one(key)?.to_ascii_lowercase();
        let unit = match text.chars().last()? {
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            'w' => 7 * 24 * 60 * 60,
            _ => 1,
        };
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        Some(Duration::from_secs(digits.parse::<u64>().ok()?.checked_mul(unit)?))
    }

    /// Whether it is `yes`.
    pub fn yes(&self, key: &str) -> bool {
        matches!(self.raw(key), Some("yes" | "true"))
    }

    /// Whether it is `no`.
    pub fn no(&self, key: &str) -> bool {
        matches!(self.raw(key), Some("no" | "false"))
    }

    /// The keywords somebody has chosen values for that mean nothing here, in order.
    pub fn not_followed(&self) -> Vec<&'a str> {
        let ignored = |(key, values): &(&&'a str, &Vec<&str>)| {
            !FOLLOWED.contains(key) && self.usual.get(**key) != Some(values)
        };
        let mut keys: Vec<&str> = self.here.iter().filter(ignored).map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys
    }
}

fn lines(text: &str) -> Lines<'_> {
    let mut lines = Lines::new();
    for (key, value) in text.lines().filter_map(|line| line.split_once(' ')) {
        lines.entry(key).or_default().push(value.trim());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_and_not_followed_is_known() {
        let usual = "port 22\nciphers a,b\ntunnel false\nidentityfile ~/.ssh/id_rsa\n";
        let here =
            "port 22\nciphers b\ntunnel point-to-point\nidentityfile ~/x\nsendenv LANG\nsendenv LC_*\n";
        let values = Values::new(here, usual);
        assert_eq!(values.not_followed(), ["sendenv", "tunnel"]);
        assert_eq!((values.chosen("port"), values.one("port")), (None, Some("22")));
        assert_eq!(values.chosen("ciphers"), Some("b"));
        assert!(FOLLOWED.is_sorted());
    }
}
