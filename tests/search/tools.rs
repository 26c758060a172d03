//! The real tools, the agent's, and running either.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The real tools, as `.tools/bin` names them.
const REAL: [(&str, &str); 2] = [("rg", "rg-15.2.0"), ("fd", "fd-10.5.0")];

/// What `-x`, `-X` and `-l` start. With nothing else on the PATH there is no other fd to give way to.
const COMMANDS: [&str; 3] = ["echo", "false", "ls"];

/// The workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

/// Where both kinds of tools are.
pub struct Tools {
    ours: PathBuf,
    commands: PathBuf,
    home: PathBuf,
}

impl Tools {
    /// Lays out the program that the agent carries.
    pub fn lay_out(below: &Path) -> Self {
        let [ours, commands, home] = ["ours", "commands", "home"].map(|name| below.join(name));
        for directory in [&ours, &commands, &home] {
            fs::create_dir_all(directory).expect("writable");
        }
        let program = format!("target/{}-unknown-linux-gnu/search/pii-search", std::env::consts::ARCH);
        let program = workspace().join(program);
        assert!(program.exists(), "{} is missing: run `cargo xtask build`", program.display());
        for (name, _) in REAL {
            symlink(&program, ours.join(name)).expect("writable");
        }
        for name in COMMANDS {
            symlink(Path::new("/bin").join(name), commands.join(name)).expect("writable");
        }
        Self { ours, commands, home }
    }

    /// Runs a tool of the agent's.
    pub fn ours(&self, tool: &str, words: &[String], directory: &Path, input: Option<&[u8]>) -> Output {
        self.run(&self.ours.join(tool), words, directory, input)
    }

    /// Runs a real tool.
    pub fn real(&self, tool: &str, words: &[String], directory: &Path, input: Option<&[u8]>) -> Output {
        let (_, name) = REAL.into_iter().find(|(name, _)| *name == tool).expect("one of the two");
        let file = workspace().join(".tools/bin").join(name);
        assert!(file.exists(), "{} is missing: run `cargo xtask tools`", file.display());
        self.run(&file, words, directory, input)
    }

    fn run(&self, file: &Path, words: &[String], directory: &Path, input: Option<&[u8]>) -> Output {
        let mut command = Command::new(file);
        command.args(words).current_dir(directory).env_clear();
        command.env("PATH", &self.commands).env("HOME", &self.home).env("LS_COLORS", "di=1;34:ln=36:*.rs=33");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let Some(input) = input else { return command.output().expect("it was just looked at") };
        let file = self.home.join("input");
        fs::write(&file, input).expect("writable");
        command.stdin(File::open(file).expect("just written"));
        command.output().expect("it was just looked at")
    }
}
