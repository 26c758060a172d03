//! `cargo xtask node-tests`: Node's own tests of fs and child_process, plain and through `pii`.
//!
//! The remote is the embedded SSH server. The directory of the tests is its root, and the laptop, in a mount
//! namespace of its own, has an empty directory there: what a test loads and writes is the remote's. Needs root.

mod outcome;
mod source;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tokio::{process::Command as Process, time::timeout};

use crate::{
    assemble, command,
    demo::laptop,
    error::Error,
    ssh_server::{SshServer, new_key},
    tools::{self, Tools},
};
use outcome::{Outcome, Reasons, summary};

/// How long a single test may take.
const SECONDS_A_TEST: u32 = 30;

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

/// Where the tests and the laptop's home are, and what runs them.
struct Bench {
    tools: Tools,
    pii: PathBuf,
    driver: PathBuf,
    home: PathBuf,
    tree: PathBuf,
}

/// Runs the tests of these names, or all of them; prints what became of each and how many passed.
pub fn run(workspace: &Path, names: &[String]) -> Result<(), Error> {
    let tools = tools::install(workspace)?;
    assemble::build(workspace)?;
    let home = workspace.join(".tools/node-tests");
    let tree = source::fetch(&home)?;
    let bench = Bench {
        tools,
        pii: assemble::pii(workspace),
        driver: workspace.join("xtask/node-tests/driver.cjs"),
        home,
        tree,
    };
    let all = source::names(&bench.tree)?;
    let chosen = if names.is_empty() { all } else { names.to_vec() };
    let reasons = Reasons::read(&workspace.join("xtask/node-tests/nothing-about-a-bridge.txt"))?;

    println!("running {} tests on Node alone", chosen.len());
    let plain = bench.plain(&chosen)?;
    println!("running them through pii");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let bridged = runtime.block_on(bench.bridged(&chosen))?;
    summary(&plain, &bridged, &reasons)
}

impl Bench {
    /// The driver's words.
    fn words(&self, names: &[String]) -> Vec<String> {
        let first =
            [self.driver.display().to_string(), self.tree.display().to_string(), SECONDS_A_TEST.to_string()];
        first.into_iter().chain(names.iter().cloned()).collect()
    }

    fn plain(&self, names: &[String]) -> Result<BTreeMap<String, Outcome>, Error> {
        let mut node = Command::new(self.tools.node());
        outcome::parse(&command::output(node.args(self.words(names)).current_dir(&self.tree))?)
    }

    async fn bridged(&self, names: &[String]) -> Result<BTreeMap<String, Outcome>, Error> {
        let (far, near) = (self.home.join("remote"), self.home.join("laptop"));
        for directory in [&far, &near] {
            fs::create_dir_all(directory).map_err(Error::at(directory))?;
        }
        let key = new_key()?;
        let mut server = SshServer::bind(key.public_key().clone(), &far).await?;
        // As the driver sets it: the tests would not know the globals of a newer Node.
        server.set("NODE_TEST_KNOWN_GLOBALS", "0");
        let address = server.address;
        laptop::prepare(&near, &key, &server.host_key, address)?;
        let serving = tokio::spawn(server.serve_one());

        let target = format!("test@{}:{}:{}", address.ip(), address.port(), self.tree.display());
        let report = self.home.join("bridged.jsonl");
        let mut pii = Process::new("unshare");
        pii.args(["--mount", "/bin/sh", "-c", WITHOUT_ROOT]).arg(&self.tree).arg(&self.pii);
        pii.args(["run", "--ssh", &target, "--", "node"]).args(self.words(names));
        pii.env("HOME", &near).env("PII_NODE", self.tools.node()).current_dir(&near).kill_on_drop(true);
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
