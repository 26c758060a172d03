//! What a call has changed, told with its answer: whoever wrote a file or made a directory looks at it next.
//!
//! The change itself has ended the leases it concerns. So all of it is leased and looked at anew, after the change;
//! whether what was written is the content is read from the disk, since others may have written meanwhile.

use wire_protocol::{
    files::FileCall,
    leases::{Fact, KEPT_CONTENT},
};

use crate::{
    content,
    learn::{Generosity, Learner, Lesson},
    leases::Learned,
    served_root::Intent,
};

/// Of a directory in which something was changed. Little, for the next change is likely to end it again.
const AFTER_CHANGE: Generosity = Generosity { metadata: 64, names: 64 };

/// What there is to look at once a call is done.
pub struct Aftermath {
    /// The paths, and whether a link at their end is followed.
    paths: Vec<(Vec<u8>, bool)>,
    /// What should be in the file at the end of the path.
    written: Option<Vec<u8>>,
}

impl Aftermath {
    /// Of a call that changes what a path leads to. `None` for one that only looks, or acts on an open file.
    pub fn of(call: &FileCall) -> Option<Self> {
        let changed = call.changes();
        changed[0]?;
        let paths = changed.into_iter().flatten().map(|(path, follow)| (path.to_vec(), follow)).collect();
        let written = match call {
            FileCall::WriteFile { data, .. } if data.len() <= KEPT_CONTENT => Some(data.clone()),
            _ => None,
        };
        Some(Self { paths, written })
    }

    /// What is there now.
    pub fn learn(&self, learner: &Learner) -> Vec<Learned> {
        // The watches of what was changed have to go before new ones come: the kernel gives an inode that is watched
        // the number it has, and the change's own events would end that again.
        learner.leases.catch_up();
        let mut lesson = Lesson::new(learner, &AFTER_CHANGE);
        for (path, follow) in &self.paths {
            // What is not there any more was told on the way.
            let Ok(found) = learner.roots.witness(path, *follow, Intent::Ask, &mut lesson) else { continue };
            lesson.rights(&found);
            if let (Some(written), Some(lease)) = (&self.written, lesson.last_file())
                && content::read_all(&found, written.len())
                    .is_ok_and(|content| content.as_ref() == Some(written))
            {
                lesson.tell(Fact::Content { lease }, None);
            }
        }
        lesson.learned()
    }
}
