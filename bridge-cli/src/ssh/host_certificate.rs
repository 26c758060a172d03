//! Whether a certificate shows that a key is the host's. See PROTOCOL.certkeys of OpenSSH.

use std::time::{SystemTime, UNIX_EPOCH};

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey};

/// Judges the certificate of a host that goes by `name`, signed by one of these authorities. The error says why it
/// counts for nothing.
pub fn judge(certificate: &Certificate, name: &str, authorities: &[&PublicKey]) -> Result<(), &'static str> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| "the clock is before 1970")?;
    if certificate.cert_type() != CertType::Host {
        return Err("it is a user's");
    }
    if matches!(certificate.signature().algorithm(), Algorithm::Rsa { hash: None } | Algorithm::Dsa) {
        return Err("its signature is of a kind that can be forged");
    }
    let trusted: Vec<_> = authorities.iter().map(|key| key.fingerprint(HashAlg::Sha256)).collect();
    if !trusted.contains(&certificate.signature_key().fingerprint(HashAlg::Sha256)) {
        return Err("no authority known for the host has signed it");
    }
    if certificate.validate_at(now.as_secs(), &trusted).is_err() {
        return Err("it is not valid now, or not signed as it says");
    }
    let principals = certificate.valid_principals();
    if !principals.is_empty() && !principals.iter().any(|principal| principal.eq_ignore_ascii_case(name)) {
        return Err("it is for another host");
    }
    // None is known for hosts, and one that is not known must be refused.
    if certificate.critical_options().iter().next().is_some() {
        return Err("it has a condition that is not known");
    }
    Ok(())
}
