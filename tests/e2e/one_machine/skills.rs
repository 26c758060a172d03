//! What the laptop has and a command on the remote needs is there when the command starts.

use scripted_model::Turn;
use serde_json::json;

use super::{HOME, machines, target};
use crate::{
    paths::PIS,
    pi::{self, TOOLS},
    remote::ROOT,
};

const SKILL: &str =
    "---\nname: herding\ndescription: How to herd the sheep of the laptop\n---\n\nRun ./run.sh.\n";
const RUN: &str = "#!/bin/sh\necho \"on $(hostname): $(cat \"$(dirname \"$0\")/data/words.txt\")\"\n";

#[test]
fn a_skill_of_the_laptop_is_read_there_and_its_scripts_run_on_the_remote() {
    let (remote, laptop) = machines();
    for (directory, words) in
        [("/root/.pi/agent/skills/herding", "of pi"), ("/root/.agents/skills/shearing", "of all")]
    {
        laptop.write(
            &format!("{directory}/SKILL.md"),
            &SKILL.replace("herding", directory.rsplit('/').next().unwrap_or_default()),
        );
        laptop.write(&format!("{directory}/run.sh"), RUN);
        laptop.write(&format!("{directory}/data/words.txt"), words);
        laptop.sh(&format!("chmod +x {directory}/run.sh"));
    }
    remote.sh("chmod 700 /root");
    // A user who cannot make the laptop's path, and one who can.
    for (target, home) in [(target(), HOME), (format!("far:{ROOT}"), "/root")] {
        for pi in PIS {
            let own = "/root/.pi/agent/skills/herding";
            let of_all = format!("{home}/.agents/skills/shearing");
            let script = vec![
                Turn::call("read", json!({ "path": format!("{own}/SKILL.md") })),
                Turn::call("bash", json!({ "command": format!("{own}/run.sh; sh {of_all}/run.sh") })),
                Turn::call(
                    "bash",
                    json!({ "command": format!("touch '{own}/new' '{of_all}/new' 2>&1; cat /root/.pi/agent/models.json") }),
                ),
                Turn::say("Done."),
            ];
            let session = pi::session_of(&laptop, pi, &["--ssh", &target], script, TOOLS);
            assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);
            let prompt = session.transcript.system_prompt();
            assert!(prompt.contains("How to herd the sheep of the laptop"), "{prompt}");
            assert!(
                prompt.contains(&format!("{own}/SKILL.md")) && prompt.contains(&format!("{of_all}/SKILL.md")),
                "{prompt}"
            );
            let results = session.transcript.tool_results();
            assert!(results[0].text().contains("Run ./run.sh."));
            assert_eq!(results[1].text().trim(), "on far: of pi\non far: of all", "{pi} {target}");
            assert!(
                results[2].text().contains("No such file or directory")
                    || results[2].text().contains("denied")
            );
            assert_eq!(
                remote.sh(&format!("ls -A /root/.pi {HOME}/.agents /root/.agents 2>/dev/null || true")),
                "",
                "{pi} {target}"
            );
        }
    }
    laptop.sh("test ! -e /root/.pi/agent/skills/herding/new");
    remote.sh("rm -f /tmp/shared /tmp/to-edit");
    remote.assert_nothing_left();
}
