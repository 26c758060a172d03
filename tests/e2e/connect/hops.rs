//! The way to the remote leads over other machines.

use super::{Keys, Remote, Site, Transport, accepted, nothing_was_sent_to};

cases! {
    over_one_hop,
    over_two_hops,
    a_hop_may_have_its_own_user_and_port,
    a_hop_that_forces_a_command_is_passed,
    the_key_of_a_hop_is_checked_before_anything_is_sent,
    a_hop_that_forwards_nothing_is_named,
    through_a_proxy_command,
    a_proxy_command_may_ask_for_itself,
    a_proxy_command_does_not_ask_where_nobody_may_be_asked,
    a_proxy_command_that_gives_no_connection_says_why,
}

own_cases! {
    a_hop_may_ask_for_a_passphrase_once_for_itself_and_for_what_lies_behind,
}

/// A machine on the way, which the laptop knows by `name`.
pub fn hop(site: &Site, name: &str, sshd: &str) -> Remote {
    let hop = Remote::with_sshd(&format!("AuthorizedKeysFile {}.pub\n{sshd}\n", key_of(site)));
    let config = format!("Host {name}\n  HostName 127.0.0.1\n  Port {}\n  User root\n", hop.port);
    let before = site.laptop.sh("cat /root/.ssh/config");
    site.laptop.write("/root/.ssh/config", &format!("{before}{config}"));
    site.know(&format!("{}{}", site.known(), hop.known_host(hop.port)));
    hop
}

fn key_of(site: &Site) -> String {
    site.remote.user_key().display().to_string()
}

fn over_one_hop(transport: Transport) {
    let site = Site::new(transport);
    let hop = hop(&site, "bastion", "");
    site.configure("ProxyJump bastion");
    connects_over(&site, &hop);
    hop.assert_nothing_left();
    site.remote.assert_nothing_left();
}

fn over_two_hops(transport: Transport) {
    let site = Site::new(transport);
    let hops = ["first", "second"].map(|name| hop(&site, name, ""));
    site.configure("ProxyJump first,second");
    site.connects();
    assert_eq!(hops.each_ref().map(accepted), [1, 1]);
    // The second is reached over the first, which the configuration of the second may say as well.
    site.configure("ProxyJump second\nHost second\n  ProxyJump first");
    site.connects();
    assert_eq!(hops.each_ref().map(accepted), [2, 2]);
}

fn a_hop_may_have_its_own_user_and_port(transport: Transport) {
    let site = Site::new(transport);
    let hop = hop(&site, "unused", "AllowUsers root\n");
    site.configure(&format!("ProxyJump root@127.0.0.1:{}", hop.port));
    connects_over(&site, &hop);
}

fn a_hop_that_forces_a_command_is_passed(transport: Transport) {
    let site = Site::new(transport);
    let hop = hop(&site, "bastion", "ForceCommand echo Nothing to do here\nPermitTTY no\nX11Forwarding no");
    site.configure("ProxyJump bastion");
    connects_over(&site, &hop);
}

fn the_key_of_a_hop_is_checked_before_anything_is_sent(transport: Transport) {
    let site = Site::new(transport);
    let keys = Keys::new();
    keys.make("other", &[]);
    let hop = hop(&site, "bastion", "");
    site.know(&format!(
        "[127.0.0.1]:{} {}{}",
        hop.port,
        keys.text("other.pub"),
        site.remote.known_host(site.remote.port)
    ));
    site.configure("ProxyJump bastion");
    site.fails(&["has changed: this may be another machine", &format!("[127.0.0.1]:{}", hop.port)]);
    nothing_was_sent_to(&hop);
    site.nothing_was_sent();
}

fn a_hop_that_forwards_nothing_is_named(transport: Transport) {
    let site = Site::new(transport);
    let hop = hop(&site, "bastion", "AllowTcpForwarding no");
    site.configure("ProxyJump bastion");
    site.fails(&["the way to far leads over bastion", "it opens no connection to 127.0.0.1", "ssh -W"]);
    assert_eq!(accepted(&hop), 1, "{}", hop.log());
    site.nothing_was_sent();
}

fn a_hop_may_ask_for_a_passphrase_once_for_itself_and_for_what_lies_behind(transport: Transport) {
    let keys = Keys::new();
    keys.make("mine", &["-N", "secret-1"]);
    let public = format!("AuthorizedKeysFile {}", keys.path("mine.pub").display());
    let site = Site::with_sshd(transport, &public);
    site.give_key(&keys.text("mine"));
    let hop = Remote::with_sshd(&format!("{public}\n"));
    site.configure(&format!("ProxyJump root@127.0.0.1:{}", hop.port));
    site.know(&format!("{}{}", site.known(), hop.known_host(hop.port)));
    let screen = site.connects_at_terminal(&[("assphrase for ", "'secret-1' Enter")]);
    assert_eq!(screen.matches("assphrase for ").count(), 1, "{screen}");
    assert_eq!(accepted(&hop), 1, "{}", hop.log());
}

/// A session comes to be, by one authentication with the hop and one with what lies behind.
#[track_caller]
fn connects_over(site: &Site, hop: &Remote) {
    site.connects();
    assert_eq!(accepted(hop), 1, "{}", hop.log());
}

fn through_a_proxy_command(transport: Transport) {
    let site = Site::new(transport);
    let hop = hop(&site, "bastion", "");
    site.configure("ProxyCommand ssh -W %h:%p bastion");
    connects_over(&site, &hop);
}

fn a_proxy_command_that_gives_no_connection_says_why(transport: Transport) {
    let site = Site::new(transport);
    site.configure("ProxyCommand echo no way to %h >&2; exit 3");
    site.fails(&["the proxy to 127.0.0.1 gave no connection", "cause: no way to 127.0.0.1", "try: echo"]);
    site.nothing_was_sent();
}

fn a_proxy_command_may_ask_for_itself(transport: Transport) {
    let site = Site::new(transport);
    let known = site.known();
    let hop = hop(&site, "bastion", "");
    site.know(&known);
    site.configure("ProxyCommand ssh -W %h:%p bastion");
    site.connects_at_terminal(&[("(yes/no", "'yes' Enter")]);
    assert_eq!(accepted(&hop), 1, "{}", hop.log());
}

fn a_proxy_command_does_not_ask_where_nobody_may_be_asked(transport: Transport) {
    let site = Site::new(transport);
    let known = site.known();
    let hop = hop(&site, "bastion", "");
    site.know(&known);
    site.configure("BatchMode yes\nProxyCommand ssh -o BatchMode=no -W %h:%p bastion");
    let screen = site.at_terminal(&[], "ended with 1");
    site.explains_in_window(&screen, "the proxy to 127.0.0.1 gave no connection");
    assert!(!screen.contains("(yes/no"), "{screen}");
    nothing_was_sent_to(&hop);
}
