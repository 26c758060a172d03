//! Well-known packages, unmodified, on a project in a remote root: they say and leave the same as with plain Node on
//! the remote's own disk, whether they are installed on the laptop or in the project.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    finish::start,
    laptop::{Laptop, target},
    machine::Machine,
    paths,
    remote::{ROOT, Remote},
    scripts::{difference, said},
};

/// How long one run may take.
const CLIENT: Duration = Duration::from_secs(60);

/// Where a package is installed.
#[derive(Clone, Copy)]
enum Place {
    Laptop,
    Root,
}

impl Place {
    /// The directory that holds `node_modules`.
    fn directory(self) -> &'static str {
        match self {
            Self::Laptop => "/root",
            Self::Root => ROOT,
        }
    }

    /// A file of a package.
    fn tool(self, path: &str) -> String {
        format!("{}/node_modules/{path}", self.directory())
    }
}

#[test]
fn libraries_of_the_laptop_work_in_the_root() {
    Bench::start().compare_scripts(Place::Laptop);
}

#[test]
fn libraries_of_the_root_work_in_it() {
    Bench::start().compare_scripts(Place::Root);
}

#[test]
fn compilers_and_linters_work_in_the_root() {
    let bench = Bench::start();
    for place in [Place::Laptop, Place::Root] {
        bench.compare_tool(place, "typescript/bin/tsc", &["--pretty", "--project", "."]);
        bench.compare_tool(place, "eslint/bin/eslint.js", &["src"]);
        bench.compare_tool(place, "prettier/bin/prettier.cjs", &["--log-level=warn", "--write", "."]);
    }
    bench.remote.assert_nothing_left();
}

#[test]
fn vitest_works_in_the_root_with_processes_and_threads() {
    let bench = Bench::start();
    for pool in ["--pool=forks", "--pool=threads"] {
        // Vite's other loaders write beside the packages, which are read-only here.
        let words = ["run", "--configLoader=runner", pool];
        bench.compare_tool(Place::Root, "vitest/vitest.mjs", &words);
    }
    bench.remote.assert_nothing_left();
}

#[test]
fn npm_runs_the_scripts_of_a_project() {
    let bench = Bench::start();
    for words in [&["run", "--silent", "where"][..], &["run", "lint"], &["test"], &["run", "fail"]] {
        bench.compare_tool(Place::Laptop, "npm/bin/npm-cli.js", words);
    }
    bench.remote.assert_nothing_left();
}

/// An npm that is kept on the laptop is a program of the session: it sees the root, and what it starts there runs there.
#[test]
fn npm_of_the_laptop_serves_a_remote_that_has_none() {
    let bench = Bench::start();
    bench.plant_project(&bench.remote.machine);
    let script = "import { spawnSync } from 'node:child_process'\n\
        const { error, stdout } = spawnSync('npm', ['run', '--silent', 'where'], { cwd: process.cwd(), encoding: 'utf8' })\n\
        console.log(error?.message ?? stdout)\n";
    bench.laptop.write("/root/script.mjs", script);
    bench.laptop.sh("mkdir /root/bin && ln -s /root/node_modules/npm/bin/npm-cli.js /root/bin/npm");
    let without_npm = "for bin in /usr/bin /usr/local/bin; do if [ -e $bin/npm ]; then mount --bind /dev/null $bin/npm; fi; done";
    bench.remote.sh(without_npm);
    let pii = |local: &str| {
        let node = paths::tool("node");
        let bin = node.parent().expect("in a directory").display().to_string();
        let mut pii = bench.laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/script.mjs"]);
        pii.env("PATH", format!("/root/bin:{bin}:/usr/bin:/bin")).env("PII_LOCAL_COMMANDS", local);
        start(pii).finish(CLIENT).ok()
    };
    assert!(pii("").starts_with("spawnSync npm E"), "without a word of the user npm is the remote's");
    assert_eq!(pii("npm"), format!("{ROOT}\nwhere in project\n\n"));
}

/// How long tools take on the 240 files of rxjs, through `pii` and without; the middle of three runs.
#[test]
#[ignore = "a measurement"]
fn tools_on_a_project_of_some_hundred_files() {
    let bench = Bench::start();
    let (home, far) = (&bench.home.machine, &bench.remote.machine);
    for machine in [home, far] {
        bench.plant_project(machine);
        machine.sh(&format!("cp -r {ROOT}/node_modules/rxjs {ROOT}/rxjs"));
    }
    let config = r#"{ "compilerOptions": { "noEmit": true, "strict": true, "target": "es2022", "module": "esnext",
        "moduleResolution": "bundler", "lib": ["es2022", "dom"], "types": [] }, "include": ["src"] }"#;
    for machine in [home, far] {
        machine.sh(&format!("echo '{config}' > {ROOT}/rxjs/tsconfig.json"));
    }
    println!("{:<62}{:>8}{:>8}", "seconds, the middle of 3 runs", "local", "pii");
    for place in [Place::Laptop, Place::Root] {
        for (tool, words) in [
            ("typescript/bin/tsc", &["--noEmit", "--project", "rxjs"][..]),
            ("eslint/bin/eslint.js", &["--quiet", "rxjs/dist/esm"]),
        ] {
            let tool = place.tool(tool);
            let words = [&[&tool[..]], words].concat();
            let [local, bridged] = [median(|| bench.plain(&words)), median(|| bench.bridged(&words))];
            println!("{:<62}{local:>8.2}{bridged:>8.2}", words.join(" "));
        }
    }
}

