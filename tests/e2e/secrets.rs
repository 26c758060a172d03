//! What the remote may never see: the token, and the laptop's credentials.

use scripted_model::Turn;
use serde_json::json;

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    paths,
    pi::{self, SECRET, TOOLS},
    remote::Remote,
};

/// All that another process of the remote's user could read: command lines, environments, files.
const LOOK: &str = "env; ps auxewwww; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'; \
                    find /root /tmp /srv /run -xdev -type f -size -200k -print0 | xargs -0 -r cat; true";

#[test]
fn neither_the_token_nor_a_credential_of_the_laptop_is_seen_on_the_remote() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    // The look from inside the session, by a process that the program started, and into a file, since pi
    // tells the model only the end of long output.
    let look = Turn::call(
        "bash",
        json!({ "command": format!("({LOOK}) > seen; (sleep 0; {LOOK}) >> seen; wc -c seen") }),
    );
    let session = pi::remotely_with(&laptop, paths::PIS[1], vec![look, Turn::say("Done.")], TOOLS);
    assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);

    let seen = remote.sh("cat /srv/far/project/seen; rm /srv/far/project/seen") + &remote.sh(LOOK);
    assert!(seen.contains(&format!("agent-{}", paths::agent_hash())), "the agent itself was looked at");
    assert!(seen.contains("HOME=/root"), "environments were looked at");
    assert!(!seen.contains(SECRET), "the laptop's OPENAI_API_KEY was seen");
    assert!(!seen.contains("OPENAI_API_KEY="), "the name of the laptop's variable was seen");
    let agent = paths::agent_hash();
    let tokens: Vec<_> = hexadecimal_words(&seen).filter(|word| word.len() == 64 && *word != agent).collect();
    assert_eq!(tokens, Vec::<&str>::new(), "these may be the token");
}

/// Credentials by their names, and by values in which `@` stands for something that is nowhere else.
const CREDENTIALS: [(&str, &str); 36] = [
    ("OPENAI_API_KEY", "sk-proj-@"),
    ("ANTHROPIC_API_KEY", "sk-ant-@"),
    ("ANTHROPIC_AUTH_TOKEN", "@"),
    ("GEMINI_API_KEY", "AIza@"),
    ("GITHUB_TOKEN", "ghp_@"),
    ("GH_TOKEN", "github_pat_@"),
    ("GITLAB_TOKEN", "glpat-@"),
    ("AWS_ACCESS_KEY_ID", "AKIA@"),
    ("AWS_SECRET_ACCESS_KEY", "@"),
    ("AWS_SESSION_TOKEN", "@"),
    ("AZURE_CLIENT_SECRET", "@"),
    ("GOOGLE_APPLICATION_CREDENTIALS", "/root/@.json"),
    ("CLOUDFLARE_API_TOKEN", "@"),
    ("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_@"),
    ("NPM_TOKEN", "npm_@"),
    ("npm_config__auth", "@"),
    ("TWINE_PASSWORD", "pypi-@"),
    ("CARGO_REGISTRY_TOKEN", "@"),
    ("DOCKER_AUTH_CONFIG_PASSWORD", "@"),
    ("PGPASSWORD", "@"),
    ("MYSQL_PWD", "@"),
    ("REDISCLI_AUTH", "@"),
    ("DATABASE_URL", "postgres://me:@@db/x"),
    ("HTTPS_PROXY", "http://me:@@proxy:3128"),
    ("SMTP_PASS", "@"),
    ("SSHPASS", "@"),
    ("SSH_AUTH_SOCK", "/run/@"),
    ("GPG_PASSPHRASE", "@"),
    ("DEPLOY_KEY", "-----BEGIN OPENSSH PRIVATE KEY-----\n@"),
    ("STRIPE_SECRET_KEY", "sk_live_@"),
    ("SLACK_BOT_TOKEN", "xoxb-@"),
    ("SLACK_WEBHOOK_URL", "https://hooks.example/@"),
    ("SENTRY_DSN", "https://@/1"),
    ("VAULT_TOKEN", "hvs.@"),
    ("DJANGO_SECRET_KEY", "@"),
    ("HUBOT_SESSION_COOKIE", "@"),
];

/// Starts long-lived processes with every kind of environment a program gives, itself and through a child of its
/// own, and looks while they run.
const SPREAD: &str = r#"
import { execSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
const { PATH, HOME, LANG, TERM, ...others } = process.env;
const names = process.env.CREDENTIAL_NAMES.split(' ');
const credentials = () => Object.fromEntries(names.map((name) => [name, process.env[name]]));
process.env.PROGRAM_TOKEN = process.env.NPM_TOKEN;
process.env.PROGRAM_URL = process.env.DATABASE_URL;
process.env.PROGRAM_KEY_TEXT = process.env.DEPLOY_KEY;
process.env.GITHUB_TOKEN += '-changed';
const environments = [undefined, { ...process.env }, others, { PATH, HOME, ...credentials() }, { A: '1', ...credentials() }, { ...process.env, A: '1' }];
const started = environments.map((env) => spawn('sleep', ['1000'], { env, stdio: 'ignore' }));
await Promise.all(started.map((child) => once(child, 'spawn')));
if (process.send) {
  process.send('ready');
  process.on('message', () => { started.forEach((child) => child.kill()); process.disconnect(); });
} else {
  const child = fork(process.argv[1]);
  await once(child, 'message');
  process.stdout.write(execSync(process.env.LOOK, { encoding: 'latin1', maxBuffer: 1 << 28 }), 'latin1');
  console.log('sleeping:', execSync('pgrep -c sleep', { encoding: 'utf8' }));
  child.send('end');
  started.forEach((process) => process.kill());
}
"#;

#[test]
fn no_kind_of_credential_of_the_laptop_is_seen_on_the_remote() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.write("/root/spread.mjs", SPREAD);
    let mut pii = laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/spread.mjs"]);
    let marked = |at: usize| format!("Leak{at:02}x9Qw7Er5Ty3Ui1Op8As6Df4Gh2Jk0Lz");
    for (at, (name, value)) in CREDENTIALS.iter().enumerate() {
        pii.env(name, value.replacen('@', &marked(at), 1));
    }
    pii.env("CREDENTIAL_NAMES", CREDENTIALS.map(|(name, _)| name).join(" ")).env("LOOK", LOOK);
    let end = start(pii).finish(RUN);
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert!(end.stdout.contains("sleeping: 12"), "all of them ran while they were looked at");

    let seen = end.stdout + &remote.sh(LOOK);
    assert!(seen.contains("HOME=/root") && seen.contains("A=1"), "environments were looked at");
    let leaked = CREDENTIALS.iter().enumerate().filter(|(at, (name, _))| {
        seen.contains(&marked(*at)) || seen.lines().any(|line| line.starts_with(&format!("{name}=")))
    });
    let leaked: Vec<_> = leaked.map(|(_, (name, _))| name).collect();
    assert!(leaked.is_empty(), "seen on the remote: {leaked:?}");
    remote.assert_nothing_left();
}

fn hexadecimal_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_hexdigit())
}
