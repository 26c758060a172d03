//! Whose key the server shows.

use super::{Keys, Site, Transport};

cases! {
    a_name_that_is_hashed_is_known,
    an_unknown_key_is_refused_without_a_terminal,
    an_unknown_key_is_asked_for_and_remembered,
    an_unknown_key_is_not_taken_for_anything_but_yes,
    an_unknown_key_is_accepted_by_configuration_and_remembered,
    an_unknown_key_is_refused_by_configuration,
    a_changed_key_is_refused,
    a_changed_key_is_refused_whatever_the_configuration_accepts,
    a_key_that_was_rotated_is_known_beside_the_old_one,
    the_key_of_the_known_type_is_asked_for,
    a_revoked_key_is_refused,
    a_key_in_a_file_of_revoked_keys_is_refused,
    a_certificate_of_a_known_authority_vouches_for_the_key,
    a_certificate_that_does_not_hold_vouches_for_nothing,
    a_revoked_authority_is_refused,
    the_key_may_be_in_any_of_several_files,
    the_key_is_found_by_its_alias,
}

/// The line for `key` with a name that cannot be read.
fn hashed(site: &Site, line: &str) -> String {
    site.laptop.write("/root/hashed", line);
    site.laptop.sh("ssh-keygen -H -f /root/hashed 2>&1 && cat /root/hashed | grep -v '^#'; rm /root/hashed*")
}

fn other_key() -> String {
    let keys = Keys::new();
    keys.make("other", &[]);
    keys.text("other.pub")
}

fn a_name_that_is_hashed_is_known(transport: Transport) {
    let site = Site::new(transport);
    let lines = hashed(&site, &site.known());
    let lines: String = lines.lines().filter(|line| line.starts_with('|')).collect::<Vec<_>>().join("\n");
    assert!(!lines.contains("127.0.0.1") && lines.contains("ssh-ed25519"), "{lines}");
    site.know(&lines);
    site.connects();
}

fn an_unknown_key_is_refused_without_a_terminal(transport: Transport) {
    let site = Site::new(transport);
    site.know("");
    site.fails(&["is not known, and there is no terminal to ask", "SHA256:", "try: ssh -p"]);
    site.nothing_was_sent();
    assert_eq!(site.known(), "");
}

fn an_unknown_key_is_asked_for_and_remembered(transport: Transport) {
    let site = Site::new(transport);
    site.know("");
    site.configure("HashKnownHosts yes");
    site.connects_at_terminal(&[("(yes/no", "'yes' Enter")]);
    assert!(site.known().starts_with("|1|"), "{}", site.known());
    site.connects();
}

fn an_unknown_key_is_not_taken_for_anything_but_yes(transport: Transport) {
    let site = Site::new(transport);
    site.know("");
    let screen = site.at_terminal(&[("(yes/no", "'no' Enter")], "ended with 1");
    site.explains_in_window(&screen, "was not accepted");
    site.nothing_was_sent();
    assert_eq!(site.known(), "");
}

fn an_unknown_key_is_accepted_by_configuration_and_remembered(transport: Transport) {
    for word in ["accept-new", "no"] {
        let site = Site::new(transport);
        site.know("");
        site.configure(&format!("StrictHostKeyChecking {word}\nHashKnownHosts no"));
        site.connects();
        assert!(site.known().contains(&site.known_as("ssh-ed25519 ")), "{word}: {}", site.known());
    }
}

fn an_unknown_key_is_refused_by_configuration(transport: Transport) {
    let site = Site::new(transport);
    site.know("");
    site.configure("StrictHostKeyChecking yes");
    let screen = site.at_terminal(&[], "ended with 1");
    site.explains_in_window(&screen, "StrictHostKeyChecking is yes");
    site.nothing_was_sent();
}

fn a_changed_key_is_refused(transport: Transport) {
    let site = Site::new(transport);
    site.know(&site.known_as(&other_key()));
    let screen = site.at_terminal(&[], "ended with 1");
    site.explains_in_window(&screen, "has changed");
    site.fails(&["has changed: this may be another machine", "known_hosts:1 has", "try: ", "ssh-keygen -R"]);
    site.nothing_was_sent();
}

fn a_changed_key_is_refused_whatever_the_configuration_accepts(transport: Transport) {
    let site = Site::new(transport);
    site.know(&hashed(&site, &site.known_as(&other_key())));
    site.configure("StrictHostKeyChecking accept-new");
    site.fails(&["has changed"]);
    site.nothing_was_sent();
}

