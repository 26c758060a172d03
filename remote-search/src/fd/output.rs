//! Printing one entry.

use std::{
    borrow::Cow,
    ffi::{OsStr, OsString},
    io::{self, Write},
    os::unix::ffi::OsStrExt,
    path::{Component, Path},
};

use lscolors::{Indicator, LsColors, Style};

use super::{entry::Entry, plan::Plan, terminal::visible};

/// A path with another separator, if there is one.
pub fn with_separator<'a>(path: &'a OsStr, separator: Option<&str>) -> Cow<'a, OsStr> {
    let Some(separator) = separator else { return Cow::Borrowed(path) };
    let mut joined = OsString::new();
    let mut components = Path::new(path).components().peekable();
    while let Some(component) = components.next() {
        match component {
            Component::RootDir => joined.push(separator),
            _ => {
                joined.push(component);
                if components.peek().is_some() {
                    joined.push(separator);
                }
            }
        }
    }
    Cow::Owned(joined)
}

/// Prints an entry and what ends it.
pub fn print(to: &mut impl Write, entry: &Entry, plan: &Plan) -> io::Result<()> {
    let path = entry.shown_path(plan.strip);
    if let Some(format) = &plan.options.format {
        let text = format.fill(path, plan.separator());
        write!(to, "{}", shown(&text.to_string_lossy(), plan))?;
    } else if let Some(colors) = &plan.colors {
        print_colored(to, entry, path, colors, plan)?;
    } else {
        match plan.separator() {
            // To a program names are bytes.
            None if !plan.terminal => to.write_all(path.as_os_str().as_bytes())?,
            separator => write!(to, "{}", shown(&replaced(&path.to_string_lossy(), separator), plan))?,
        }
        print_slash(to, entry, None, plan)?;
    }
    to.write_all(if plan.options.print0 { b"\0" } else { b"\n" })
}

fn print_colored(
    to: &mut impl Write,
    entry: &Entry,
    path: &Path,
    colors: &LsColors,
    plan: &Plan,
) -> io::Result<()> {
    let text = path.to_string_lossy();
    let parent = path.parent().map_or(0, |parent| parent.to_string_lossy().len());
    let name = parent + text[parent..].len() - text[parent..].trim_start_matches('/').len();
    let directory = colors.style_for_indicator(Indicator::Directory);
    if name > 0 {
        let parent = replaced(&text[..name], plan.separator());
        write!(to, "{}", paint(directory, &shown(&parent, plan)))?;
    }
    write!(to, "{}", paint(colors.style_for(entry), &shown(&text[name..], plan)))?;
    print_slash(to, entry, directory, plan)
}

fn paint(style: Option<&Style>, text: &str) -> String {
    style.map(Style::to_nu_ansi_term_style).unwrap_or_default().paint(text).to_string()
}

/// Directories end with a slash.
fn print_slash(to: &mut impl Write, entry: &Entry, style: Option<&Style>, plan: &Plan) -> io::Result<()> {
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        write!(to, "{}", paint(style, plan.separator().unwrap_or("/")))?;
    }
    Ok(())
}

fn replaced<'a>(text: &'a str, separator: Option<&str>) -> Cow<'a, str> {
    separator.map_or(Cow::Borrowed(text), |separator| Cow::Owned(text.replace('/', separator)))
}

fn shown<'a>(text: &'a str, plan: &Plan) -> Cow<'a, str> {
    if plan.terminal { visible(text) } else { Cow::Borrowed(text) }
}
