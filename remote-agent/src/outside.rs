//! What may be asked of the disk outside the roots where nothing of it is to be read: whether a directory above a root
//! is there, whether a program is, and what instructions for agents lie above the root.
//!
//! Decided on the components of a path, step by step as the walk takes them, so a link leads to nothing more.

use rustix::io::Errno;

use crate::{path::components, served_root::Intent};

/// Why a path is refused that lies beneath no root. No kernel has this number: it travels as
/// [`wire_protocol::OUTSIDE`] and the program sees EACCES with the reason.
pub const OUTSIDE: Errno = Errno::from_raw_os_error(4000);

/// Directories of programs, by their own name wherever they lie.
const PROGRAMS: [&[u8]; 2] = [b"bin", b"sbin"];

/// What agents read in the directories above the one they work in: instructions, and skills below the last.
const CONTEXT: [&[u8]; 6] =
    [b"AGENTS.md", b"AGENTS.MD", b"AGENTS.override.md", b"CLAUDE.md", b"CLAUDE.MD", SKILLS];
const SKILLS: &[u8] = b".agents";

/// The paths that may be asked for, split into components.
#[derive(Debug, Default)]
pub struct Askable {
    /// They and all directories above them may be asked for.
    known: Vec<Vec<Vec<u8>>>,
    /// The directory whose parents hold context.
    root: Vec<Vec<u8>>,
}

impl Askable {
    /// `known` are the roots and the home, the first of them the project's root.
    pub fn new(known: Vec<Vec<Vec<u8>>>) -> Self {
        Self { root: known.first().cloned().unwrap_or_default(), known }
    }

    /// Whether a step of a walk to or through this place may be made.
    pub fn admits(&self, place: &[impl AsRef<[u8]>], intent: Intent) -> bool {
        match intent {
            Intent::Ask => self.is_known(place) || self.is_context(place),
            Intent::Look => self.is_context(place),
            Intent::Change => false,
        }
    }

    fn is_known(&self, place: &[impl AsRef<[u8]>]) -> bool {
        self.known.iter().any(|known| begins_with(known, place))
    }

    fn is_context(&self, place: &[impl AsRef<[u8]>]) -> bool {
        (1..=place.len()).any(|end| {
            let name = place[end - 1].as_ref();
            let last = end == place.len();
            let above = &place[..end - 1];
            CONTEXT.contains(&name)
                && (last || name == SKILLS)
                && above.len() < self.root.len()
                && begins_with(&self.root, above)
        })
    }
}

/// Whether this path names a program, or a directory of programs.
pub fn is_program(path: &[impl AsRef<[u8]>]) -> bool {
    let is_directory =
        |name: Option<&_>| name.is_some_and(|name: &_| PROGRAMS.contains(&AsRef::as_ref(name)));
    let (last, above) = (path.last(), path.len().checked_sub(2).and_then(|at| path.get(at)));
    path.iter().all(|name| name.as_ref() != b"..") && (is_directory(last) || is_directory(above))
}

/// The components of an absolute path, as owned.
pub fn owned(path: &[u8]) -> Vec<Vec<u8>> {
    components(path).map(<[u8]>::to_vec).collect()
}

fn begins_with(path: &[Vec<u8>], start: &[impl AsRef<[u8]>]) -> bool {
    start.len() <= path.len() && start.iter().zip(path).all(|(a, b)| a.as_ref() == b.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_above_a_root_may_be_asked_for_and_context_in_them_read() {
        let askable = Askable::new([&b"/srv/far/app"[..], b"/home/me"].map(owned).to_vec());
        for (path, most) in [
            ("/", Some(Intent::Ask)),
            ("/srv", Some(Intent::Ask)),
            ("/srv/far/app", Some(Intent::Ask)),
            ("/home/me", Some(Intent::Ask)),
            ("/home/me/.netrc", None),
            ("/etc", None),
            ("/srv/other", None),
            ("/AGENTS.md", Some(Intent::Look)),
            ("/srv/far/CLAUDE.md", Some(Intent::Look)),
            ("/srv/far/CLAUDE.md/x", None),
            ("/srv/.agents/skills/x/SKILL.md", Some(Intent::Look)),
            ("/home/AGENTS.md", None),
        ] {
            let place = owned(path.as_bytes());
            for intent in [Intent::Ask, Intent::Look, Intent::Change] {
                let admitted = most.is_some_and(|most| intent <= most);
                assert_eq!(askable.admits(&place, intent), admitted, "{path} {intent:?}");
            }
        }
    }

    #[test]
    fn a_program_is_what_lies_in_a_directory_of_programs() {
        for (path, is) in [
            ("/bin/bash", true),
            ("/usr/local/sbin", true),
            ("/home/me/.cargo/bin/rg", true),
            ("/bin/../etc", false),
            ("/bin/x/y", false),
            ("/etc/passwd", false),
            ("/", false),
        ] {
            assert_eq!(is_program(&owned(path.as_bytes())), is, "{path}");
        }
    }
}
