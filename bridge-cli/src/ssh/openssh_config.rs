//! The user's SSH configuration for one host, as far as `pii` follows it.

use std::path::PathBuf;
use std::time::Duration;

use russh::MethodKind;

use super::keys::Keyring;
use super::tokens::Tokens;
use super::values::Values;
use crate::target::Target;

/// What to do with a host key nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownKeys {
    /// Ask the user; refuse when there is nobody to ask.
    Ask,
    /// Refuse.
    Refuse,
    /// Remember it.
    AcceptNew,
    /// Accept it.
    Accept,
}

/// How the bytes get to the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// By TCP, to addresses of one family if one is chosen.
    Direct(AddressFamily),
    /// Through the stdin and stdout of a command.
    Command(String),
    /// Over these hosts, each as `[user@]host[:port]`, the one next to the laptop first.
    Hops(Vec<String>),
}

/// Which addresses count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFamily {
    /// All.
    Any,
    /// Those of IPv4.
    V4,
    /// Those of IPv6.
    V6,
}

/// The algorithms somebody has chosen, in order; `None` where nobody has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Algorithms {
    /// `Ciphers`.
    pub ciphers: Option<Vec<String>>,
    /// `MACs`.
    pub macs: Option<Vec<String>>,
    /// `KexAlgorithms`.
    pub kex: Option<Vec<String>>,
    /// `HostKeyAlgorithms`.
    pub host_keys: Option<Vec<String>>,
    /// `Compression`.
    pub compression: bool,
}

/// The parts of the configuration for one host that `pii` follows.
#[derive(Debug, Clone)]
pub struct SshConfig {
    /// As typed: an alias or a name.
    pub alias: String,
    /// Name or address to connect to.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Remote user.
    pub user: String,
    /// Private key files, in order.
    pub identity_files: Vec<PathBuf>,
    /// Files of certificates besides those that lie beside the keys.
    pub certificate_files: Vec<PathBuf>,
    /// Only the keys of `identity_files` are offered.
    pub identities_only: bool,
    /// Socket of the agent.
    pub agent: Option<PathBuf>,
    /// Socket of the agent that the remote may use.
    pub forwarded_agent: Option<PathBuf>,
    /// known_hosts files of the user; the first one takes new keys.
    pub user_known_hosts: Vec<PathBuf>,
    /// known_hosts files of the system.
    pub global_known_hosts: Vec<PathBuf>,
    /// A file of keys that no host may have.
    pub revoked_host_keys: Option<PathBuf>,
    /// Whether new names are hashed there.
    pub hash_known_hosts: bool,
    /// What to do with unknown keys.
    pub unknown_keys: UnknownKeys,
    /// Name to look the host key up by.
    pub host_key_alias: Option<String>,
    /// The user's limit for connecting.
    pub connect_timeout: Option<Duration>,
    /// Silence after which the server is asked for a sign of life, and how many times before it counts as gone.
    pub keepalive: Option<(Duration, usize)>,
    /// Whether the kernel watches over the connection.
    pub tcp_keepalive: bool,
    /// The way there.
    pub route: Route,
    /// What encrypts and signs.
    pub algorithms: Algorithms,
    /// The ways of authentication that may be used.
    pub methods: Vec<MethodKind>,
    /// How often a password or a passphrase may be typed.
    pub password_prompts: usize,
    /// Nobody may be asked anything.
    pub batch: bool,
    /// The file to read it from, where that is not the login's own, as `ssh -F` takes it.
    pub file: Option<PathBuf>,
    /// What was unlocked in this session.
    pub keyring: Keyring,
}

