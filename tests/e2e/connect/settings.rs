//! What the user's SSH configuration says.

use std::{net::TcpListener, time::Instant};

use super::{SOON, Site, Transport, accepted, hops::hop};

cases! {
    the_host_is_found_through_includes_and_conditions,
    another_file_is_read_when_it_is_named,
    a_file_that_cannot_be_read_as_a_configuration_is_told,
    commands_and_forwards_of_the_configuration_do_no_harm,
    a_host_that_does_not_answer_is_given_up_in_time,
    nobody_is_asked_in_batch_mode,
    the_agent_is_forwarded_when_it_is_asked_for,
    the_algorithms_of_the_configuration_are_used,
    a_silent_server_is_asked_for_a_sign_of_life,
}

own_cases! {
    the_files_are_read_without_an_ssh,
    algorithms_of_which_none_is_known_are_told,
    what_is_not_followed_is_told_to_the_log,
}

fn the_host_is_found_through_includes_and_conditions(transport: Transport) {
    let site = Site::new(transport);
    let config =
        site.laptop.sh("cat /root/.ssh/config").replace("Host far", "Match originalhost far exec true");
    site.laptop.write("/root/.ssh/more/far.conf", &config);
    site.laptop
        .write("/root/.ssh/config", "Include more/*.conf\nHost *\n  Port 1\n  HostName nowhere.invalid\n");
    site.connects();
}

fn another_file_is_read_when_it_is_named(transport: Transport) {
    let site = Site::new(transport);
    site.laptop.sh("mv /root/.ssh/config /root/elsewhere");
    site.fails(&["there is no address for the host far"]);
    let mut pii = site.pii();
    pii.env("PII_SSH_CONFIG", "/root/elsewhere");
    site.connects_by(pii);
}

fn a_file_that_cannot_be_read_as_a_configuration_is_told(transport: Transport) {
    let site = Site::new(transport);
    site.configure("Prot 22");
    site.fails(&["the SSH configuration cannot be used", "prot"]);
    site.nothing_was_sent();
}

fn commands_and_forwards_of_the_configuration_do_no_harm(transport: Transport) {
    let site = Site::new(transport);
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound").port();
    site.configure(&format!(
        "RemoteCommand touch /root/harm\nRequestTTY force\nPermitLocalCommand yes\n\
         LocalCommand touch /root/harm\nLocalForward 127.0.0.1:{port} 127.0.0.1:9\n\
         RemoteForward 127.0.0.1:{port} 127.0.0.1:9\nDynamicForward 127.0.0.1:{port}\nExitOnForwardFailure yes\n\
         ForwardX11 yes\nControlMaster auto\nControlPath /root/harm\nControlPersist 60\nSessionType none\n\
         StdinNull yes\nForkAfterAuthentication yes\nTunnel no\nLogLevel DEBUG3"
    ));
    let end = site.connects();
    assert_eq!(end.stderr, "");
    for machine in [&site.laptop.machine, &site.remote.machine] {
        assert_ne!(machine.try_sh("test -e /root/harm").code, Some(0));
    }
    site.remote.assert_nothing_left();
}

fn a_host_that_does_not_answer_is_given_up_in_time(transport: Transport) {
    let site = Site::new(transport);
    // It takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("bound").port();
    site.configure(&format!("Port {port}\nConnectTimeout 1"));
    let start = Instant::now();
    site.fails(&["did not answer within 1 s", "try: ssh -v"]);
    assert!(start.elapsed() < SOON);
}

fn nobody_is_asked_in_batch_mode(transport: Transport) {
    let site = Site::new(transport);
    site.know("");
    site.configure("BatchMode yes");
    let screen = site.at_terminal(&[], "ended with 1");
    site.explains_in_window(&screen, "nobody may be asked");
    site.nothing_was_sent();
}

fn the_files_are_read_without_an_ssh(transport: Transport) {
    let site = Site::new(transport);
    let hop = hop(&site, "bastion", "");
    let config = site.laptop.sh("cat /root/.ssh/config");
    site.laptop.write("/root/.ssh/more/far", &config);
    let config = "Include more/*\nMatch exec false\n  ProxyJump nobody\nMatch originalhost far\n  ProxyJump=\"bastion\"\n";
    site.laptop.write("/root/.ssh/config", config);
    site.laptop.sh("mkdir /root/empty");
    let mut pii = site.pii();
    pii.env("PATH", "/root/empty");
    site.connects_by(pii);
    assert_eq!(accepted(&hop), 1, "{}", hop.log());
}

fn the_agent_is_forwarded_when_it_is_asked_for(transport: Transport) {
    let site = Site::new(transport);
    site.laptop.sh("ssh-agent -a /run/agent.sock > /dev/null");
    site.laptop.sh("SSH_AUTH_SOCK=/run/agent.sock ssh-add -q /root/.ssh/id_ed25519");
    let list = r#"
        import { spawnSync } from "node:child_process";
        const { stdout, status } = spawnSync("ssh-add", ["-L"], { encoding: "utf8" });
        console.log(status, stdout);
    "#;
    site.configure("IdentityAgent /run/agent.sock");
    assert_eq!(site.says(list).trim(), "2", "without being asked for it is not");
    site.configure("ForwardAgent yes");
    assert!(site.says(list).starts_with("0 ssh-ed25519 "));
    site.remote.assert_nothing_left();
}

fn the_algorithms_of_the_configuration_are_used(transport: Transport) {
    let site = Site::with_sshd(transport, "LogLevel DEBUG1");
    site.configure(
        "Ciphers 3des-cbc,aes192-ctr\nMACs hmac-sha2-512\nKexAlgorithms ecdh-sha2-nistp384\nCompression yes",
    );
    site.connects();
    let log = site.remote.log();
    let used = "cipher: aes192-ctr MAC: hmac-sha2-512 compression: zlib@openssh.com";
    assert!(log.contains(&format!("kex: client->server {used}")), "{log}");
    assert!(log.contains(&format!("kex: server->client {used}")), "{log}");
    assert!(log.contains("kex: algorithm: ecdh-sha2-nistp384"), "{log}");
}

fn algorithms_of_which_none_is_known_are_told(transport: Transport) {
    let site = Site::new(transport);
    site.configure("MACs umac-128@openssh.com");
    site.fails(&["MACs of the SSH configuration names nothing that pii knows", "umac-128", "try: "]);
    site.nothing_was_sent();
}

fn a_silent_server_is_asked_for_a_sign_of_life(transport: Transport) {
    let site = Site::with_sshd(transport, "LogLevel DEBUG1");
    site.configure("ServerAliveInterval 1");
    site.says("setTimeout(() => {}, 2000)");
    assert!(site.remote.log().contains("keepalive@openssh.com"), "{}", site.remote.log());
}

fn what_is_not_followed_is_told_to_the_log(transport: Transport) {
    let site = Site::new(transport);
    site.configure(
        "ForwardX11 yes\nSetEnv SECRET=value\nRemoteCommand true\nUser root\nServerAliveInterval 20",
    );
    let mut pii = site.pii();
    pii.env("PII_LOG", "/root/log");
    site.connects_by(pii);
    let log = site.laptop.sh("cat /root/log");
    let line = log.lines().find(|line| line.contains("not followed of the SSH configuration"));
    let line = line.unwrap_or_else(|| panic!("no line in:\n{log}"));
    for word in ["forwardx11", "remotecommand", "setenv"] {
        assert!(line.contains(word), "{line}");
    }
    assert!(!line.contains("serveralive") && !log.contains("SECRET"), "{log}");
}
