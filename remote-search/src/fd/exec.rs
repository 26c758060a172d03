//! Running commands on what is found: one for each path, or one for many.

use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
};

use argmax::Command;

use super::{WHO, template::Template};
use crate::messages::say;

/// How commands are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For each path.
    Each,
    /// For as many paths as fit.
    Batch,
}

/// The commands of `-x` or `-X`.
#[derive(Debug)]
pub struct Commands {
    /// How they are run.
    pub mode: Mode,
    templates: Vec<Vec<Template>>,
}

impl Commands {
    /// Adds a command to those there are.
    pub fn add(commands: &mut Option<Self>, mode: Mode, words: Vec<OsString>) -> Result<(), String> {
        let mut templates = Vec::new();
        for word in words {
            templates.push(Template::parse(word.to_str().ok_or("a word of the command is not valid UTF-8")?));
        }
        let Some(first) = templates.first() else {
            return Err("No executable provided for --exec or --exec-batch".to_owned());
        };
        if mode == Mode::Batch && first.has_place() {
            let why = "First argument of --exec-batch must be a fixed executable, not a placeholder";
            return Err(why.to_owned());
        }
        match templates.iter().filter(|template| template.has_place()).count() {
            0 => templates.push(Template::path()),
            1 => {}
            _ if mode == Mode::Each => {}
            _ => return Err("Only one placeholder allowed for batch commands".to_owned()),
        }
        let commands = commands.get_or_insert(Self { mode, templates: Vec::new() });
        if commands.mode != mode {
            return Err("'--exec' cannot be used with '--exec-batch'".to_owned());
        }
        commands.templates.push(templates);
        Ok(())
    }

    /// `ls` for a long listing.
    pub fn listing(color: bool) -> Self {
        let color = if color { "--color=always" } else { "--color=never" };
        let words = ["ls", "-l", "-h", "-d", color, "{}"];
        Self { mode: Mode::Batch, templates: vec![words.map(Template::parse).to_vec()] }
    }

    /// Runs the commands for one path, up to the first that fails. What they print comes out in one piece if others
    /// run beside them. Gives whether all went well.
    pub fn run_for(&self, path: &Path, separator: Option<&str>, print0: bool, in_one_piece: bool) -> bool {
        let mut printed = Vec::new();
        let mut good = true;
        for template in &self.templates {
            let words: Vec<_> = template.iter().map(|word| word.fill(path, separator)).collect();
            let mut command = Command::new(&words[0]);
            let ended = command.try_args(&words[1..]).map(|_| ()).and_then(|()| {
                if in_one_piece {
                    command.output()
                } else {
                    command.spawn().and_then(std::process::Child::wait_with_output)
                }
            });
            match ended {
                Ok(output) => {
                    good = output.status.success();
                    printed.push((output.stdout, output.stderr));
                }
                Err(error) => {
                    complain(&command, &error);
                    good = false;
                }
            }
            if !good {
                break;
            }
        }
        let (mut stdout, mut stderr) = (io::stdout().lock(), io::stderr().lock());
        for (out, err) in printed {
            // Whoever closed them wants nothing more.
            let _ = stdout.write_all(&out);
            let _ = stderr.write_all(&err);
        }
        if print0 {
            let _ = stdout.write_all(b"\0");
        }
        let _ = stdout.flush();
        good
    }

    /// Runs each command for as many paths as fit. Gives whether all went well.
    pub fn run_for_all(
        &self,
        paths: impl Iterator<Item = PathBuf>,
        limit: usize,
        separator: Option<&str>,
    ) -> bool {
        let mut batches: Vec<_> = self.templates.iter().map(|template| Batch::new(template, limit)).collect();
        for path in paths {
            for batch in &mut batches {
                if let Err(error) = batch.push(&path, separator) {
                    complain(&batch.command, &error);
                    return false;
                }
            }
        }
        for batch in &mut batches {
            if let Err(error) = batch.finish() {
                complain(&batch.command, &error);
                return false;
            }
        }
        batches.iter().all(|batch| batch.good)
    }
}

fn complain(command: &Command, error: &io::Error) {
    if error.kind() == io::ErrorKind::NotFound {
        say(WHO, format_args!("Command not found: {}", command.get_program().display()));
    } else {
        say(WHO, format_args!("Problem while executing command: {error}"));
    }
}

/// One command and the paths it is going to get.
struct Batch {
    before: Vec<OsString>,
    place: Template,
    after: Vec<OsString>,
    command: Command,
    count: usize,
    limit: usize,
    good: bool,
}

impl Batch {
    fn new(template: &[Template], limit: usize) -> Self {
        let at = template.iter().position(Template::has_place).unwrap_or(template.len());
        let plain = |words: &[Template]| words.iter().map(|word| word.fill(Path::new(""), None)).collect();
        let before: Vec<OsString> = plain(&template[..at]);
        Self {
            place: template.get(at).cloned().unwrap_or_else(Template::path),
            after: plain(template.get(at + 1..).unwrap_or_default()),
            command: Command::new(before.first().cloned().unwrap_or_default()),
            before,
            count: 0,
            limit,
            good: true,
        }
    }

    fn push(&mut self, path: &Path, separator: Option<&str>) -> io::Result<()> {
        if self.limit > 0 && self.count >= self.limit {
            self.finish()?;
        }
        if self.count == 0 {
            self.begin()?;
        }
        let word = self.place.fill(path, separator);
        if self.count > 0 && !self.command.args_would_fit(std::iter::once(&word).chain(&self.after)) {
            self.finish()?;
            self.begin()?;
        }
        self.command.try_arg(word)?;
        self.count += 1;
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        self.command = Command::new(&self.before[0]);
        self.command.try_args(&self.before[1..])?;
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.count > 0 {
            self.command.try_args(&self.after)?;
            self.good &= self.command.status()?.success();
            self.count = 0;
        }
        Ok(())
    }
}
