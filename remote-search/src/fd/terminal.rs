//! Names shown on a terminal, which they must not be able to command.

use std::borrow::Cow;

/// A text with what is not visible made so.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| match u32::from(c) {
        _ if !is_invisible(c) => c.to_string(),
        code @ ..=0xff => format!("\\x{code:02X}"),
        code => format!("\\u{{{code:04X}}}"),
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Controls, and characters that turn, join or hide others.
fn is_invisible(c: char) -> bool {
    let hides = matches!(c,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    c != '\t' && (c.is_control() || hides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_spelled_out() {
        assert_eq!(visible("a\tb é"), "a\tb é");
        assert_eq!(visible("a\x1b[31m\u{202e}"), "a\\x1B[31m\\u{202E}");
    }
}
