//! Real processes on their right side: MCP servers, commands that fetch keys, and what belongs to the user's machine.

use scripted_model::Turn;
use serde_json::json;

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    machine::Machine,
    paths::{self, PIS},
    pi,
    remote::{ROOT, Remote},
};

/// Says on which machine it runs, and what it was called with.
const WHERE: &str = r#"#!/bin/sh
echo "$(hostname) ${0##*/} $*"
"#;

/// An MCP server with one tool, which says where the server runs and what it was given.
const SERVER: &str = r#"#!/bin/sh
while read -r line; do
  id=$(printf '%s\n' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case $line in
    *'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"where","version":"1"}}' ;;
    *'"tools/list"'*) result='{"tools":[{"name":"where","description":"Says where it runs","inputSchema":{"type":"object","properties":{}}}]}' ;;
    *'"tools/call"'*) result="{\"content\":[{\"type\":\"text\",\"text\":\"$(hostname) $GIVEN ${OPENAI_API_KEY-no key}\"}]}" ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
"#;

/// A remote and a laptop that have these commands, and others than all the rest of the disk.
fn machines(commands: &[(&str, &str)]) -> (Remote, Laptop) {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let put = |machine: &Machine| {
        machine.sh("mount -t tmpfs tmpfs /usr/local/bin");
        for (name, text) in commands {
            let path = format!("/usr/local/bin/{name}");
            machine.sh(&format!("cat > {path} <<'END'\n{text}END\nchmod +x {path}"));
        }
    };
    put(&remote.machine);
    put(&laptop.machine);
    (remote, laptop)
}

