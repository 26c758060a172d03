//! What the user's SSH configuration says.

use std::{net::TcpListener, time::Instant};

use super::{SOON, Site, Transport};

cases! {
    the_host_is_found_through_includes_and_conditions,
    another_file_is_read_when_it_is_named,
    a_file_that_cannot_be_read_as_a_configuration_is_told,
    commands_and_forwards_of_the_configuration_do_no_harm,
    a_host_that_does_not_answer_is_given_up_in_time,
    nobody_is_asked_in_batch_mode,
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