/// The middle of the times of three runs, in seconds.
fn median(command: impl Fn() -> Command) -> f64 {
    let mut times = [0, 1, 2].map(|_| {
        let begin = Instant::now();
        start(command()).finish(CLIENT);
        begin.elapsed().as_secs_f64()
    });
    times.sort_by(f64::total_cmp);
    times[1]
}

/// A machine with the project on its own disk, and the two that the same is done on through `pii`.
struct Bench {
    home: Laptop,
    remote: Remote,
    laptop: Laptop,
    node: String,
}

impl Bench {
    #[track_caller]
    fn start() -> Self {
        let remote = Remote::start();
        let laptop = Laptop::of(&remote);
        let home = Laptop::alone();
        let packages = paths::clients();
        for machine in [&home.machine, &remote.machine] {
            // Mounted and read-only, since a copy takes longer than the tests.
            machine.sh(&format!(
                "mkdir -p {ROOT}/node_modules && mount -o bind,ro '{}' {ROOT}/node_modules",
                packages.display()
            ));
        }
        for laptop in [&home, &laptop] {
            laptop.sh(&format!("ln -s '{}' /root/node_modules", packages.display()));
        }
        let node = paths::tool("node").to_str().expect("a plain path").to_owned();
        Self { home, remote, laptop, node }
    }

    /// Leaves nothing in the root but the packages.
    fn clear(&self, machine: &Machine) {
        machine.sh(&format!(
            "mkdir -p {ROOT} && cd {ROOT} && find . -mindepth 1 -maxdepth 1 ! -name node_modules -exec rm -rf {{}} +"
        ));
    }

    /// Puts the project of `tests/clients` into the root.
    fn plant_project(&self, machine: &Machine) {
        self.clear(machine);
        let project = paths::workspace().join("tests/clients/project");
        machine.sh(&format!("cp -r '{}/.' {ROOT}", project.display()));
    }

    /// A tool with plain Node on a local project.
    fn plain(&self, words: &[&str]) -> Command {
        let mut plain = self.home.machine.command(ROOT, &self.node);
        plain.args(words);
        plain
    }

    /// The same through `pii`.
    fn bridged(&self, words: &[&str]) -> Command {
        let target = target();
        self.laptop.pii(&[&["run", "--ssh", &target, "--", "node"], words].concat())
    }

    /// Runs every script of `tests/clients/scripts` on both sides, each in an empty root.
    #[track_caller]
    fn compare_scripts(&self, place: Place) {
        let mut differences = Vec::new();
        for script in scripts() {
            let name = script.file_name().expect("a name").display();
            let path = format!("{}/scripts/{name}", place.directory());
            self.clear(&self.home.machine);
            self.clear(&self.remote.machine);
            let other = match place {
                Place::Laptop => &self.laptop.machine,
                Place::Root => &self.remote.machine,
            };
            for machine in [&self.home.machine, other] {
                machine.sh(&format!(
                    "mkdir -p {}/scripts && cp '{}' {path}",
                    place.directory(),
                    script.display()
                ));
            }
            if let Err(difference) = self.outputs(&[&path]) {
                differences.push(difference);
            }
        }
        assert!(differences.is_empty(), "{}", differences.join("\n\n"));
        self.remote.assert_nothing_left();
    }

    /// Runs a tool on a fresh project on both sides; compares what it says and what it leaves.
    #[track_caller]
    fn compare_tool(&self, place: Place, tool: &str, words: &[&str]) {
        for machine in [&self.home.machine, &self.remote.machine] {
            self.plant_project(machine);
        }
        if let Err(difference) = self.outputs(&[&[&place.tool(tool)[..]], words].concat()) {
            panic!("{difference}");
        }
        let [local, bridged] = [&self.home.machine, &self.remote.machine].map(|machine| {
            machine.sh(&format!(
                "cd {ROOT} && find . -maxdepth 1 \\( -name node_modules -o -name .cache \\) -prune -o -type f -print0 \
                 | sort -z | xargs -0 sha256sum"
            ))
        });
        assert_eq!(local, bridged, "left by {tool}");
    }

    /// What differs in the outputs of a script or tool.
    fn outputs(&self, words: &[&str]) -> Result<(), String> {
        let local = said(start(self.plain(words)).try_finish(CLIENT));
        let bridged = said(start(self.bridged(words)).try_finish(CLIENT));
        if local == bridged {
            return Ok(());
        }
        Err(format!("{words:?} (- plain Node, + through pii)\n{}", difference(&local, &bridged)))
    }
}

fn scripts() -> Vec<PathBuf> {
    let folder = paths::workspace().join("tests/clients/scripts");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut scripts: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    scripts.sort();
    scripts
}
