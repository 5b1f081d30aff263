//! Checks the network path to a vendor: address, proxy, DNS, TCP connection, TLS.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::findings::{Findings, Stop};
use super::report::{Finding, Step, Verdict};
use super::{Subject, failure, rounded};
use crate::domain::Provider;
use crate::provider::{ErrorKind, Route, route};

/// Longer than any useful name resolution or handshake takes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The known API hosts of each vendor; a leading dot matches any subdomain.
const fn known_hosts(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Dropsuite => &["dropsuite.us", "dropsuite.uk", ".backup.ninjarmm.com"],
        Provider::Datto => &["api.datto.com"],
    }
}

/// Checks the path to the vendor up to the first HTTP response.
pub(super) async fn check(findings: &mut Findings<'_>, subject: &Subject<'_>) -> Result<(), Stop> {
    let base_url = subject.source.provider.base_url();
    let Ok(base_url) = Url::parse(base_url) else {
        return Err(findings.stop(Finding::new(Step::Address, Verdict::Fail, base_url, "not a URL")));
    };
    check_address(findings, subject.identity.provider, &base_url);
    let proxy_url = subject.source.network.proxy_url.as_ref().and_then(|proxy| Url::parse(proxy.expose()).ok());
    let no_proxy = &subject.source.network.no_proxy;
    let way = route(&base_url, proxy_url.as_ref(), no_proxy);
    let is_exempt = way != route(&base_url, proxy_url.as_ref(), &[]);
    report_proxy(findings, &way, is_exempt);
    let (next, role) = match &way {
        Route::Direct => (&base_url, ""),
        Route::Proxy { address, .. } => (address, "the proxy "),
    };
    let addresses = resolve(findings, next, role).await?;
    connect(findings, &addresses, role).await?;
    shake_hands(findings, subject, &base_url, &way).await
}

fn check_address(findings: &mut Findings<'_>, provider: Provider, base_url: &Url) {
    let host = base_url.host_str().unwrap_or_default();
    let known = known_hosts(provider);
    let is_known = known.iter().any(|name| host == *name || (name.starts_with('.') && host.ends_with(name)));
    if is_known {
        findings.ok(Step::Address, host, "known API host of the vendor");
        return;
    }
    let found = format!("unrecognized API host (known: {})", known.join(", ").replace(".backup", "*.backup"));
    let advice = "no action needed if this is another region, a rebranded portal or your own gateway";
    findings.add(Finding::new(Step::Address, Verdict::Note, host, found).advise(advice));
}

fn report_proxy(findings: &mut Findings<'_>, way: &Route, is_exempt: bool) {
    match way {
        Route::Direct if is_exempt => findings.ok(Step::Proxy, "no_proxy", "no proxy for this host"),
        Route::Direct => findings.ok(Step::Proxy, "proxy_url and the environment", "no proxy"),
        Route::Proxy { address, has_credentials, from_environment } => {
            let origin = if *from_environment { "the environment" } else { "proxy_url" };
            let credentials = if *has_credentials { "[REDACTED]@" } else { "" };
            let port = port_of(address);
            let host = address.host_str().unwrap_or_default();
            findings.ok(Step::Proxy, origin, format!("{}://{credentials}{host}:{port}", address.scheme()));
        }
    }
}

/// The port, or the default of the scheme.
fn port_of(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or(1080)
}

