//! Texts with places for a path: `{}`, `{/}`, `{//}`, `{.}`, `{/.}`; `{{` and `}}` are braces.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use super::{entry::without_dot, output::with_separator};

/// A text with places for a path.
#[derive(Clone, Debug)]
pub struct Template(Vec<Part>);

/// What of a path stands in a place.
type OfPath = fn(&Path) -> OsString;

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Path(OfPath),
}

const PLACES: [(&str, OfPath); 5] = [
    ("{}", |path| path.into()),
    ("{/}", |path| base_name(path).into()),
    ("{//}", parent),
    ("{.}", without_extension),
    ("{/.}", |path| without_extension(Path::new(base_name(path)))),
];

impl Template {
    /// Reads a text.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut buffer = String::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some(brace) = ["{{", "}}"].into_iter().find(|pair| rest.starts_with(pair)) {
                buffer.push_str(&brace[1..]);
                rest = &rest[2..];
            } else if let Some((place, path)) = PLACES.iter().find(|(place, _)| rest.starts_with(place)) {
                rest = &rest[place.len()..];
                if let Some(after) = rest.strip_prefix('}') {
                    // Its last brace is one of two, which are text.
                    buffer.push_str(place);
                    rest = after;
                } else {
                    if !buffer.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut buffer)));
                    }
                    parts.push(Part::Path(*path));
                }
            } else {
                buffer.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        if !buffer.is_empty() || parts.is_empty() {
            parts.push(Part::Text(buffer));
        }
        Self(parts)
    }

    /// The path and nothing else.
    pub fn path() -> Self {
        Self::parse("{}")
    }

    /// Whether it has a place for a path.
    pub fn has_place(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Path(_)))
    }

    /// The text with this path in its places.
    pub fn fill(&self, path: &Path, separator: Option<&str>) -> OsString {
        let mut filled = OsString::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push(text),
                Part::Path(of) => filled.push(with_separator(&of(path), separator)),
            }
        }
        filled
    }
}

fn base_name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or(path.as_os_str())
}

fn parent(path: &Path) -> OsString {
    match path.parent() {
        Some(parent) if parent == Path::new("") => ".".into(),
        Some(parent) => parent.into(),
        None => path.into(),
    }
}

fn without_extension(path: &Path) -> OsString {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    let whole = PathBuf::from(parent(path)).join(stem);
    without_dot(&whole).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, path: &str) -> String {
        Template::parse(template).fill(Path::new(path), None).into_string().unwrap()
    }

    #[test]
    fn places_are_filled() {
        for (template, filled_with) in [
            ("{}", "a/b.tar.gz"),
            ("<{/}>", "<b.tar.gz>"),
            ("{//}", "a"),
            ("{.}", "a/b.tar"),
            ("{/.}x", "b.tarx"),
            ("{}{/}", "a/b.tar.gzb.tar.gz"),
        ] {
            assert_eq!(filled(template, "a/b.tar.gz"), filled_with, "{template}");
        }
        assert_eq!(filled("{//} {.}", "b.rs"), ". b");
    }

    #[test]
    fn pairs_of_braces_are_braces() {
        for (template, text) in
            [("{{}}", "{}"), ("{{", "{"), ("{.}}", "{.}"), ("{{{},end}", "{p,end}"), ("", "")]
        {
            assert_eq!(filled(template, "p"), text, "{template}");
        }
        assert!(!Template::parse("{{}}").has_place());
    }
}
