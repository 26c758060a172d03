'use strict';

// What looks like a credential: the only table of it. A row fits by the name of a variable or by its value.

/** @typedef {{ kind: string, name: RegExp } | { kind: string, value: RegExp }} Row */

/** @type {Row[]} */
const KINDS = [
  { kind: 'key', name: /(?:^|_|API|ACCESS|PRIVATE)KEY(?:S|_ID)?$/i },
  { kind: 'key of an interface or account', name: /API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY/i },
  { kind: 'token', name: /(?:^|_|ACCESS|AUTH|REFRESH|BEARER)TOKENS?(?:$|_)|(?:^|_)(?:PAT|JWT|BEARER)$/i },
  { kind: 'secret', name: /SECRET/i },
  { kind: 'password', name: /PASSWORD|PASSWD|PASSPHRASE|(?:^|_|SSH)PASS$|_PWD$/i },
  { kind: 'one-time password', name: /(?:^|_)(?:T?OTP|PIN|2FA|MFA)(?:_CODE|_SEED)?$/i },
  { kind: 'login', name: /(?:^|_)AUTH(?:ORIZATION)?S?$|CREDENTIALS?$|CREDENTIALS_|CREDENTIAL_FILE/i },
  { kind: 'session', name: /COOKIE|SESSION_?(?:ID|KEY)$|(?:^|_)CSRF/i },
  { kind: 'address with a secret in it', name: /CONNECTION_?STRING|WEBHOOK|(?:^|_)DSN$/i },
  {
    kind: 'account of a service',
    name: /^(?:AWS|AZURE|ARM|GH|GITHUB|GITLAB|GOOGLE|GCLOUD|OPENAI|ANTHROPIC|CLAUDE|GEMINI|MISTRAL|GROQ|XAI|OPENROUTER|HF)_/i,
  },
  { kind: 'private key', value: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY|AGE-SECRET-KEY-1/ },
  { kind: 'password in an address', value: /[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*:[^\s/?#@]+@/i },
  { kind: 'authorization header', value: /\b(?:Basic|Bearer|token) [A-Za-z0-9+/=._~-]{16,}/i },
  { kind: 'signed token', value: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\./ },
  { kind: 'token of GitHub or GitLab', value: /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|gl[a-z]{2,4}-[\w-]{20,})/ },
  { kind: 'key of a model service', value: /\b(?:sk-[\w-]{20,}|xai-\w{20,}|hf_\w{20,}|gsk_\w{20,}|AIza[\w-]{35})/ },
  { kind: 'key of a cloud', value: /\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}\b|ya29\.[\w-]{20,}|do[opr]_v1_\w{20,}|dapi[0-9a-f]{32}|hv[sbr]\.[\w-]{20,})/ },
  { kind: 'token of a chat or a shop', value: /\b(?:xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|[sr]k_(?:live|test)_\w{10,}|shp(?:at|ca|pa|ss)_\w{20,}|SG\.[\w-]{16,}\.)/ },
  { kind: 'token of a registry', value: /\b(?:npm_\w{30,}|pypi-[\w-]{20,}|dckr_pat_[\w-]{20,}|rubygems_\w{20,}|lin_api_\w{20,})/ },
];

/** Whether a variable looks like a credential. @param {string} name @param {string} value */
function isCredential(name, value) {
  return kindOf(name, value) !== undefined;
}

/** The kind of credential a variable looks like, if it does. @param {string} name @param {string} value */
function kindOf(name, value) {
  return KINDS.find((row) => ('name' in row ? row.name.test(name) : row.value.test(value)))?.kind;
}

module.exports = { KINDS, isCredential, kindOf };