impl SshConfig {
    /// Reads settings, expanding what `ssh -G` leaves. Without any, OpenSSH's defaults hold.
    pub fn parse(target: &Target, values: &Values, env: impl Fn(&str) -> Option<String>) -> Self {
        let local_user = env("USER").or_else(|| env("LOGNAME")).unwrap_or_default();
        let host = values.one("hostname").unwrap_or(&target.host).to_owned();
        let port = values.number("port").or(target.port).unwrap_or(22);
        let user = values.one("user").map(str::to_owned).or(target.user.clone());
        let user = user.unwrap_or_else(|| local_user.clone());
        let tokens = Tokens {
            home: env("HOME").unwrap_or_default(),
            host: &host,
            alias: &target.host,
            port,
            user: &user,
            local_user: &local_user,
            env: &env,
        };
        let paths = |list: &[&str]| -> Vec<PathBuf> { list.iter().filter_map(|f| tokens.path(f)).collect() };
        let default_files = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];
        let files = |key: &str, default: &str| -> Vec<PathBuf> {
            let text = values.raw(key).unwrap_or(default);
            paths(&text.split_whitespace().filter(|f| *f != "none").collect::<Vec<_>>())
        };
        let socket = |text: &str| match text.strip_prefix('$') {
            Some(name) if !name.starts_with('{') => env(name).map(PathBuf::from),
            _ => tokens.path(text),
        };
        let agent = match values.raw("identityagent") {
            Some("none") => None,
            None | Some("SSH_AUTH_SOCK") => env("SSH_AUTH_SOCK").map(PathBuf::from),
            Some(text) => socket(text),
        };
        let agent = agent.filter(|path| !path.as_os_str().is_empty());
        let forwarded_agent = match values.one("forwardagent") {
            None | Some("no" | "false") => None,
            Some("yes" | "true") => agent.clone(),
            Some(text) => socket(text),
        };
        let family = match values.one("addressfamily") {
            Some("inet") => AddressFamily::V4,
            Some("inet6") => AddressFamily::V6,
            _ => AddressFamily::Any,
        };
        let command = values.one("proxycommand").and_then(|command| tokens.expand(command));
        let route = match (command, values.one("proxyjump")) {
            (Some(command), _) => Route::Command(command),
            (None, Some(hops)) => Route::Hops(hops.split(',').map(|hop| hop.trim().to_owned()).collect()),
            (None, None) => Route::Direct(family),
        };
        let keepalive = values.chosen("serveraliveinterval").and(values.duration("serveraliveinterval"));
        let keepalive = keepalive.filter(|every| !every.is_zero());
        let algorithms = |key: &str| Some(values.chosen(key)?.split(',').map(str::to_owned).collect());
        Self {
            alias: target.host.clone(),
            identity_files: paths(&values.all("identityfile").unwrap_or_else(|| default_files.to_vec())),
            certificate_files: paths(&values.all("certificatefile").unwrap_or_default()),
            identities_only: values.yes("identitiesonly"),
            agent,
            forwarded_agent,
            user_known_hosts: files("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2"),
            global_known_hosts: files(
                "globalknownhostsfile",
                "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
            ),
            revoked_host_keys: values.one("revokedhostkeys").and_then(|file| tokens.path(file)),
            hash_known_hosts: values.yes("hashknownhosts"),
            unknown_keys: match values.one("stricthostkeychecking") {
                Some("yes" | "true") => UnknownKeys::Refuse,
                Some("accept-new") => UnknownKeys::AcceptNew,
                Some("no" | "off" | "false") => UnknownKeys::Accept,
                _ => UnknownKeys::Ask,
            },
            host_key_alias: values.one("hostkeyalias").map(str::to_owned),
            connect_timeout: values.duration("connecttimeout"),
            keepalive: keepalive.map(|every| (every, values.number("serveralivecountmax").unwrap_or(3))),
            tcp_keepalive: !values.no("tcpkeepalive"),
            route,
            algorithms: Algorithms {
                ciphers: algorithms("ciphers"),
                macs: algorithms("macs"),
                kex: algorithms("kexalgorithms"),
                host_keys: algorithms("hostkeyalgorithms"),
                compression: values.yes("compression"),
            },
            methods: methods(values),
            password_prompts: values.number("numberofpasswordprompts").unwrap_or(3),
            batch: values.yes("batchmode"),
            file: None,
            keyring: Keyring::default(),
            host,
            port,
            user,
        }
    }
}

