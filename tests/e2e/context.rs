//! What belongs to the project is found on the remote, and nothing of the laptop is taken for it.

use scripted_model::Turn;
use serde_json::json;

use crate::{
    laptop::Laptop,
    paths::PIS,
    pi::{self, TOOLS},
    remote::{ROOT, Remote},
};

const SKILL: &str = "---\nname: herding\ndescription: How to herd the remote sheep\n---\n\nWhistle.\n";

const EXTENSION: &str = r#"
import { Type } from "typebox";
import { double } from "doubling";
import data from "./data.json";
import { local } from "./parts/local";

export default function (pi: any) {
  pi.registerTool({
    name: "probe",
    label: "Probe",
    description: "Says what the extension sees",
    parameters: Type.Object({}),
    async execute() {
      const text = `package ${double(21)}, data ${data.word}, module ${local}, cwd ${process.cwd()}`;
      return { content: [{ type: "text", text }], details: {} };
    },
  });
}
"#;

#[test]
fn the_remote_project_s_own_instructions_skills_extensions_and_settings_are_used_by_pi_0_87_1() {
    check(PIS[0]);
}

#[test]
fn the_remote_project_s_own_instructions_skills_extensions_and_settings_are_used_by_pi_1_5_2() {
    check(PIS[1]);
}

fn check(pi: &str) {
    let remote = Remote::start();
    let put = |path: &str, text: &str| {
        remote.sh(&format!(
            "mkdir -p \"$(dirname {ROOT}/{path})\" && cat > {ROOT}/{path} <<'END'\n{text}\nEND"
        ));
    };
    put("AGENTS.md", "The remote's own instructions.");
    put(".pi/skills/herding/SKILL.md", SKILL);
    put(".pi/settings.json", r#"{ "shellCommandPrefix": "export FROM_SETTINGS=of-the-remote" }"#);
    put(".pi/extensions/probe.ts", EXTENSION);
    put(".pi/extensions/data.json", r#"{ "word": "from-json" }"#);
    put(".pi/extensions/parts/local.ts", "export const local: string = 'from-typescript'");
    put(
        "node_modules/doubling/package.json",
        r#"{ "name": "doubling", "type": "module", "exports": "./main.js" }"#,
    );
    put("node_modules/doubling/main.js", "export const double = number => number * 2");

    let laptop = Laptop::of(&remote);
    for path in ["/srv/AGENTS.md", "/srv/far/AGENTS.md", "/srv/far/.pi/extensions/x.ts", "/srv/CLAUDE.md"] {
        laptop.write(path, "This lies on the laptop");
    }

    let script = vec![
        Turn::call("probe", json!({})),
        Turn::call("bash", json!({ "command": "echo $FROM_SETTINGS" })),
        Turn::call("read", json!({ "path": ".pi/skills/herding/SKILL.md" })),
        Turn::say("Done."),
    ];
    let session = pi::remotely_with(&laptop, pi, script, &format!("{TOOLS},probe"));
    assert_eq!(session.end.code, Some(0), "{}", session.end.stderr);

    let prompt = session.transcript.system_prompt();
    assert!(prompt.contains("The remote's own instructions."), "AGENTS.md is missing in:\n{prompt}");
    assert!(prompt.contains("How to herd the remote sheep"), "the skill is missing in:\n{prompt}");
    assert!(prompt.contains(ROOT), "the directory is missing in:\n{prompt}");
    assert!(!prompt.contains("This lies on the laptop"), "the laptop's files are in:\n{prompt}");

    let results = session.transcript.tool_results();
    let wanted = format!("package 42, data from-json, module from-typescript, cwd {ROOT}");
    assert_eq!(results[0].text(), wanted);
    assert_eq!(results[1].text().trim(), "of-the-remote");
    assert!(results[2].text().contains("Whistle."));
}
