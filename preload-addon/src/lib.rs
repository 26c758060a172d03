//! Carries calls from a Node process to the agent.
