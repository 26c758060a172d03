//! Processes with a terminal.

use std::fs;

use remote_agent::Resolver;
use rustix::termios::{InputModes, LocalModes, OutputModes, SpecialCodeIndex, Termios};
use wire_protocol::{
    ToAgent, ToProgram,
    processes::{ExitStatus, ProcessId, Spawn, Stdio},
    terminal::{Modes, Size, TERMINAL, Terminal},
};

use crate::bench::{Bench, Client, runs, shell, wait_gone};

const SIZE: Size = Size { rows: 33, columns: 101, width: 0, height: 0 };

/// The modes of a new terminal, with its echo off unless asked for.
fn modes(echo: bool) -> Modes {
    let ours = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR).unwrap();
    let mut termios: Termios = rustix::termios::tcgetattr(ours).unwrap();
    termios.local_modes.set(LocalModes::ECHO, echo);
    termios.input_modes |= InputModes::IUTF8;
    termios.special_codes[SpecialCodeIndex::VERASE] = 8;
    termios.output_modes -= OutputModes::ONLCR;
    Modes::of(&termios)
}

/// A shell command on a terminal: the descriptors named have it, the others are pipes.
fn on_terminal(bench: &Bench, number: ProcessId, descriptors: &[usize], command: &str) -> Spawn {
    let mut spawn = shell(bench, number, command);
    for descriptor in descriptors {
        spawn.stdio[*descriptor] = Stdio::Terminal;
    }
    spawn.terminal = Some(Box::new(Terminal { size: SIZE, modes: modes(true) }));
    spawn
}

fn keys(client: &mut Client, process: ProcessId, keys: &[u8]) {
    client.send(&ToAgent::Input { process, pipe: TERMINAL, data: keys.to_vec() });
}

/// Collects what comes from a pipe of a process until it holds `text`.
fn wait_for(client: &mut Client, number: ProcessId, wanted: u8, text: &str) -> String {
    let mut seen = String::new();
    client.wait(|frame| {
        if let ToProgram::Output { process, pipe, data, .. } = frame
            && (*process, *pipe) == (number, wanted)
        {
            seen.push_str(&String::from_utf8_lossy(data));
        }
        seen.contains(text).then_some(())
    });
    seen
}

/// Runs a command on a terminal to its end; gives what it wrote there and how it ended.
fn run(bench: &Bench, command: &str) -> (String, ExitStatus) {
    let mut client = bench.connect();
    client.spawn(on_terminal(bench, 1, &[0, 1, 2], command)).unwrap();
    let mut seen = Vec::new();
    let status = client.wait(|frame| match frame {
        ToProgram::Output { pipe: TERMINAL, data, .. } => {
            seen.extend_from_slice(data);
            None
        }
        ToProgram::Exit { status, .. } => Some(status.clone()),
        _ => None,
    });
    (String::from_utf8(seen).unwrap(), status)
}

#[test]
fn a_terminal_has_the_size_and_the_modes_it_was_given() {
    let bench = Bench::new(Resolver::detect());
    let command =
        "stty size; stty -a | tr ';' '\\n' | grep -o -E '^ erase = .*|-?(iutf8|onlcr|echo |icanon)'";
    let (seen, status) = run(&bench, command);
    assert_eq!(seen, "33 101\n erase = ^H\niutf8\n-onlcr\nicanon\necho \n");
    assert_eq!(status, ExitStatus::Code(0));
}

#[test]
fn it_controls_the_session_and_the_leader_s_group_is_in_front() {
    let bench = Bench::new(Resolver::detect());
    let (seen, _) = run(&bench, "echo hi > /dev/tty; ps -o sid=,pgid=,tpgid= -p $$ | xargs; echo $$");
    let lines: Vec<_> = seen.lines().collect();
    let pid = lines[2];
    assert_eq!(lines, ["hi", &format!("{pid} {pid} {pid}"), pid]);
}

#[test]
fn each_descriptor_is_a_terminal_or_not_as_asked() {
    let bench = Bench::new(Resolver::detect());
    for descriptors in [&[0_usize, 1, 2][..], &[0], &[1], &[2], &[0, 2], &[1, 2]] {
        let mut client = bench.connect();
        let asks = "r=; for n in 0 1 2; do [ -t $n ] && r=$r$n; done; echo $r > answer";
        client.spawn(on_terminal(&bench, 1, descriptors, asks)).unwrap();
        client.exit_status(1);
        let answer = fs::read_to_string(bench.root.join("answer")).unwrap();
        assert_eq!(answer.trim(), descriptors.iter().map(usize::to_string).collect::<String>());
    }
}

#[test]
fn a_new_size_reaches_the_process() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let waits = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done";
    client.spawn(on_terminal(&bench, 1, &[0, 1, 2], waits)).unwrap();
    wait_for(&mut client, 1, TERMINAL, "ready");
    client.send(&ToAgent::Resize { process: 1, size: Size { rows: 5, columns: 7, width: 0, height: 0 } });
    wait_for(&mut client, 1, TERMINAL, "5 7\n");
}

