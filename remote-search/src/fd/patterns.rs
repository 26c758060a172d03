//! What names are looked for.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::{
    ParserBuilder,
    hir::{Capture, Class, Hir, HirKind, Look, Repetition},
};

use super::{Error, options::Options};

/// One regex for each pattern; a name must match all.
pub fn patterns(options: &Options) -> Result<Vec<Regex>, Error> {
    let mut regexes = Vec::new();
    for pattern in options.and.iter().chain([&options.pattern]) {
        if !options.full_path && pattern.contains('/') {
            return Err(Error::PatternIsPath(pattern.clone()));
        }
        regexes.push(regex_of(pattern, options)?);
    }
    let hirs: Vec<Hir> = regexes.iter().filter_map(|regex| parsed(regex)).collect();
    if !options.hidden && !options.unrestricted && hirs.iter().any(begins_with_dot) {
        return Err(Error::PatternIsHidden);
    }
    let sensitive = !options.ignore_case && (options.case_sensitive || hirs.iter().any(has_capital));
    let build = |regex: &String| {
        let mut builder = RegexBuilder::new(regex);
        builder.case_insensitive(!sensitive).dot_matches_new_line(true).build().map_err(Error::Regex)
    };
    regexes.iter().map(build).collect()
}

fn regex_of(pattern: &str, options: &Options) -> Result<String, Error> {
    Ok(if options.glob && !pattern.is_empty() {
        globset::GlobBuilder::new(pattern).literal_separator(true).build()?.regex().to_owned()
    } else if options.exact {
        format!("^{}$", regex::escape(pattern))
    } else if options.fixed_strings {
        regex::escape(pattern)
    } else {
        pattern.to_owned()
    })
}

/// The extensions, of which a name must have one.
pub fn extensions(options: &Options) -> Result<Option<RegexSet>, Error> {
    if options.extensions.is_empty() {
        return Ok(None);
    }
    let regex = |extension: &String| format!(r".\.{}$", regex::escape(extension.trim_start_matches('.')));
    let mut builder = RegexSetBuilder::new(options.extensions.iter().map(regex));
    builder.case_insensitive(true).build().map(Some).map_err(Error::Regex)
}

/// A regex that cannot be parsed is refused when it is built.
fn parsed(regex: &str) -> Option<Hir> {
    ParserBuilder::new().utf8(false).build().parse(regex).ok()
}

/// Whether a pattern names a capital letter, and so means it.
fn has_capital(hir: &Hir) -> bool {
    let is_capital = |byte: u8| char::from(byte).is_uppercase();
    match hir.kind() {
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => text.chars().any(char::is_uppercase),
            Err(_) => literal.0.iter().copied().any(is_capital),
        },
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().any(|range| range.start().is_uppercase() || range.end().is_uppercase())
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().any(|range| is_capital(range.start()) || is_capital(range.end()))
        }
        HirKind::Capture(Capture { sub, .. }) | HirKind::Repetition(Repetition { sub, .. }) => {
            has_capital(sub)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(has_capital),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// Whether a pattern fits only names that begin with a dot, in the plainest case.
fn begins_with_dot(hir: &Hir) -> bool {
    let HirKind::Concat(parts) = hir.kind() else { return false };
    let mut parts = parts.iter().map(Hir::kind);
    matches!(parts.next(), Some(HirKind::Look(Look::Start)))
        && matches!(parts.next(), Some(HirKind::Literal(literal)) if literal.0.starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_makes_case_count() {
        for (regex, capital) in [
            ("A", true),
            ("foo.EXE", true),
            ("foo.[a-zA-Z]", true),
            ("a", false),
            (r"\Acargo", false),
            (r"carg\x6F", false),
        ] {
            assert_eq!(has_capital(&parsed(regex).unwrap()), capital, "{regex}");
        }
    }

    #[test]
    fn only_a_dot_at_the_beginning_hides() {
        for (regex, dot) in [(r"^\.git", true), ("^.git", false), (r"\.git", false), ("^git", false)] {
            assert_eq!(begins_with_dot(&parsed(regex).unwrap()), dot, "{regex}");
        }
    }
}
