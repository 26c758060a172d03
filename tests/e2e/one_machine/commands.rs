//! Commands: whatever form starts them, they work on the remote, and what they are given is what the caller wrote.

use scripted_model::Turn;
use serde_json::json;

use super::{CANARY, HOME, machines, target};
use crate::{
    finish::start,
    laptop::RUN,
    paths::{self, PIS},
    pi::{self, TOOLS},
    remote::ROOT,
    terminal::Terminal,
};

/// Each form of starting a process, with each way to name no other directory than the program's own.
const FORMS: &str = r#"
import { exec, execFile, execFileSync, execSync, spawn, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { text } from "node:stream/consumers";
export async function forms() {
  const line = "hostname; pwd";
  const told = new Map();
  const cwds = [{}, { cwd: undefined }, { cwd: "" }, { cwd: "." }, { cwd: process.cwd() }];
  for (const options of cwds) {
    const shell = ["-c", line];
    const all = {
      execSync: () => execSync(line, options).toString(),
      execFileSync: () => execFileSync("sh", shell, options).toString(),
      spawnSync: () => spawnSync("/bin/sh", shell, options).stdout.toString(),
      exec: async () => (await promisify(exec)(line, options)).stdout,
      execFile: async () => (await promisify(execFile)("sh", shell, options)).stdout,
      spawn: () => text(spawn("sh", shell, options).stdout),
      shell: () => text(spawn(line, { ...options, shell: true }).stdout),
    };
    for (const [name, form] of Object.entries(all)) {
      const said = await Promise.resolve().then(form).catch(String);
      told.set(said, [...(told.get(said) ?? []), `${name} ${JSON.stringify(options)}`]);
    }
  }
  return JSON.stringify([...told.keys()]);
}
"#;

const EXTENSION: &str = r#"
import { Type } from "typebox";
import { forms } from "./forms.mjs";
export default function (pi: any) {
  const parameters = Type.Object({});
  pi.registerTool({ name: "probe", label: "Probe", description: "Starts commands", parameters, async execute() {
    return { content: [{ type: "text", text: await forms() }], details: {} };
  } });
}
"#;

#[test]
fn every_form_of_every_extension_starts_its_command_in_the_remote_root() {
    let (remote, laptop) = machines();
    for (name, text) in [("probe.ts", EXTENSION), ("forms.mjs", FORMS)] {
        let path = format!("{ROOT}/.pi/extensions/{name}");
        remote.sh(&format!("mkdir -p {ROOT}/.pi/extensions && cat > {path} <<'END'\n{text}\nEND"));
    }
    for pi in PIS {
        let script = vec![Turn::call("probe", json!({})), Turn::say("Done.")];
        let words = ["--ssh", &target()];
        let session = pi::session_of(&laptop, pi, &words, script, &format!("{TOOLS},probe"));
        assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
        let told = session.transcript.tool_results()[0].text();
        assert_eq!(told, json!([format!("far\n{ROOT}\n")]).to_string(), "{pi}");
    }
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

/// What a program of any kind may do at the edge of its root, one line for each.
const EDGE: &str = r#"
import { execFileSync, execSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
const say = (name, run) => {
  let told;
  try { told = run() } catch (error) { told = error.code ?? error.message }
  console.log(name, JSON.stringify(told));
};
const run = (file, words = [], options = {}) => {
  const { error, stdout } = spawnSync(file, words, { encoding: "utf8", ...options });
  return error ? error.code : stdout.trim();
};
const temp = os.tmpdir();
say("temp is remote", () => {
  fs.writeFileSync(path.join(temp, "message"), "from the program");
  return execSync(`cat ${temp}/message`, { encoding: "utf8" });
});
say("mktemp", () => fs.readFileSync(execSync("f=$(mktemp); echo made > $f; echo $f", { encoding: "utf8" }).trim(), "utf8"));
say("TMPDIR", () => execSync("echo $TMPDIR", { encoding: "utf8" }).trim() === temp);
say("closed to others", () => (fs.statSync(temp).mode & 0o777).toString(8));
say("a file is no command", () => run("/etc/passwd"));
say("an absolute path", () => run("/bin/mine"));
say("a name of PATH", () => run("mine", [], { env: { ...process.env, PATH: `tools:${process.env.PATH}` } }));
say("an empty entry of PATH", () => run("mine", [], { cwd: "tools", env: { ...process.env, PATH: `:${process.env.PATH}` } }));
say("a PATH without /bin", () => run("/bin/sh", ["-c", "echo $PATH"], { env: { PATH: "/nowhere" } }));
say("a name outside of that PATH", () => run("mine", [], { env: { PATH: "/nowhere" } }));
say("stat ..", () => fs.statSync("..").isDirectory());
say("exists ..", () => fs.existsSync("/srv") && fs.existsSync("/srv/far"));
say("mkdir -p ..", () => fs.mkdirSync("..", { recursive: true }) ?? "there");
say("mkdir ..", () => fs.mkdirSync(".."));
say("cwd ..", () => run("pwd", [], { cwd: ".." }));
say("realpath ..", () => fs.realpathSync(".."));
say("beside", () => fs.existsSync("../above.txt") && fs.readFileSync("../above.txt", "utf8"));
process.chdir("..");
say("chdir ..", () => [process.cwd(), run("pwd")]);
process.chdir("project");
say("and back", () => process.cwd());
"#;

#[test]
fn at_the_edge_of_the_root_programs_find_the_remote() {
    let (remote, laptop) = machines();
    remote.machine.own("/usr/bin");
    remote.sh(&format!(
        "mkdir -p {ROOT}/tools {HOME}/bin && for file in {ROOT}/tools/mine {HOME}/bin/mine; \
         do printf '#!/bin/sh\\necho \"$0\"\\n' > $file; chmod +x $file; done; chown -R 1000:1000 {ROOT} {HOME}; \
         echo 'PATH=$HOME/bin:$PATH' > {HOME}/.profile"
    ));
    laptop.write("/root/edge.mjs", EDGE);
    let common = format!(
        "temp is remote \"from the program\"\nmktemp \"made\\n\"\nTMPDIR true\nclosed to others \"700\"\n\
         a file is no command \"EACCES\"\nan absolute path \"ENOENT\"\na name of PATH \"tools/mine\"\n\
         an empty entry of PATH \"mine\"\na PATH without /bin \"/nowhere\"\na name outside of that PATH \"ENOENT\"\n\
         stat .. true\nexists .. true\nmkdir -p .. \"there\"\nmkdir .. \"EEXIST\"\ncwd .. \"/srv/far\"\n\
         realpath .. \"/srv/far\"\nbeside BESIDE\nchdir .. [\"/srv/far\",\"/srv/far\"]\nand back \"{ROOT}\"\n"
    );
    for (rule, beside) in [("local", "false"), ("deny", "false"), ("read", "\"needle of the remote\\n\"")] {
        let said =
            laptop.run(&["run", "--ssh", &target(), "--outside", rule, "--", "node", "/root/edge.mjs"]).ok();
        assert_eq!(said, common.replace("BESIDE", beside), "{rule}");
    }
    assert_eq!(laptop.sh("ls -A /srv/far"), "above.txt\n", "nothing was made on the laptop");
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

/// The log of a long output is on the remote when a command may look for it, and is not carried there otherwise.
#[test]
fn what_pi_keeps_of_a_long_output_is_there_for_a_command_that_looks() {
    let (remote, laptop) = machines();
    for pi in PIS {
        let look = |command: &str| Turn::call("bash", json!({ "command": command }));
        let script = vec![
            look("seq 1 300000"),
            look("find /tmp -name 'pi-*' -size +1M | wc -l"),
            look("tail -n 1 \"$TMPDIR\"/pi-*; wc -l < \"$TMPDIR\"/pi-*"),
            Turn::say("Done."),
        ];
        let session = pi::session_of(&laptop, pi, &["--ssh", &target()], script, TOOLS);
        assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
        let results = session.transcript.tool_results();
        assert!(results[0].text().contains("Full output: /tmp/pii-"), "{}", results[0].text());
        assert_eq!(results[1].text().trim(), "0", "{pi}: carried before anybody looked");
        assert_eq!(results[2].text().trim(), "300000\n300000", "{pi}");
    }
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

#[test]
fn a_remote_without_bash_is_asked_for_its_shell() {
    let (remote, laptop) = machines();
    remote.machine.own("/usr/bin");
    remote.sh("mv /usr/bin/bash /usr/bin/hidden");
    for pi in PIS {
        let script = vec![Turn::call("bash", json!({ "command": "echo from $0" })), Turn::say("Done.")];
        let session = pi::session_of(&laptop, pi, &["--ssh", &target()], script, TOOLS);
        assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
        assert_eq!(session.transcript.tool_results()[0].text().trim(), "from sh", "{pi}");
    }
    let mut hidden = remote.machine.command("/", "/usr/bin/hidden");
    hidden.args(["-c", "mv /usr/bin/hidden /usr/bin/bash; rm -f /tmp/shared /tmp/to-edit"]);
    start(hidden).finish(RUN).ok();
    remote.assert_nothing_left();
}

#[test]
fn a_program_of_an_extension_edits_a_file_of_the_remote_on_the_terminal() {
    let (remote, laptop) = machines();
    let script = "import { spawnSync } from 'node:child_process';\n\
                  const { status } = spawnSync('sh', ['-c', 'vim -u NONE -N NOTES.md'], { stdio: 'inherit', env: process.env });\n\
                  console.log('ended', status); process.stdin.once('data', () => process.exit());";
    laptop.write("/root/edit.mjs", script);
    let line = format!(
        "{} run --ssh {} --node {} --outside deny -- node /root/edit.mjs",
        paths::pii().display(),
        target(),
        paths::tool("node").display()
    );
    let terminal = Terminal::start(&laptop, &line);
    terminal.wait_for("\n~", RUN);
    terminal.press("'iwritten here' Escape");
    terminal.press("':wq' Enter");
    terminal.wait_for("ended 0", RUN);
    terminal.press("Enter");
    terminal.wait_for_end(RUN);
    assert_eq!(remote.sh(&format!("cat {ROOT}/NOTES.md")), "written here\n");
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

/// The program's home, what `~` is to a Node child, to a command of the remote and to one of the laptop; then what opens files
/// of the laptop by other ways than fs.
const HOMES: &str = r#"
import { execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
const out = (file, ...words) => execFileSync(file, words, { encoding: "utf8" }).trim();
console.log(os.homedir(), process.env.HOME);
console.log(out(process.execPath, "-p", "os.homedir()"), out("sh", "-c", "echo ~"), out("gh"));
console.log(out("sh", "-c", "echo ${AWS_CONFIG_FILE-none} ${PI_CODING_AGENT_DIR-none}"), fs.readFileSync(process.env.AWS_CONFIG_FILE, "utf8"));
const tried = async (name, run) => {
  try { console.log(name, String(await run())) } catch (error) { console.log(name, error.code ?? error.message) }
};
const require = createRequire(import.meta.url);
await tried("require", () => require("/root/secret.json"));
await tried("import", () => import("/root/secret.mjs"));
await tried("worker", async () => (await once(new Worker("/root/secret.mjs"), "message"))[0]);
await tried("fork", async () => (await once(fork("/root/secret.mjs", { stdio: "ignore" }), "exit"))[0]);
await tried("cp", () => fs.cpSync("/root/.ssh", "stolen", { recursive: true }));
await tried("link", () => fs.symlinkSync("/root/.ssh", "led") ?? fs.readdirSync("led"));
await tried("glob", () => fs.globSync("/root/.ssh/*").length);
await tried("watch", () => fs.watch("/root/.ssh"));
await tried("blob", async () => (await fs.openAsBlob("/root/.netrc")).text());
await tried("stream", async () => { for await (const piece of fs.createReadStream("/root/.netrc")) return piece });
await tried("env file", () => process.loadEnvFile("/root/.netrc"));
await tried("chdir", () => process.chdir("/root"));
await tried("cwd", () => spawnSync("ls", { cwd: "/root", encoding: "utf8" }).stdout.includes("secret"));
await tried("open", () => fs.promises.open("/root/.netrc"));
await tried("environment", () => fs.readFileSync("/proc/self/environ"));
"#;

#[test]
fn the_laptop_s_home_is_reached_by_no_way_of_the_program() {
    let (remote, laptop) = machines();
    laptop.write("/usr/local/bin/gh", "#!/bin/sh\necho $HOME\n");
    laptop.sh("chmod +x /usr/local/bin/gh");
    laptop.write("/root/.aws/config", "the login of the laptop");
    laptop.write("/root/secret.json", &format!("{{ \"secret\": \"{CANARY}\" }}"));
    laptop.write("/root/secret.mjs", &format!("console.log('{CANARY}'); export default '{CANARY}';"));
    laptop.write("/opt/tool/homes.mjs", HOMES);
    let said = laptop
        .run(&["run", "--ssh", &target(), "--outside", "deny", "--", "node", "/opt/tool/homes.mjs"])
        .ok();
    assert!(!said.contains(CANARY), "{said}");
    let expected = format!(
        "{HOME} {HOME}\n{HOME} {HOME} /root\nnone none the login of the laptop\nrequire EACCES\n\
         import EACCES\nworker EACCES\nfork 1\ncp EACCES\nlink EACCES\nglob 0\n\
         watch EACCES\nblob ERR_INVALID_ARG_VALUE\nstream EACCES\nenv file EACCES\nchdir EACCES\ncwd false\nopen EACCES\n\
         environment EACCES\n"
    );
    assert_eq!(said, expected);
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

#[test]
fn a_further_root_in_the_temp_directory_is_one() {
    let (remote, laptop) = machines();
    laptop.write("/root/.config/pii/config.toml", "writeRoots = ['/tmp']\n");
    laptop.write(
        "/root/x.mjs",
        "import fs from 'node:fs'; console.log(fs.readFileSync('/tmp/shared', 'utf8').trim())",
    );
    let said = laptop.run(&["run", "--ssh", &target(), "--", "node", "/root/x.mjs"]).ok();
    assert_eq!(said, "needle of the remote\n");
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
}

#[test]
fn a_further_root_below_the_remote_home_is_one_however_it_is_written() {
    let (remote, laptop) = machines();
    remote.sh(&format!("mkdir {HOME}/data; echo far > {HOME}/data/x; chown -R 1000:1000 {HOME}/data"));
    let script = format!("console.log(require('fs').readFileSync('{HOME}/data/x', 'utf8').trim())");
    for written in ["data", "~/data", &format!("{HOME}/data")] {
        laptop.write("/root/.config/pii/config.toml", &format!("writeRoots = ['{written}']\n"));
        let read = laptop.run(&["run", "--ssh", &target(), "--", "node", "-e", &script]);
        assert_eq!(read.ok(), "far\n", "{written}");
    }
}

#[test]
fn a_program_and_its_commands_meet_in_the_temp_directories() {
    let (_remote, laptop) = machines();
    let script = r#"
        import fs from "node:fs"; import { execSync } from "node:child_process";
        const sh = (line) => execSync(line, { encoding: "utf8" }).trim();
        for (const directory of ["/tmp", "/var/tmp"]) {
          fs.writeFileSync(`${directory}/x.sh`, "hostname");
          sh(`echo shell > ${directory}/from-shell`);
          console.log(sh(`sh ${directory}/x.sh`), fs.readFileSync(`${directory}/from-shell`, "utf8").trim());
        }
        console.log(fs.readFileSync("/tmp/shared", "utf8").trim(), fs.existsSync("/tmp/laptop-only"));
        console.log(sh("mktemp -d").length > 0, execSync("hostname; pwd", { cwd: "/tmp", encoding: "utf8" }).split("\n").join());"#;
    for outside in ["local", "deny", "read"] {
        laptop.write("/root/script.mjs", script);
        let said =
            laptop.run(&["run", "--outside", outside, "--ssh", &target(), "--", "node", "/root/script.mjs"]);
        assert_eq!(
            said.ok(),
            "far shell\nfar shell\nneedle of the remote false\ntrue far,/tmp,\n",
            "{outside}"
        );
    }
    laptop.write("/tmp/beside.mjs", "export default 'of the laptop';");
    laptop.write(
        "/tmp/script.mjs",
        "import beside from './beside.mjs'; import fs from 'node:fs';\n\
         console.log(beside, fs.readFileSync('/tmp/shared', 'utf8').trim());",
    );
    let beside = laptop.run(&["run", "--ssh", &target(), "--", "node", "/tmp/script.mjs"]);
    assert_eq!(beside.ok(), "of the laptop needle of the remote\n", "a script of the laptop there, too");
}

#[test]
fn the_language_and_time_of_remote_commands_are_those_of_the_login() {
    let (remote, laptop) = machines();
    remote.sh(&format!(
        "echo 'export LANG=C.UTF-8 TZ=Asia/Tokyo' > {HOME}/.profile; chown -R 1000:1000 {HOME}"
    ));
    let line = "echo ${LANG-none} ${TZ-none} ${LC_ALL-none} ${LC_SECRET-none} ${CI-none} ${TERM-none}";
    let script = format!(
        "import {{ execSync }} from 'node:child_process'; console.log(String(execSync('{line}')).trim())"
    );
    laptop.write("/root/x.mjs", &script);
    let mut pii = laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/x.mjs"]);
    pii.env("LANG", "xx_XX.UTF-8")
        .env("LC_ALL", "xx_XX")
        .env("LC_SECRET", "smuggled")
        .env("TZ", "Europe/Rome");
    pii.env("CI", "1").env("TERM", "xterm-kitty");
    assert_eq!(start(pii).finish(RUN).ok(), "C.UTF-8 Asia/Tokyo none none none xterm-kitty\n");
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

#[test]
fn a_root_in_a_repository_has_the_repository_around_it() {
    let (remote, laptop) = machines();
    let git = "git -c safe.directory=* -c user.name=t -c user.email=t@t -c init.defaultBranch=main";
    remote.sh(&format!(
        "cd {ROOT} && {git} init -q . && echo 'The instructions of the repository.' > AGENTS.md && \
         mkdir -p packages/one && touch packages/one/x && {git} add . && {git} commit -qm x && \
         {git} worktree add -q -b other ../tree && chown -R 1000:1000 {ROOT} ../tree"
    ));
    let look = "git branch --show-current; git rev-parse --show-toplevel";
    let read = |path: &str| Turn::call("read", json!({ "path": path }));
    for (root, head, top, branch) in [
        (format!("{ROOT}/packages/one"), "../../.git/HEAD".to_owned(), ROOT, "main"),
        ("/srv/far/tree".to_owned(), format!("{ROOT}/.git/worktrees/tree/HEAD"), "/srv/far/tree", "other"),
    ] {
        let script = vec![read(&head), Turn::call("bash", json!({ "command": look })), Turn::say("Done.")];
        let target = format!("me@far:{root}");
        let session = pi::session_of(&laptop, PIS[2], &["--ssh", &target], script, TOOLS);
        assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
        let results = session.transcript.tool_results();
        assert_eq!(results[0].text().trim(), format!("ref: refs/heads/{branch}"));
        assert_eq!(results[1].text().trim(), format!("{branch}\n{top}"));
        let prompt = session.transcript.system_prompt();
        assert!(prompt.contains("The instructions of the repository."), "{prompt}");
    }
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
}

#[test]
fn what_a_command_left_running_on_purpose_lives_on_and_is_named() {
    let (remote, laptop) = machines();
    let line =
        "nohup sleep 1001 >/dev/null 2>&1 & setsid sleep 1002 >/dev/null 2>&1 & sleep 1003 & echo started";
    for (setting, lives) in [("keep", true), ("end", false)] {
        laptop.write("/root/.config/pii/config.toml", &format!("processes.afterExit = '{setting}'\n"));
        let script = vec![Turn::call("bash", json!({ "command": line })), Turn::say("Done.")];
        let session = pi::session_of(&laptop, PIS[2], &["--ssh", &target()], script, TOOLS);
        assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
        assert_eq!(session.transcript.tool_results()[0].text().trim(), "started");
        let left = remote.machine.processes_but(&[]).join("\n");
        for (sleep, expected) in [("sleep 1001", lives), ("sleep 1002", lives), ("sleep 1003", false)] {
            assert_eq!(left.contains(sleep), expected, "{setting}: {left}");
        }
        let log = laptop.sh("cat /root/.local/state/pii/last.log");
        assert_eq!(log.contains("left running: ") && log.contains("(sleep 1001)"), lives, "{log}");
        remote.sh("pkill -x sleep || true; rm -rf /tmp/pii-*");
    }
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

#[test]
fn a_program_that_ignores_the_hangup_while_it_leaves_was_not_left_running() {
    let (remote, laptop) = machines();
    let script = r#"
        import { spawn } from "node:child_process";
        const leaving = `trap 'trap "" HUP; sleep 0.2; exit 0' HUP; echo ready; while :; do sleep 0.01; done`;
        spawn("sh", ["-c", leaving]).stdout.once("data", () => process.exit(0));"#;
    let ended = laptop.run_script(script, &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}

#[test]
fn the_log_of_the_last_session_says_what_ran_and_which_side_things_took() {
    let (remote, laptop) = machines();
    let script = vec![Turn::call("read", json!({ "path": "/etc/os-release" })), Turn::say("Done.")];
    let session = pi::session_of(&laptop, PIS[2], &["--ssh", &target()], script, TOOLS);
    assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
    let log = laptop.sh("cat /root/.local/state/pii/last.log");
    let first = log.lines().next().unwrap_or_default();
    for part in ["pii 0.1.0 on linux", "session=", &target(), "program=", "PII_PROGRAM"] {
        assert!(first.contains(part), "{part:?} is not in {first}");
    }
    assert!(log.contains("path /etc/os-release: refused"), "{log}");
    assert!(!log.contains(pi::SECRET), "{log}");
    assert_eq!(laptop.sh("stat -c %a /root/.local/state/pii/last.log"), "600\n");
    laptop.write(
        "/root/x.mjs",
        "import fs from 'node:fs'; import { execSync } from 'node:child_process'; fs.existsSync('file.txt'); execSync('true')",
    );
    laptop.run(&["run", "--ssh", &target(), "--log", "/root/asked.log", "--", "node", "/root/x.mjs"]).ok();
    let log = laptop.sh("cat /root/asked.log");
    assert!(log.contains(&format!("path {ROOT}/file.txt: remote, beneath {ROOT}")), "{log}");
    assert!(log.contains(&format!("command sh in {ROOT}: remote, ")), "{log}");
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
}
