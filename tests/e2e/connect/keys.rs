//! Who the user is, by keys: files, an agent, certificates.

use super::{Keys, Site, Transport, token_agent::TokenAgent};

cases! {
    the_default_key_is_offered_at_once,
    a_key_of_the_configuration_is_offered_alone,
    an_rsa_and_an_ecdsa_key_sign,
    a_key_of_the_agent_signs,
    the_agent_named_by_the_configuration_is_asked,
    a_public_key_file_chooses_among_many_keys_of_the_agent,
    an_agent_that_is_gone_is_no_hindrance,
    an_encrypted_key_is_asked_for_once,
    a_wrong_passphrase_is_asked_for_again,
    an_encrypted_key_without_a_terminal_is_named,
    an_encrypted_key_that_is_not_let_in_is_not_asked_for,
    a_certificate_beside_the_key_is_shown,
    a_certificate_in_the_agent_is_shown,
    an_encrypted_key_has_its_certificate,
    a_certificate_of_the_configuration_goes_with_a_key_of_the_agent,
    a_security_key_of_the_agent_is_to_be_touched,
}

/// A site that lets `name.pub` of these keys in, besides nobody.
fn site_for(transport: Transport, keys: &Keys, name: &str) -> Site {
    let public = keys.path(&format!("{name}.pub"));
    Site::with_sshd(transport, &format!("AuthorizedKeysFile {}", public.display()))
}

/// A site that lets in whoever has a certificate for `root`, signed by the `ca` of these keys.
fn site_for_certificates(transport: Transport, keys: &Keys) -> Site {
    keys.make("ca", &[]);
    let ca = keys.path("ca.pub");
    Site::with_sshd(transport, &format!("AuthorizedKeysFile none\nTrustedUserCAKeys {}", ca.display()))
}

/// Starts an agent on the laptop that holds these files' keys.
fn start_agent(site: &Site, files: &[&str]) {
    site.laptop.sh("ssh-agent -a /run/agent.sock > /dev/null");
    for file in files {
        site.laptop.sh(&format!("chmod 600 {file}; SSH_AUTH_SOCK=/run/agent.sock ssh-add -q {file}"));
    }
}

fn the_default_key_is_offered_at_once(transport: Transport) {
    let site = Site::new(transport);
    site.connects();
    assert!(!site.remote.log().contains("Failed"), "{}", site.remote.log());
}

fn a_key_of_the_configuration_is_offered_alone(transport: Transport) {
    let keys = Keys::new();
    keys.make("mine", &[]);
    let site = site_for(transport, &keys, "mine");
    site.fails(&["root@far did not let you in", "id_ed25519: not accepted", "the server allows: publickey"]);
    site.laptop.write("/root/keys/far-root", &keys.text("mine"));
    site.configure("IdentityFile ~/keys/%n-%r\nIdentitiesOnly yes");
    site.laptop.sh("chmod 600 /root/keys/*; rm /root/.ssh/id_ed25519");
    site.connects();
}

fn an_rsa_and_an_ecdsa_key_sign(transport: Transport) {
    for (kind, bits, file) in [("rsa", "2048", "id_rsa"), ("ecdsa", "384", "id_ecdsa")] {
        let keys = Keys::new();
        keys.make("mine", &["-t", kind, "-b", bits, "-m", "PEM"]);
        let site = site_for(transport, &keys, "mine");
        site.laptop.write(&format!("/root/.ssh/{file}"), &keys.text("mine"));
        site.laptop.sh("chmod 600 /root/.ssh/*; rm /root/.ssh/id_ed25519");
        site.connects();
    }
}

fn a_key_of_the_agent_signs(transport: Transport) {
    let site = Site::new(transport);
    start_agent(&site, &["/root/.ssh/id_ed25519"]);
    site.laptop.sh("rm /root/.ssh/id_ed25519");
    site.fails(&["there is no key to offer, neither in an agent nor in a file"]);
    let mut pii = site.pii();
    pii.env("SSH_AUTH_SOCK", "/run/agent.sock");
    site.connects_by(pii);
}

fn the_agent_named_by_the_configuration_is_asked(transport: Transport) {
    let site = Site::new(transport);
    start_agent(&site, &["/root/.ssh/id_ed25519"]);
    site.laptop.sh("rm /root/.ssh/id_ed25519");
    site.configure("IdentityAgent /run/agent.sock");
    site.connects();
}

fn a_public_key_file_chooses_among_many_keys_of_the_agent(transport: Transport) {
    let keys = Keys::new();
    keys.make("mine", &[]);
    let public = keys.path("mine.pub");
    let lines = format!("AuthorizedKeysFile {}\nMaxAuthTries 2", public.display());
    let site = Site::with_sshd(transport, &lines);
    let names: Vec<String> = (0..6).map(|at| format!("other{at}")).collect();
    let mut files: Vec<String> =
        names.iter().map(|name| keys.make(name, &[]).display().to_string()).collect();
    files.push(keys.path("mine").display().to_string());
    start_agent(&site, &files.iter().map(String::as_str).collect::<Vec<_>>());
    site.laptop.write("/root/.ssh/chosen.pub", &keys.text("mine.pub"));
    site.configure("IdentityAgent /run/agent.sock");
    site.fails(&["the server closed the connection; IdentitiesOnly yes offers it fewer keys"]);
    site.configure("IdentityFile ~/.ssh/chosen.pub\nIdentitiesOnly yes");
    site.connects();
}

