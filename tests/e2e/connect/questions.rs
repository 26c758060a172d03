//! What only a person can answer.

use std::thread;
use std::time::Duration;

use super::{SOON, Site, Transport, accepted, wait_for_question};

cases! {
    a_password_is_asked_for,
    a_wrong_password_is_asked_for_again,
    a_password_without_a_terminal_is_told,
    a_way_that_is_switched_off_is_not_tried,
    keyboard_interactive_goes_on_for_four_rounds,
    what_the_server_tells_between_its_questions_is_shown,
    a_key_and_then_a_code_are_one_authentication,
    nothing_is_timed_while_a_person_types,
    an_interrupt_at_a_question_ends_the_session,
    a_banner_is_shown_without_its_control_characters,
}

const PASSWORD: &str = "'s password:";
const BY_PASSWORD: &str = "AuthenticationMethods password\nPasswordAuthentication yes\n";
const BY_PAM: &str =
    "AuthenticationMethods keyboard-interactive\nUsePAM yes\nKbdInteractiveAuthentication yes\n";

/// A site whose remote knows the user by the password `secret-1`, and asks as these lines of PAM say.
fn site_with_password(transport: Transport, sshd: &str, pam: &str) -> Site {
    let site = Site::with_sshd(transport, sshd);
    site.remote.sh(&format!(
        "mkdir -p /run/etc/above /run/etc/work && \
         mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/above,workdir=/run/etc/work /etc && \
         echo root:secret-1 | chpasswd && cat > /etc/pam.d/sshd <<'END'\n{pam}\n\
         account required pam_unix.so\npassword required pam_unix.so\nsession required pam_permit.so\nEND"
    ));
    site
}

/// PAM's usual question.
const ASK: &str = "auth required pam_unix.so";

fn a_password_is_asked_for(transport: Transport) {
    let site = site_with_password(transport, BY_PASSWORD, ASK);
    site.connects_at_terminal(&[(PASSWORD, "'secret-1' Enter")]);
}

fn a_wrong_password_is_asked_for_again(transport: Transport) {
    let site = site_with_password(transport, BY_PASSWORD, ASK);
    site.connects_at_terminal(&[(PASSWORD, "'secret-2' Enter"), (PASSWORD, "'secret-1' Enter")]);
}

fn a_password_without_a_terminal_is_told(transport: Transport) {
    let site = site_with_password(transport, BY_PASSWORD, ASK);
    site.fails(&["root@far did not let you in", "the server allows: password"]);
    assert!(!site.remote.log().contains("Failed password"), "{}", site.remote.log());
}

fn keyboard_interactive_goes_on_for_four_rounds(transport: Transport) {
    let site = site_with_password(transport, BY_PAM, ASK);
    // A password that has expired is changed before anything else.
    site.remote.sh("chage -d 0 root");
    site.connects_at_terminal(&[
        ("Password:", "'secret-1' Enter"),
        ("Current password:", "'secret-1' Enter"),
        ("New password:", "'secret-73-aardvark' Enter"),
        ("Retype new password:", "'secret-73-aardvark' Enter"),
    ]);
    site.connects_at_terminal(&[("Password:", "'secret-73-aardvark' Enter")]);
}

fn what_the_server_tells_between_its_questions_is_shown(transport: Transport) {
    let pam = "auth optional pam_echo.so Only_staff_may_enter\nauth required pam_unix.so";
    let site = site_with_password(transport, BY_PAM, pam);
    let screen = site.connects_at_terminal(&[("Password:", "'secret-1' Enter")]);
    assert!(screen.contains("Only_staff_may_enter"), "{screen}");
}

fn a_key_and_then_a_code_are_one_authentication(transport: Transport) {
    let sshd = BY_PAM.replace("Methods ", "Methods publickey,");
    let site = site_with_password(transport, &sshd, ASK);
    site.fails(&["id_ed25519: accepted, but more is asked for", "the server allows: keyboard-interactive"]);
    let answers = [("Password:", "'secret-1' Enter")];
    let screen = site.at_terminal(&answers, "ended with 0");
    assert!(screen.contains("on far"), "{screen}");
    let last = "Accepted keyboard-interactive";
    assert_eq!(site.remote.log().matches(last).count(), 1, "{}", site.remote.log());
}

fn nothing_is_timed_while_a_person_types(transport: Transport) {
    let site = site_with_password(transport, BY_PASSWORD, ASK);
    site.know("");
    site.configure("ConnectTimeout 1");
    let terminal = site.open_terminal();
    for (question, answer) in [("(yes/no", "'yes' Enter"), (PASSWORD, "'secret-1' Enter")] {
        wait_for_question(&terminal, question, 1);
        thread::sleep(Duration::from_millis(1200));
        terminal.press(answer);
    }
    terminal.wait_for("ended with 0", SOON);
    assert_eq!(accepted(&site.remote), 1, "{}", site.remote.log());
}

fn an_interrupt_at_a_question_ends_the_session(transport: Transport) {
    let site = site_with_password(transport, BY_PASSWORD, ASK);
    site.at_terminal(&[(PASSWORD, "C-c")], "ended with 130");
    assert_eq!(accepted(&site.remote), 0);
    site.remote.assert_nothing_left();
}

fn a_banner_is_shown_without_its_control_characters(transport: Transport) {
    let scratch = crate::paths::scratch();
    let banner = scratch.path().join("banner");
    std::fs::write(&banner, "Only for \u{1b}[2Jstaff\n").expect("scratch is writable");
    let site = Site::with_sshd(transport, &format!("Banner {}", banner.display()));
    let screen = site.connects_at_terminal(&[]);
    assert!(screen.contains("Only for ") && screen.contains("staff"), "{screen}");
}

fn a_way_that_is_switched_off_is_not_tried(transport: Transport) {
    let site = site_with_password(transport, "PasswordAuthentication yes\nLogLevel VERBOSE", ASK);
    site.configure("PreferredAuthentications password");
    site.connects_at_terminal(&[(PASSWORD, "'secret-1' Enter")]);
    site.configure("PreferredAuthentications publickey,password\nPubkeyAuthentication no");
    site.connects_at_terminal(&[(PASSWORD, "'secret-1' Enter")]);
    assert!(!site.remote.log().contains("publickey"), "{}", site.remote.log());
    site.configure("PasswordAuthentication no\nPubkeyAuthentication yes\nPreferredAuthentications publickey");
    site.connects();
}
