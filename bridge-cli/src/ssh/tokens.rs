//! The tokens and variables that `ssh -G` leaves in its values. See ssh_config(5), TOKENS.

use std::path::PathBuf;

use tracing::debug;

/// What `%` and `$` stand for.
pub struct Tokens<'a> {
    /// Home on the laptop.
    pub home: String,
    /// The resolved host.
    pub host: &'a str,
    /// The host as typed.
    pub alias: &'a str,
    /// The port.
    pub port: u16,
    /// The remote user.
    pub user: &'a str,
    /// The user on the laptop.
    pub local_user: &'a str,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

impl Tokens<'_> {
    /// A path, where `~` is the home.
    pub fn path(&self, text: &str) -> Option<PathBuf> {
        let text = match text.strip_prefix("~/") {
            Some(rest) => format!("{}/{rest}", self.home),
            None => text.to_owned(),
        };
        self.expand(&text).map(PathBuf::from)
    }

    /// The text with everything replaced. `None` for a token or variable nobody knows: the value is then left out, as a wrong one would mislead.
    pub fn expand(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['%', '$']) {
            out += &rest[..at];
            let tail = &rest[at..];
            if let Some(name) = tail.strip_prefix("${") {
                let (name, after) = name.split_once('}')?;
                out += &(self.env)(name).or_else(|| unknown(text))?;
                rest = after;
                continue;
            }
            let mut characters = tail.chars();
            match (characters.next(), characters.clone().next()) {
                (Some('$'), _) => out.push('$'),
                (_, token) => {
                    characters.next();
                    match token? {
                        '%' => out.push('%'),
                        'd' => out += &self.home,
                        'h' => out += self.host,
                        'n' | 'k' => out += self.alias,
                        'p' => out += &self.port.to_string(),
                        'r' => out += self.user,
                        'u' => out += self.local_user,
                        'i' => out += &rustix::process::getuid().as_raw().to_string(),
                        _ => return unknown(text),
                    }
                }
            }
            rest = characters.as_str();
        }
        Some(out + rest)
    }
}

fn unknown(text: &str) -> Option<String> {
    debug!("left out of the SSH configuration, since a part of it cannot be expanded: {text}");
    None
}
