//! Requests each endpoint of the README from a running exporter.

use regex::Regex;

use super::markdown::page;
use crate::support::demo::{Exporter, client};

#[tokio::test]
async fn every_endpoint_of_the_readme_answers() {
    let readme = page("README.md").text;
    let row = Regex::new(r"(?m)^\| `(POST )?(/[^`]*)` \| (.*) \|$").unwrap();
    let rows: Vec<_> = row.captures_iter(&readme).collect();
    assert!(rows.len() >= 8, "{}", rows.len());
    let exporter = Exporter::demo().await;
    for row in rows {
        let url = format!("http://{}{}", exporter.address, &row[2]);
        if row.get(1).is_some() {
            // Off without its flag, which the response says.
            let reply = client().post(&url).send().await.unwrap();
            let (status, body) = (reply.status(), reply.text().await.unwrap());
            assert_eq!(status, 403, "{url}: {body}");
            assert!(row[3].contains("--web.enable-lifecycle") && body.contains("--web.enable-lifecycle"), "{body}");
        } else {
            let reply = client().get(&url).send().await.unwrap();
            assert_eq!(reply.status(), 200, "{url}: {}", reply.text().await.unwrap());
        }
    }
}