fn an_agent_that_is_gone_is_no_hindrance(transport: Transport) {
    let site = Site::new(transport);
    site.configure("IdentityAgent /run/nobody.sock");
    site.connects();
}

fn an_encrypted_key_is_asked_for_once(transport: Transport) {
    // The older formats tell nothing of the key without the passphrase.
    for format in ["RFC4716", "PEM", "PKCS8"] {
        let keys = Keys::new();
        keys.make("mine", &["-t", "rsa", "-b", "2048", "-m", format, "-N", "secret-1"]);
        let site = site_for(transport, &keys, "mine");
        site.laptop.write("/root/.ssh/id_rsa", &keys.text("mine"));
        site.laptop.sh("chmod 600 /root/.ssh/*; rm /root/.ssh/id_ed25519");
        site.connects_at_terminal(&[("assphrase for ", "'secret-1' Enter")]);
    }
}

fn a_wrong_passphrase_is_asked_for_again(transport: Transport) {
    let keys = Keys::new();
    keys.make("mine", &["-N", "secret-1"]);
    let site = site_for(transport, &keys, "mine");
    site.give_key(&keys.text("mine"));
    let question = "assphrase for ";
    site.connects_at_terminal(&[(question, "'secret-2' Enter"), (question, "'secret-1' Enter")]);
}

fn an_encrypted_key_without_a_terminal_is_named(transport: Transport) {
    let keys = Keys::new();
    keys.make("mine", &["-N", "secret-1"]);
    let site = site_for(transport, &keys, "mine");
    site.give_key(&keys.text("mine"));
    site.fails(&["id_ed25519: it needs a passphrase and there is no terminal to ask", "ssh-add"]);
}

fn an_encrypted_key_that_is_not_let_in_is_not_asked_for(transport: Transport) {
    let keys = Keys::new();
    keys.make("mine", &["-N", "secret-1"]);
    let site = Site::new(transport);
    site.give_key(&keys.text("mine"));
    let screen = site.at_terminal(&[], "ended with 1");
    site.explains_in_window(&screen, "id_ed25519: not accepted");
    assert!(!screen.contains("assphrase"), "{screen}");
}

fn a_certificate_beside_the_key_is_shown(transport: Transport) {
    let keys = Keys::new();
    let site = site_for_certificates(transport, &keys);
    keys.make("mine", &[]);
    keys.certify("mine", "ca", &["-n", "root"]);
    site.give_key(&keys.text("mine"));
    site.fails(&["id_ed25519: not accepted"]);
    site.laptop.write("/root/.ssh/id_ed25519-cert.pub", &keys.text("mine-cert.pub"));
    site.connects();
}

fn a_certificate_in_the_agent_is_shown(transport: Transport) {
    let keys = Keys::new();
    let site = site_for_certificates(transport, &keys);
    let key = keys.make("mine", &[]);
    keys.certify("mine", "ca", &["-n", "root"]);
    start_agent(&site, &[&key.display().to_string()]);
    site.laptop.sh("rm /root/.ssh/id_ed25519");
    site.configure("IdentityAgent /run/agent.sock");
    site.connects();
}

fn an_encrypted_key_has_its_certificate(transport: Transport) {
    let keys = Keys::new();
    let site = site_for_certificates(transport, &keys);
    keys.make("mine", &["-N", "secret-1"]);
    keys.certify("mine", "ca", &["-n", "root"]);
    site.give_key(&keys.text("mine"));
    site.laptop.write("/root/.ssh/id_ed25519-cert.pub", &keys.text("mine-cert.pub"));
    site.connects_at_terminal(&[("assphrase for ", "'secret-1' Enter")]);
}

fn a_certificate_of_the_configuration_goes_with_a_key_of_the_agent(transport: Transport) {
    let keys = Keys::new();
    let site = site_for_certificates(transport, &keys);
    let key = keys.make("mine", &[]);
    start_agent(&site, &[&key.display().to_string()]);
    site.laptop.sh("rm /root/.ssh/id_ed25519");
    keys.certify("mine", "ca", &["-n", "root"]);
    site.laptop.write("/root/shown-cert.pub", &keys.text("mine-cert.pub"));
    site.configure("IdentityAgent /run/agent.sock\nCertificateFile ~/shown-cert.pub");
    site.connects();
}

fn a_security_key_of_the_agent_is_to_be_touched(transport: Transport) {
    let agent = TokenAgent::start();
    let lines = format!("AuthorizedKeysFile {}", agent.authorized_keys().display());
    let site = Site::with_sshd(transport, &lines);
    site.laptop.sh("rm /root/.ssh/id_ed25519");
    site.configure(&format!("IdentityAgent {}", agent.socket().display()));
    let screen = site.connects_at_terminal(&[]);
    assert_eq!(agent.touches(), 1);
    if transport == Transport::Russh {
        assert!(screen.contains("Touch the security key: agent key SHA256:"), "{screen}");
    }
}
