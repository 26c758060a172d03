//! The algorithms that are offered: the user's choice as far as they are known here, else our own.

use std::borrow::Cow;

use russh::keys::{Algorithm, HashAlg};
use russh::{Preferred, cipher, compression, kex, mac};

use super::SshError;
use super::openssh_config::Algorithms;
use crate::error::Said;

/// AES-GCM has hardware help everywhere that matters and is faster than russh's own first choice.
const CIPHERS: [cipher::Name; 6] = [
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

/// Names among the key exchanges that stand for none, but for what the client can do.
const ABILITIES: [kex::Name; 2] =
    [kex::EXTENSION_SUPPORT_AS_CLIENT, kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT];

/// What follows a key's name where a certificate is meant.
const CERTIFICATE: &str = "-cert-v01@openssh.com";

/// What to offer a host of which keys of these types are known, and whether certificates of it would be understood.
pub fn preferred(
    chosen: &Algorithms,
    known: Vec<Algorithm>,
    certificates: bool,
) -> Result<Preferred, SshError> {
    let mut preferred = Preferred { cipher: Cow::Borrowed(&CIPHERS), ..Preferred::DEFAULT };
    if let Some(names) = &chosen.ciphers {
        let is_none = |name: &cipher::Name| [cipher::NONE, cipher::CLEAR].contains(name);
        let find = |name: &str| cipher::Name::try_from(name).ok().filter(|name| !is_none(name));
        preferred.cipher = pick("Ciphers", names, find)?;
    }
    if let Some(names) = &chosen.macs {
        let find = |name: &str| mac::Name::try_from(name).ok().filter(|name| *name != mac::NONE);
        preferred.mac = pick("MACs", names, find)?;
    }
    if let Some(names) = &chosen.kex {
        let find = |name: &str| kex::Name::try_from(name).ok().filter(|name| *name != kex::NONE);
        preferred.kex = pick("KexAlgorithms", names, find)?;
        preferred.kex.to_mut().extend(ABILITIES);
    }
    if chosen.compression {
        preferred.compression = Cow::Borrowed(&[compression::ZLIB_LEGACY, compression::NONE]);
    }
    let own = |name: &str| Preferred::DEFAULT.key.iter().find(|key| key.as_str() == name).cloned();
    preferred.key = match &chosen.host_keys {
        Some(names) => pick("HostKeyAlgorithms", names, own)?,
        None => Cow::Owned(host_key_order(known)),
    };
    if certificates {
        preferred.host_key_certificates = match &chosen.host_keys {
            Some(names) => names.iter().filter_map(|name| own(name.strip_suffix(CERTIFICATE)?)).collect(),
            None => Preferred::DEFAULT.key.iter().filter(|key| !is_sha1(key)).cloned().collect(),
        };
    }
    Ok(preferred)
}

fn pick<T: Clone>(
    setting: &'static str,
    names: &[String],
    find: impl Fn(&str) -> Option<T>,
) -> Result<Cow<'static, [T]>, SshError> {
    let found: Vec<T> = names.iter().filter_map(|name| find(name)).collect();
    if found.is_empty() {
        let source = Said(format!("{setting} {}", names.join(",")));
        return Err(SshError::Algorithms { setting, source });
    }
    Ok(Cow::Owned(found))
}

fn is_sha1(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::Rsa { hash: None })
}

/// The key types known for the host first, or a server with several keys would show one that is not known.
fn host_key_order(known: Vec<Algorithm>) -> Vec<Algorithm> {
    let mut order = Vec::new();
    for algorithm in known {
        match algorithm {
            Algorithm::Rsa { .. } => {
                order.extend(
                    [HashAlg::Sha512, HashAlg::Sha256].map(|hash| Algorithm::Rsa { hash: Some(hash) }),
                );
            }
            other if Preferred::DEFAULT.key.contains(&other) => order.push(other),
            _ => {}
        }
    }
    order.extend(Preferred::DEFAULT.key.iter().cloned());
    let mut seen = Vec::new();
    order.retain(|algorithm| {
        let new = !seen.contains(algorithm);
        seen.push(algorithm.clone());
        new
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_come_first_and_once() {
        let order = host_key_order(vec![Algorithm::Rsa { hash: None }, Algorithm::Ed25519]);
        assert_eq!(order[0], Algorithm::Rsa { hash: Some(HashAlg::Sha512) });
        assert_eq!(order[2], Algorithm::Ed25519);
        assert_eq!(order.len(), Preferred::DEFAULT.key.len());
    }

    #[test]
    fn a_choice_is_followed_as_far_as_it_is_known() {
        let list = |text: &str| Some(text.split(',').map(str::to_owned).collect());
        let chosen = Algorithms {
            ciphers: list("3des-ctr,none,aes128-ctr"),
            kex: list("sntrup761x25519-sha512,curve25519-sha256"),
            host_keys: list("ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512"),
            ..Algorithms::default()
        };
        let preferred = preferred(&chosen, Vec::new(), true).unwrap();
        assert_eq!(*preferred.cipher, [cipher::AES_128_CTR]);
        assert_eq!(preferred.kex[0], kex::CURVE25519);
        assert!(preferred.kex.contains(&kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT));
        assert_eq!(*preferred.host_key_certificates, [Algorithm::Ed25519]);
        assert_eq!(*preferred.key, [Algorithm::Rsa { hash: Some(HashAlg::Sha512) }]);
    }

    #[test]
    fn a_choice_of_which_nothing_is_known_is_an_error() {
        let chosen = Algorithms { macs: Some(vec!["none".into()]), ..Algorithms::default() };
        assert!(super::preferred(&chosen, Vec::new(), false).is_err());
    }
}
