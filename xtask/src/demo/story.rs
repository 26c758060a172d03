//! What the model does, and how it is told afterwards.

use scripted_model::{Transcript, Turn};
use serde_json::{Value, json};

use crate::error::Error;

/// Characters of a result that are shown.
const SHOWN: usize = 100;

/// The model's script.
pub fn script() -> Vec<Turn> {
    vec![
        Turn::call("read", json!({ "path": "hello.sh" })),
        Turn::call("bash", json!({ "command": "git status --short --branch; sh test.sh" })),
        Turn::call(
            "write",
            json!({ "path": "CHANGELOG.md", "content": "# Changelog\n\n- Greet with an exclamation mark.\n" }),
        ),
        Turn::call(
            "edit",
            json!({ "path": "hello.sh", "edits": [{ "oldText": "${1:-world}\"", "newText": "${1:-world}!\"" }] }),
        ),
        Turn::call("bash", json!({ "command": "sh test.sh && git status --short" })),
        Turn::say("The greeting has its exclamation mark, and the test passes."),
    ]
}

/// Prints each tool call and its result, and fails if one is missing or the project's test does not pass.
pub fn tell(transcript: &Transcript) -> Result<(), Error> {
    println!("\nWhat pi did:\n");
    let results = transcript.tool_results();
    for result in &results {
        println!("  {:<6} {}", result.tool, one_line(&gist(&result.arguments)));
        println!("      -> {}", one_line(&result.text()));
    }
    println!();
    match results.last() {
        Some(last) if results.len() == 5 && last.text().contains("test passed") => Ok(()),
        _ => Err(Error::Demo("not every tool did its work".into())),
    }
}

fn gist(arguments: &Value) -> String {
    let word = |name: &str| arguments[name].as_str();
    word("command").or_else(|| word("path")).map_or_else(|| arguments.to_string(), str::to_owned)
}

fn one_line(text: &str) -> String {
    let line = text.split('\n').filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" | ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line,
    }
}