/// Starts a server as the MCP SDK does: with the root as its directory, a list of variables, pipes and a group of its own.
const CLIENT: &str = r#"
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
const { HOME, PATH } = process.env;
const options = { cwd: process.cwd(), env: { HOME, PATH, GIVEN: 'given' }, stdio: ['pipe', 'pipe', 'pipe'], shell: false, detached: true };
const server = spawn('mcp-server', ['--stdio'], options);
await once(server, 'spawn');
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const ask = async (id, method) => {
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: {} })}\n`);
  return JSON.parse((await lines.next()).value);
};
await ask(1, 'initialize');
server.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
const answer = await ask(2, 'tools/call');
console.log(answer.id, answer.result.content[0].text);
const closed = once(server, 'close');
process.kill(-server.pid, 'SIGTERM');
console.log(...await closed);
"#;

#[test]
fn a_server_that_a_program_starts_runs_on_the_remote_unless_the_user_wants_it_on_the_laptop() {
    let (remote, laptop) = machines(&[("mcp-server", SERVER)]);
    assert_eq!(laptop.run_script(CLIENT, &[]).ok(), "2 far given no key\nnull SIGTERM\n");
    laptop.write("/root/.config/pii/config.toml", "localCommands = ['mcp-server']\n");
    assert_eq!(laptop.run_script(CLIENT, &[]).ok(), "2 laptop given no key\nnull SIGTERM\n");
    remote.assert_nothing_left();
}

/// The variable that the server is given is the output of a command, which runs where its configuration lies.
#[test]
fn a_server_runs_where_its_configuration_lies_unless_the_user_wants_it_on_the_laptop() {
    let (remote, laptop) = machines(&[("mcp-server", SERVER)]);
    laptop.write("/root/given", "fetched at home");
    remote.sh("echo fetched there > /root/given");
    let server = |words: &[&str], command: &str| {
        let env = json!({ "GIVEN": command });
        json!({ "command": "mcp-server", "args": words, "exposure": "direct", "env": env })
    };
    let configuration = json!({ "mcpServers": { "there": server(&[], "!cat /root/given") } });
    remote.sh(&format!("mkdir {ROOT}/.pi && echo '{configuration}' > {ROOT}/.pi/mcp.json"));
    laptop.write(
        "/root/.pi/agent/mcp.json",
        &json!({ "mcpServers": { "here": server(&["--own"], "!cat /root/./given") } }).to_string(),
    );
    let (own, secret) = ("laptop fetched at home", pi::SECRET);
    for (local, expected) in [
        ("[]", "far fetched there no key".to_owned()),
        ("['mcp-server']", format!("laptop fetched there {secret}")),
    ] {
        laptop.write("/root/.config/pii/config.toml", &format!("localCommands = {local}\n"));
        let script = ["mcp__there__where", "mcp__here__where"].map(|tool| Turn::call(tool, json!({})));
        let script = script.into_iter().chain([Turn::say("Done.")]).collect();
        let session = pi::remotely_with(&laptop, PIS[1], script, "mcp__there__where,mcp__here__where");
        assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
        let results = session.transcript.tool_results();
        assert_eq!(results[0].text(), expected);
        assert_eq!(results[1].text(), format!("{own} {secret}"));
    }
}

#[test]
fn a_key_of_pi_0_87_1_is_fetched_on_the_laptop() {
    check_key(PIS[0]);
}

#[test]
fn a_key_of_pi_1_5_2_is_fetched_on_the_laptop() {
    check_key(PIS[1]);
}

fn check_key(version: &str) {
    let (remote, laptop) = machines(&[("fetch-key", WHERE)]);
    let script = vec![Turn::call("bash", json!({ "command": "fetch-key of-bash" })), Turn::say("Done.")];
    let model = pi::model(&laptop, script);
    laptop.sh("sed -i 's/\"none\"/\"!fetch-key of-pi\"/' /root/.pi/agent/models.json");
    let target = target();
    let mut command = laptop.pii(&["--ssh", &target]);
    command.env("PII_PROGRAM", paths::tool(version)).args(pi::words()).args(["--tools", "bash", "-p", "go"]);
    let end = start(command).finish(RUN);
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    let transcript = model.transcript();
    assert_eq!(transcript.keys, ["laptop fetch-key of-pi"; 2]);
    assert_eq!(transcript.tool_results()[0].text().trim(), "far fetch-key of-bash");
    remote.assert_nothing_left();
}

/// Starts each command in every way a program has, in its directory.
const EACH: &str = r#"
import { execFileSync, execSync, spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
const cwd = process.cwd();
for (const line of process.argv.slice(2)) {
  const [file, ...words] = line.split(' ');
  const said = [
    execFileSync(file, words, { encoding: 'utf8' }),
    spawnSync(file, words, { cwd, encoding: 'utf8' }).stdout,
    await text(spawn(file, words, { cwd }).stdout),
  ];
  console.log(new Set(said).size === 1 ? said[0].trim() : said);
}
console.log(execSync('other in a shell', { encoding: 'utf8' }).trim());
"#;

#[test]
fn what_belongs_to_the_user_s_machine_stays_there() {
    const OF_THE_LAPTOP: [&str; 7] =
        ["gh", "tmux", "pbcopy", "wl-paste", "xdg-open", "notify-send", "secret-tool"];
    let commands: Vec<_> =
        OF_THE_LAPTOP.iter().chain(&["my-editor", "other"]).map(|name| (*name, WHERE)).collect();
    let (remote, laptop) = machines(&commands);
    laptop.write("/root/each.mjs", EACH);
    let target = target();
    let mut pii = laptop.pii(&["run", "--ssh", &target, "--", "node", "/root/each.mjs"]);
    pii.args(OF_THE_LAPTOP).args([
        "my-editor --wait /root/file",
        "my-editor --wait file",
        "my-editor file",
        "other",
        "/usr/local/bin/other",
    ]);
    pii.env("EDITOR", "my-editor --wait");
    let said = start(pii).finish(RUN).ok();
    let expected = OF_THE_LAPTOP.map(|name| format!("laptop {name}")).join("\n");
    let others = "laptop my-editor --wait /root/file\nfar my-editor --wait file\nfar my-editor file\nfar other\nfar other\nfar other in a shell";
    let said: Vec<_> = said.lines().map(str::trim).collect();
    assert_eq!(said.join("\n"), format!("{expected}\n{others}"));
    remote.assert_nothing_left();
}
