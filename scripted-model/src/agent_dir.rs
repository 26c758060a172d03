//! The file that makes pi use the model.

use std::{fs, io, path::Path};

use serde_json::json;

/// Name of the model, for pi's `--model`.
pub const MODEL: &str = "script";

/// Name of its provider, for pi's `--provider`.
pub const PROVIDER: &str = "scripted";

/// Writes the `models.json` of pi's agent directory so that pi knows the model at `url`.
pub fn write_models_json(agent_dir: &Path, url: &str) -> io::Result<()> {
    fs::create_dir_all(agent_dir)?;
    let models = json!({
        "providers": {
            PROVIDER: {
                "baseUrl": url,
                "api": "openai-completions",
                "apiKey": "none",
                "models": [{ "id": MODEL, "input": ["text", "image"], "contextWindow": 200_000 }],
            },
        },
    });
    fs::write(agent_dir.join("models.json"), models.to_string())
}