#[test]
fn keys_are_edited_echoed_and_become_signals() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.spawn(on_terminal(&bench, 1, &[0, 1, 2], "read a; echo \"got $a\"; exec sleep 1000")).unwrap();
    keys(&mut client, 1, b"hallx\x08o\n");
    let seen = wait_for(&mut client, 1, TERMINAL, "got hallo\n");
    assert_eq!(seen, "hallx\x08 \x08o\ngot hallo\n");
    keys(&mut client, 1, b"\x03");
    assert_eq!(client.exit_status(1), ExitStatus::Signal("SIGINT".into()));
}

#[test]
fn its_use_is_told_before_what_is_written_under_it() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let waits = |name: &str| format!("while [ ! -e {name} ]; do sleep 0.01; done");
    let [first, second] = ["first", "second"].map(waits);
    let command = format!("echo one; {first}; stty raw -echo; echo two; {second}; stty sane; echo three");
    client.spawn(on_terminal(&bench, 1, &[0, 1, 2], &command)).unwrap();
    let mut told = String::new();
    loop {
        told += &client.wait(|frame| match frame {
            ToProgram::TerminalUse { now, .. } => Some(format!("{} {}\n", now.keys, now.raw_output)),
            ToProgram::Output { data, .. } => Some(String::from_utf8_lossy(data).into_owned()),
            ToProgram::Exit { .. } => Some("end".into()),
            _ => None,
        });
        match told.as_str() {
            "one\n" => fs::write(bench.root.join("first"), "").unwrap(),
            "one\ntrue true\ntwo\n" => fs::write(bench.root.join("second"), "").unwrap(),
            _ if told.ends_with("end") => break,
            _ => {}
        }
    }
    assert_eq!(told, "one\ntrue true\ntwo\nfalse false\nthree\r\nend");
}

#[test]
fn all_that_was_written_comes_before_the_end() {
    let bench = Bench::new(Resolver::detect());
    let expected: String = (1..=100_000).map(|number| format!("{number}\n")).collect();
    for _ in 0..3 {
        let (seen, status) = run(&bench, "seq 1 100000");
        assert_eq!(status, ExitStatus::Code(0));
        assert!(seen == expected, "{} of {} bytes", seen.len(), expected.len());
    }
    for round in 0..100 {
        assert_eq!(run(&bench, &format!("echo {round}")).0, format!("{round}\n"));
    }
}

#[test]
fn a_process_left_behind_may_go_on_writing_after_the_end() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let leaves = "trap '' HUP; (yes & echo $! > yes); exit 4";
    client.spawn(on_terminal(&bench, 1, &[1], leaves)).unwrap();
    assert_eq!(client.exit_status(1), ExitStatus::Code(4));
    let left: u32 = fs::read_to_string(bench.root.join("yes")).unwrap().trim().parse().unwrap();
    assert!(runs(left));
    client.kill(1, "SIGKILL").unwrap();
    wait_gone(left);
}

#[test]
fn a_hang_up_ends_what_is_on_the_terminal() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.spawn(on_terminal(&bench, 1, &[0, 1, 2], "echo ready; exec sleep 1000")).unwrap();
    wait_for(&mut client, 1, TERMINAL, "ready");
    client.send(&ToAgent::InputEnd { process: 1, pipe: TERMINAL });
    assert_eq!(client.exit_status(1), ExitStatus::Signal("SIGHUP".into()));
}

#[test]
fn a_kill_and_the_end_of_the_stream_reach_it_as_any_other() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let command = "trap : HUP; sleep 1000 & echo $!; wait";
    for number in [1, 2] {
        client.spawn(on_terminal(&bench, number, &[0, 1, 2], command)).unwrap();
    }
    let [first, second] =
        [1, 2].map(|number| wait_for(&mut client, number, TERMINAL, "\n").trim().parse().unwrap());
    client.kill(1, "SIGKILL").unwrap();
    assert_eq!(client.exit_status(1), ExitStatus::Signal("SIGKILL".into()));
    wait_gone(first);
    assert!(runs(second));
    drop(client);
    wait_gone(second);
}

#[test]
fn a_pipe_beside_the_terminal_stays_a_pipe() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.spawn(on_terminal(&bench, 1, &[2], "cat; echo aside >&2")).unwrap();
    client.send(&ToAgent::Input { process: 1, pipe: 0, data: b"x\n".to_vec() });
    client.send(&ToAgent::InputEnd { process: 1, pipe: 0 });
    assert_eq!(wait_for(&mut client, 1, 1, "\n"), "x\n");
    assert_eq!(wait_for(&mut client, 1, TERMINAL, "\n"), "aside\n");
    assert_eq!(client.exit_status(1), ExitStatus::Code(0));
}
