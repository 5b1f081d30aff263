//! Issues valid and invalid certificates.

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};

/// A certificate authority of its own.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Issued {
    /// Both in one, as clients want it.
    pub(crate) fn both(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), pem }
    }

    /// A certificate for these hosts and addresses.
    pub(crate) fn issue(&self, names: &[&str]) -> Issued {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        self.sign(&CertificateParams::new(names).unwrap())
    }

    /// A certificate for any kind of names.
    pub(crate) fn issue_for(&self, names: Vec<SanType>) -> Issued {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.subject_alt_names = names;
        self.sign(&parameters)
    }

    fn sign(&self, parameters: &CertificateParams) -> Issued {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Issued { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

/// A certificate that signs itself, changed before it does.
pub(crate) fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> Issued {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["prometheus.example".to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, "signed by itself");
    change(&mut parameters);
    Issued { certificate: parameters.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

/// What `openssl req -x509` makes.
pub(crate) fn authority_of_itself(parameters: &mut CertificateParams) {
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

/// A time that is over.
pub(crate) fn expired(parameters: &mut CertificateParams) {
    authority_of_itself(parameters);
    parameters.not_before = rcgen::date_time_ymd(2001, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2002, 1, 1);
}

/// Good for servers alone.
pub(crate) fn for_servers(parameters: &mut CertificateParams) {
    authority_of_itself(parameters);
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
}
