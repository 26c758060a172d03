//! What a session told the model, read from the requests it made.

use serde_json::Value;

/// The requests of a session, in order.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// The bodies as received.
    pub requests: Vec<Value>,
    /// The key that came with each.
    pub keys: Vec<String>,
}

/// What a tool answered, as the model was told.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// Name of the tool.
    pub tool: String,
    /// The call's arguments.
    pub arguments: Value,
    /// The content of the answer: a string, or a list of parts.
    pub content: Value,
    /// Images that came with the answer, as data URLs.
    pub images: Vec<String>,
}

impl Transcript {
    /// The messages of the last request: the whole conversation, but for the model's last words.
    pub fn messages(&self) -> &[Value] {
        let last = self.requests.last().and_then(|request| request["messages"].as_array());
        last.map_or(&[], Vec::as_slice)
    }

    /// The system prompt, with the text of all its parts.
    pub fn system_prompt(&self) -> String {
        let system = |message: &&Value| message["role"] == "system" || message["role"] == "developer";
        self.messages().iter().filter(system).map(|message| text(&message["content"])).collect()
    }

    /// What the user said, message by message.
    pub fn prompts(&self) -> Vec<String> {
        let user = |message: &&Value| message["role"] == "user";
        self.messages().iter().filter(user).map(|message| text(&message["content"])).collect()
    }

    /// Every tool result, in the order of the conversation.
    pub fn tool_results(&self) -> Vec<ToolResult> {
        let messages = self.messages();
        let mut results: Vec<ToolResult> = Vec::new();
        for message in messages {
            if message["role"] == "tool" {
                let (tool, arguments) = call_of(messages, &message["tool_call_id"]);
                let content = message["content"].clone();
                results.push(ToolResult { tool, arguments, images: images(&content), content });
            } else if message["role"] == "user"
                && let Some(result) = results.last_mut()
            {
                // Chat completions carry no image in a tool's answer: pi sends it as the user's next message.
                result.images.extend(images(&message["content"]));
            }
        }
        results
    }
}

impl ToolResult {
    /// The text of the answer.
    pub fn text(&self) -> String {
        text(&self.content)
    }
}

fn call_of(messages: &[Value], id: &Value) -> (String, Value) {
    let calls = messages.iter().filter_map(|message| message["tool_calls"].as_array()).flatten();
    let Some(call) = calls.into_iter().find(|call| &call["id"] == id) else { return Default::default() };
    let arguments = call["function"]["arguments"].as_str().and_then(|json| serde_json::from_str(json).ok());
    (call["function"]["name"].as_str().unwrap_or_default().to_owned(), arguments.unwrap_or_default())
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn images(content: &Value) -> Vec<String> {
    let parts = content.as_array().map_or(&[][..], Vec::as_slice);
    parts.iter().filter_map(|part| part["image_url"]["url"].as_str()).map(str::to_owned).collect()
}
