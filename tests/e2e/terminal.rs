//! A terminal of the laptop with a program in it, driven through tmux.

use std::{thread, time::Duration};

use crate::{finish::poll, laptop::Laptop};

/// A tmux server with one window. Its end is the program's.
pub struct Terminal<'a> {
    laptop: &'a Laptop,
}

const TMUX: &str = "tmux -S /tmp/tmux -f /dev/null";

impl<'a> Terminal<'a> {
    /// Runs a command line in a window of 160 by 40.
    #[track_caller]
    pub fn start(laptop: &'a Laptop, line: &str) -> Self {
        laptop.write("/tmp/line", line);
        // The window stays when the program has ended, so that what it said last can be read.
        laptop.sh(&format!(
            "TERM=xterm-256color {TMUX} new-session -d -x 160 -y 40 '/bin/bash /tmp/line' \\; \
             set-option remain-on-exit on"
        ));
        Self { laptop }
    }

    /// What the window shows.
    pub fn screen(&self) -> String {
        self.laptop.machine.try_sh(&format!("{TMUX} capture-pane -p")).stdout
    }

    /// Presses keys, by tmux's names.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        self.laptop.sh(&format!("{TMUX} send-keys {keys}"));
    }

    /// Changes the window's size.
    #[track_caller]
    pub fn resize(&self, columns: u16, rows: u16) {
        self.laptop.sh(&format!("{TMUX} resize-window -x {columns} -y {rows}"));
    }

    /// Waits until the window shows a text.
    #[track_caller]
    pub fn wait_for(&self, text: &str, limit: Duration) {
        let shown = poll(limit, || self.screen().contains(text).then_some(()));
        assert!(shown.is_some(), "no {text:?} within {limit:?} in:\n{}", self.screen());
    }

    /// Waits until the program has ended.
    #[track_caller]
    pub fn wait_for_end(&self, limit: Duration) {
        let dead = || self.laptop.sh(&format!("{TMUX} list-panes -F '#{{pane_dead}}'")).trim() == "1";
        assert!(poll(limit, || dead().then_some(())).is_some(), "still runs:\n{}", self.screen());
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("the terminal showed:\n{}", self.screen());
        }
        // Another window on this laptop is then the only one.
        self.laptop.machine.try_sh(&format!("{TMUX} kill-server"));
    }
}