fn a_key_that_was_rotated_is_known_beside_the_old_one(transport: Transport) {
    let site = Site::new(transport);
    site.know(&format!("{}{}", site.known_as(&other_key()), site.known()));
    site.connects();
}

fn the_key_of_the_known_type_is_asked_for(transport: Transport) {
    let keys = Keys::new();
    let rsa = keys.make("rsa", &["-t", "rsa", "-b", "2048"]);
    let ecdsa = keys.make("ecdsa", &["-t", "ecdsa"]);
    let site = Site::with_sshd(transport, &format!("HostKey {}\nHostKey {}", rsa.display(), ecdsa.display()));
    for name in ["rsa", "ecdsa"] {
        site.know(&site.known_as(&keys.text(&format!("{name}.pub"))));
        site.connects();
    }
}

fn a_revoked_key_is_refused(transport: Transport) {
    let site = Site::new(transport);
    site.know(&format!("{}@revoked * {}", site.known(), site.remote.host_key()));
    site.fails(&["is revoked", "known_hosts:2", "try: ask who runs"]);
    site.nothing_was_sent();
}

fn the_key_may_be_in_any_of_several_files(transport: Transport) {
    let site = Site::new(transport);
    let line = site.known();
    site.know("");
    for (setting, file) in [
        ("UserKnownHostsFile ~/.ssh/known_hosts ~/second", "/root/second"),
        ("GlobalKnownHostsFile /root/third /root/fourth", "/root/fourth"),
    ] {
        site.configure(setting);
        site.laptop.write(file, &line);
        site.connects();
        site.laptop.sh(&format!("rm {file}"));
    }
    site.fails(&["is not known"]);
}

fn the_key_is_found_by_its_alias(transport: Transport) {
    let site = Site::new(transport);
    site.configure("HostKeyAlias machine-7");
    site.fails(&["the host key of machine-7 is not known"]);
    site.know(&format!("machine-7 {}", site.remote.host_key()));
    site.connects();
}

fn a_key_in_a_file_of_revoked_keys_is_refused(transport: Transport) {
    let site = Site::new(transport);
    site.laptop.write("/root/revoked", &format!("# stolen\n{}", site.remote.host_key()));
    site.configure("RevokedHostKeys ~/revoked");
    site.fails(&["is revoked", "/root/revoked:2"]);
    site.configure("RevokedHostKeys ~/missing");
    site.fails(&["/root/missing"]);
    site.nothing_was_sent();
}

/// A site whose remote has a second key, with a certificate that these options of ssh-keygen describe, and is known
/// by nothing but the authority.
fn site_with_certificate(transport: Transport, keys: &Keys, options: &[&str]) -> Site {
    keys.make("ca", &[]);
    let key = keys.make("host", &["-t", "ecdsa"]);
    let certificate = keys.certify("host", "ca", options);
    let lines = format!("HostKey {}\nHostCertificate {}", key.display(), certificate.display());
    let site = Site::with_sshd(transport, &lines);
    site.know(&format!("@cert-authority [127.0.0.*]:* {}", keys.text("ca.pub")));
    site
}

fn a_certificate_of_a_known_authority_vouches_for_the_key(transport: Transport) {
    let keys = Keys::new();
    let options = ["-h", "-n", "build.example,127.0.0.1", "-V", "-1h:+1h"];
    let site = site_with_certificate(transport, &keys, &options);
    let before = site.known();
    site.connects();
    assert_eq!(site.known(), before);
    site.configure("HostKeyAlias build.example");
    site.know(&format!("@cert-authority *.example {}", keys.text("ca.pub")));
    site.connects();
}

fn a_certificate_that_does_not_hold_vouches_for_nothing(transport: Transport) {
    for options in [
        &["-h", "-n", "build.example"][..],
        &["-h", "-n", "127.0.0.1", "-V", "20200101:20210101"],
        &["-n", "127.0.0.1"],
    ] {
        let keys = Keys::new();
        let site = site_with_certificate(transport, &keys, options);
        site.fails(&["is not known"]);
        site.nothing_was_sent();
    }
    let keys = Keys::new();
    let site = site_with_certificate(transport, &keys, &["-h", "-n", "127.0.0.1"]);
    site.know(&format!("@cert-authority * {}", other_key()));
    site.fails(&["is not known"]);
    site.nothing_was_sent();
}

fn a_revoked_authority_is_refused(transport: Transport) {
    let keys = Keys::new();
    let site = site_with_certificate(transport, &keys, &["-h", "-n", "127.0.0.1"]);
    site.know(&format!("{}@revoked * {}", site.known(), keys.text("ca.pub")));
    site.fails(&["is revoked"]);
    site.nothing_was_sent();
}
