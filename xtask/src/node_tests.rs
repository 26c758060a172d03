//! `cargo xtask node-tests`: Node's own tests of fs and child_process, on Node alone and through `pii`.
//!
//! The remote is the embedded SSH server. The directory of the tests is its root, and the laptop, in a mount
//! namespace of its own, has an empty directory there: what a test loads and writes is the remote's. Needs root.

mod outcome;
mod report;
mod source;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tokio::{process::Command as Process, runtime::Runtime, time::timeout};

use crate::{
    assemble, command,
    demo::laptop,
    error::Error,
    ssh_server::{SshServer, new_key},
    tools,
};
use outcome::{Outcomes, Reasons};
use report::Report;
use source::{NODE_18, NODE_24, Source};

/// Whose tests run on which Node of `.tools/bin`.
const RUNS: [(&Source, &str); 3] = [(&NODE_18, "node"), (&NODE_24, "node-24"), (&NODE_24, "node-26")];

/// How long a single test may take: as long as Node's own runner gives it.
const SECONDS_A_TEST: u32 = 120;

/// How long all of them may take through `pii`. They need some minutes.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Hides the root `$0` from the command that follows, and tells if anything was written there.
const WITHOUT_ROOT: &str = r#"mount -t tmpfs tmpfs "$0" || exit
"$@"
code=$?
left=$(find "$0" -mindepth 1)
[ -z "$left" ] && exit "$code"
echo "written on the laptop instead of the remote: $left" >&2
exit 1
"#;

/// Where the tests of one run and the laptop's home are, and what runs them.
struct Bench {
    node: PathBuf,
    pii: PathBuf,
    driver: PathBuf,
    home: PathBuf,
    tree: PathBuf,
}

/// Runs the tests of these names, or all of them, on the Node of this name in `.tools/bin`, or on each.
/// Prints what became of each and how many passed.
pub fn run(workspace: &Path, node: Option<&str>, names: &[String]) -> Result<(), Error> {
    let tools = tools::install(workspace)?;
    assemble::build(workspace)?;
    let lists = workspace.join("xtask/node-tests");
    let aside = Reasons::read(&lists.join("nothing-about-a-bridge.txt"))?;
    let known = Reasons::read(&lists.join("known-to-fail.txt"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut reports = Vec::new();
    for (source, on) in RUNS.into_iter().filter(|(_, on)| node.is_none_or(|wanted| wanted == *on)) {
        let home = workspace.join(".tools/node-tests").join(source.version);
        let tree = source.fetch(&home)?;
        let bench = Bench {
            node: tools.named(on),
            pii: assemble::pii(workspace),
            driver: lists.join("driver.cjs"),
            // The remote's own spelling, whatever links lead to the clone.
            tree: tree.canonicalize().map_err(Error::at(&tree))?,
            home,
        };
        let title = format!("{} on {}", source.version, bench.version()?);
        let report = Report::new(title, bench.both(&runtime, names)?, &aside, &known);
        report.print();
        reports.push(report);
    }
    report::table(&reports)
}

impl Bench {
    /// Node's version, without the v.
    fn version(&self) -> Result<String, Error> {
        let answer = command::output(Command::new(&self.node).arg("--version"))?;
        Ok(answer.trim().trim_start_matches('v').to_owned())
    }

    /// What became of the tests on Node alone, and through `pii`.
    fn both(&self, runtime: &Runtime, names: &[String]) -> Result<(Outcomes, Outcomes), Error> {
        let all = source::names(&self.tree)?;
        let chosen: Vec<String> =
            all.into_iter().filter(|name| names.is_empty() || names.contains(name)).collect();
        println!("running {} tests on Node alone", chosen.len());
        let plain = self.plain(&chosen)?;
        println!("running them through pii");
        Ok((plain, runtime.block_on(self.bridged(&chosen))?))
    }

    /// The driver's words.
    fn words(&self, names: &[String]) -> Vec<String> {
        let first =
            [self.driver.display().to_string(), self.tree.display().to_string(), SECONDS_A_TEST.to_string()];
        first.into_iter().chain(names.iter().cloned()).collect()
    }

    fn plain(&self, names: &[String]) -> Result<Outcomes, Error> {
        let mut node = Command::new(&self.node);
        outcome::parse(&command::output(node.args(self.words(names)).current_dir(&self.tree))?)
    }

    async fn bridged(&self, names: &[String]) -> Result<Outcomes, Error> {
        let (far, near) = (self.home.join("remote"), self.home.join("laptop"));
        for directory in [&far, &near] {
            fs::create_dir_all(directory).map_err(Error::at(directory))?;
        }
        let key = new_key()?;
        let mut server = SshServer::bind(key.public_key().clone(), &far).await?;
        // As the driver sets them: the tests do not know the globals of a newer Node.
        server.set("NODE_TEST_KNOWN_GLOBALS", "0");
        server.set("NODE_OPTIONS", "--no-experimental-webstorage");
        let address = server.address;
        laptop::prepare(&near, &key, &server.host_key, address)?;
        let serving = tokio::spawn(server.serve_one());

        let target = format!("test@{}:{}:{}", address.ip(), address.port(), self.tree.display());
        let report = self.home.join("bridged.jsonl");
        let mut pii = Process::new("unshare");
        pii.args(["--mount", "/bin/sh", "-c", WITHOUT_ROOT]).arg(&self.tree).arg(&self.pii);
        pii.args(["run", "--ssh", &target, "--", "node"]).args(self.words(names));
        pii.env("HOME", &near).env("PII_NODE", &self.node).current_dir(&near).kill_on_drop(true);
        pii.stdout(fs::File::create(&report).map_err(Error::at(&report))?);
        let late = |_| Error::NodeTests(format!("not done after {} s", PATIENCE.as_secs()));
        let status = timeout(PATIENCE, pii.status()).await.map_err(late)??;
        let ended = timeout(PATIENCE, serving).await.map_err(late)?;
        ended.map_err(|error| Error::NodeTests(error.to_string()))??;
        if !status.success() {
            return Err(Error::Failed { line: "pii".into(), status });
        }
        outcome::parse(&fs::read_to_string(&report).map_err(Error::at(&report))?)
    }
}
