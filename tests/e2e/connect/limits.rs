//! What a server forbids.

use super::{Site, Transport};

cases! {
    a_server_without_tcp_forwarding,
    a_server_without_unix_forwarding,
    a_server_without_any_forwarding,
    a_server_that_permits_no_destination,
    a_server_with_one_session_for_each_connection,
    a_server_whose_forced_command_runs_what_was_asked_for,
    a_server_whose_forced_command_does_something_else_is_told,
    a_server_that_takes_one_try_is_offered_the_right_key_first,
    a_user_who_is_not_allowed_is_told,
}

/// A server with these settings lets a session in, also after its connection broke.
#[track_caller]
fn connects_and_goes_on(transport: Transport, lines: &str) -> Site {
    let site = Site::with_sshd(transport, lines);
    site.connects();
    site.goes_on();
    site
}

fn a_server_without_tcp_forwarding(transport: Transport) {
    connects_and_goes_on(transport, "AllowTcpForwarding no");
}

fn a_server_without_unix_forwarding(transport: Transport) {
    connects_and_goes_on(transport, "AllowStreamLocalForwarding no");
}

fn a_server_without_any_forwarding(transport: Transport) {
    connects_and_goes_on(transport, "AllowTcpForwarding no\nAllowStreamLocalForwarding no");
}

fn a_server_that_permits_no_destination(transport: Transport) {
    connects_and_goes_on(transport, "PermitOpen none\nAllowStreamLocalForwarding no");
}

fn a_server_with_one_session_for_each_connection(transport: Transport) {
    let site = connects_and_goes_on(transport, "MaxSessions 1");
    site.remote.assert_nothing_left();
}

fn a_server_whose_forced_command_runs_what_was_asked_for(transport: Transport) {
    Site::with_sshd(transport, "ForceCommand logger() { :; }; logger; eval \"$SSH_ORIGINAL_COMMAND\"")
        .connects();
}

fn a_server_whose_forced_command_does_something_else_is_told(transport: Transport) {
    let site = Site::with_sshd(transport, "ForceCommand echo This account is for backups only");
    site.starts_nothing(&["This account is for backups only"]);
    site.remote.assert_nothing_left();
}

fn a_server_that_takes_one_try_is_offered_the_right_key_first(transport: Transport) {
    let site = Site::with_sshd(transport, "MaxAuthTries 1");
    site.laptop.sh("ssh-keygen -q -t rsa -b 2048 -N '' -f /root/.ssh/id_rsa");
    site.configure("IdentityFile ~/.ssh/id_ed25519\nIdentityFile ~/.ssh/id_rsa");
    site.connects();
}

fn a_user_who_is_not_allowed_is_told(transport: Transport) {
    let site = Site::with_sshd(transport, "DenyUsers root");
    site.fails(&["root@far did not let you in", "id_ed25519: not accepted"]);
}