async fn resolve(findings: &mut Findings<'_>, url: &Url, role: &str) -> Result<Vec<SocketAddr>, Stop> {
    let port = port_of(url);
    let name = match url.host() {
        Some(Host::Domain(name)) => name,
        Some(Host::Ipv4(address)) => return Ok(literal(findings, SocketAddr::from((address, port)), role)),
        Some(Host::Ipv6(address)) => return Ok(literal(findings, SocketAddr::from((address, port)), role)),
        None => "",
    };
    let tried = format!("{role}{name}");
    let started = Instant::now();
    let found = match timeout(TIMEOUT, lookup_host((name, port))).await {
        Ok(Ok(addresses)) => {
            let addresses: Vec<_> = addresses.collect();
            if !addresses.is_empty() {
                let mut shown: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
                shown.dedup();
                let took = rounded(started.elapsed());
                findings.ok(Step::Name, tried, format!("{} in {took}", shown.join(", ")));
                return Ok(addresses);
            }
            "no addresses found".to_owned()
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no response within {}", rounded(TIMEOUT)),
    };
    let advice = failure::advice(&ErrorKind::Dns, name);
    let advice = if role.is_empty() {
        advice + "; behind a proxy, set proxy_url"
    } else {
        "check the host name of the proxy".into()
    };
    Err(findings.stop(Finding::new(Step::Name, Verdict::Fail, tried, found).advise(advice)))
}

fn literal(findings: &mut Findings<'_>, address: SocketAddr, role: &str) -> Vec<SocketAddr> {
    findings.ok(Step::Name, format!("{role}{}", address.ip()), "an IP address, nothing to resolve");
    vec![address]
}

/// Tries the addresses in order until one accepts the connection.
async fn connect(findings: &mut Findings<'_>, addresses: &[SocketAddr], role: &str) -> Result<(), Stop> {
    let mut refusals = Vec::new();
    for address in addresses {
        let started = Instant::now();
        let refusal = match timeout(TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                let found = format!("connected in {}", rounded(started.elapsed()));
                findings.ok(Step::Connect, format!("{role}{address}"), found);
                return Ok(());
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no response within {}", rounded(TIMEOUT)),
        };
        refusals.push(format!("{address}: {refusal}"));
    }
    let tried = if role.is_empty() { "the vendor" } else { role.trim_end() };
    let advice = if role.is_empty() {
        "check host and port of base_url, and firewalls in between; behind a proxy, set proxy_url"
    } else {
        "check the proxy's host and port, and firewalls in between"
    };
    Err(findings.stop(Finding::new(Step::Connect, Verdict::Fail, tried, refusals.join("; ")).advise(advice)))
}

/// Requests the base URL without credentials: any response proves that the handshake and the path through a proxy work.
async fn shake_hands(
    findings: &mut Findings<'_>,
    subject: &Subject<'_>,
    base_url: &Url,
    way: &Route,
) -> Result<(), Stop> {
    if base_url.scheme() != "https" {
        let is_here = matches!(base_url.host(), Some(Host::Ipv4(address)) if address.is_loopback())
            || matches!(base_url.host(), Some(Host::Ipv6(address)) if address.is_loopback())
            || base_url.host_str() == Some("localhost");
        let verdict = if is_here { Verdict::Note } else { Verdict::Warn };
        let finding = Finding::new(Step::Tls, verdict, "base_url", "http, the connection is not encrypted");
        let advice = if is_here {
            "no action needed, as it is on this machine"
        } else {
            "use https, otherwise the tokens are sent in plain text"
        };
        findings.add(finding.advise(advice));
        return Ok(());
    }
    let ca_file = subject.source.network.ca_file.as_ref();
    let beside = ca_file.map(|path| format!(" and ca_file {}", path.display())).unwrap_or_default();
    let shown = subject.source.network.client_certificate.as_ref();
    let shown = shown.map(|files| format!(", client_cert_file {}", files.cert_file.display())).unwrap_or_default();
    let tried = format!("{} with the system's CA certificates{beside}{shown}", subject.host());
    let before = subject.effort();
    let Err(error) = subject.client.reach().await else {
        let found = format!("certificate trusted, HTTP response in {}", rounded(subject.effort().since(before).took));
        findings.ok(Step::Tls, tried, found);
        return Ok(());
    };
    let advice = match (&error.kind, way) {
        (ErrorKind::Tls { .. }, _) | (_, Route::Direct) => failure::advice(&error.kind, subject.host()),
        (_, Route::Proxy { .. }) => {
            format!("check the proxy's credentials, and that it allows connections to {}", subject.host())
        }
    };
    Err(findings.stop(Finding::new(Step::Tls, Verdict::Fail, tried, error.kind.to_string()).advise(advice)))
}