fn methods(values: &Values) -> Vec<MethodKind> {
    let mut methods = Vec::new();
    for (method, switch) in [
        (MethodKind::None, ""),
        (MethodKind::PublicKey, "pubkeyauthentication"),
        (MethodKind::KeyboardInteractive, "kbdinteractiveauthentication"),
        (MethodKind::Password, "passwordauthentication"),
    ] {
        let name: &str = (&method).into();
        let preferred = values.one("preferredauthentications");
        let preferred = preferred.is_none_or(|list| list.split(',').any(|preferred| preferred == name));
        if switch.is_empty() || (preferred && !values.no(switch)) {
            methods.push(method);
        }
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        "al:/p".parse().unwrap()
    }

    fn parse(text: &str) -> SshConfig {
        SshConfig::parse(&target(), &Values::new(text, ""), |name| match name {
            "HOME" => Some("/home/me".into()),
            "USER" => Some("me".into()),
            "SSH_AUTH_SOCK" => Some("/run/agent".into()),
            "KEYS" => Some("/keys".into()),
            _ => None,
        })
    }

    #[test]
    fn without_ssh_its_defaults_hold() {
        let config = parse("");
        assert_eq!((config.host.as_str(), config.port, config.user.as_str()), ("al", 22, "me"));
        assert_eq!(config.identity_files[0], PathBuf::from("/home/me/.ssh/id_ed25519"));
        assert_eq!(config.user_known_hosts[0], PathBuf::from("/home/me/.ssh/known_hosts"));
        assert_eq!(config.agent, Some("/run/agent".into()));
        assert_eq!(config.unknown_keys, UnknownKeys::Ask);
    }

    #[test]
    fn the_output_of_ssh_is_expanded() {
        let config = parse(
            "hostname box.example\nport 2222\nuser dev\nidentitiesonly yes\nidentityagent none\n\
             identityfile ~/.ssh/%h-%r\nidentityfile ${KEYS}/k%%\nidentityfile %d/%u/%p\nidentityfile ${NONE}/x\n\
             userknownhostsfile /a /b\nglobalknownhostsfile /g\nstricthostkeychecking accept-new\n\
             hostkeyalias key.example\nconnecttimeout 7\nproxycommand nc -X 5 %h %p\nhashknownhosts yes\nbatchmode yes\n",
        );
        assert_eq!((config.host.as_str(), config.port, config.user.as_str()), ("box.example", 2222, "dev"));
        let files = ["/home/me/.ssh/box.example-dev", "/keys/k%", "/home/me/me/2222"];
        assert_eq!(config.identity_files, files.map(PathBuf::from));
        assert_eq!(config.agent, None);
        assert_eq!(config.user_known_hosts, ["/a", "/b"].map(PathBuf::from));
        assert_eq!(config.unknown_keys, UnknownKeys::AcceptNew);
        assert_eq!(config.host_key_alias.as_deref(), Some("key.example"));
        assert_eq!(config.connect_timeout, Some(Duration::from_secs(7)));
        assert_eq!(config.route, Route::Command("nc -X 5 box.example 2222".into()));
        assert!(config.identities_only && config.hash_known_hosts && config.batch);
    }

    #[test]
    fn none_is_no_value() {
        let config =
            parse("connecttimeout none\nproxycommand none\nproxyjump none\nuserknownhostsfile none\n");
        assert_eq!((config.connect_timeout, config.route), (None, Route::Direct(AddressFamily::Any)));
        assert!(config.user_known_hosts.is_empty());
    }

    #[test]
    fn hops_agents_and_keepalives() {
        let config = parse(
            "proxyjump a@b:23,c\nforwardagent yes\nserveraliveinterval 5\nserveralivecountmax 2\n\
             certificatefile ~/x-cert.pub\naddressfamily inet6\n",
        );
        assert_eq!(config.route, Route::Hops(vec!["a@b:23".into(), "c".into()]));
        assert_eq!(config.forwarded_agent, Some("/run/agent".into()));
        assert_eq!(config.keepalive, Some((Duration::from_secs(5), 2)));
        assert_eq!(config.certificate_files, [PathBuf::from("/home/me/x-cert.pub")]);
        assert_eq!(parse("forwardagent $KEYS\n").forwarded_agent, Some("/keys".into()));
        assert_eq!(parse("forwardagent no\nserveraliveinterval 0\n").forwarded_agent, None);
    }

    #[test]
    fn methods_can_be_chosen_and_switched_off() {
        let methods = parse("preferredauthentications password,publickey\npubkeyauthentication no\n").methods;
        assert_eq!(methods, [MethodKind::None, MethodKind::Password]);
    }
}
