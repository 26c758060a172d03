//! A turn as the server-sent events of a streaming chat completion.

use serde_json::{Value, json};

use crate::{MODEL, ToolCall, Turn};

/// The events of `turn`, the `number`th answer of the session.
pub fn events(turn: &Turn, number: usize) -> String {
    let (deltas, finish) = match turn {
        Turn::Say(text) => (vec![json!({ "role": "assistant", "content": text })], "stop"),
        Turn::Call(calls) => {
            let call = |(index, call)| tool_call(call, index, number);
            (calls.iter().enumerate().map(call).collect(), "tool_calls")
        }
    };
    let mut events = String::new();
    for delta in deltas {
        push(&mut events, &chunk(number, delta, Value::Null));
    }
    push(&mut events, &chunk(number, json!({}), json!(finish)));
    events.push_str("data: [DONE]\n\n");
    events
}

fn tool_call(call: &ToolCall, index: usize, number: usize) -> Value {
    json!({
        "role": "assistant",
        "tool_calls": [{
            "index": index,
            "id": format!("call_{number}_{index}"),
            "type": "function",
            "function": { "name": call.tool, "arguments": call.arguments.to_string() },
        }],
    })
}

fn chunk(number: usize, delta: Value, finish: Value) -> Value {
    let mut chunk = json!({
        "id": format!("answer_{number}"),
        "object": "chat.completion.chunk",
        "created": 0,
        "model": MODEL,
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    });
    if !finish.is_null() {
        chunk["usage"] = json!({ "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 });
    }
    chunk
}

fn push(events: &mut String, chunk: &Value) {
    events.push_str(&format!("data: {chunk}\n\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_carries_its_arguments_as_a_string() {
        let events = events(&Turn::call("read", json!({ "path": "a" })), 3);
        let first: Value =
            serde_json::from_str(events.lines().next().unwrap().strip_prefix("data: ").unwrap()).unwrap();
        let call = &first["choices"][0]["delta"]["tool_calls"][0];
        assert_eq!(call["id"], "call_3_0");
        assert_eq!(call["function"]["arguments"], r#"{"path":"a"}"#);
        assert!(events.contains(r#""finish_reason":"tool_calls""#));
        assert!(events.ends_with("data: [DONE]\n\n"));
    }
}
