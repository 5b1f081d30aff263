//! Parses the queries of scrapes and of the status page, which any client can send.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::domain::Provider;
use saasbackup_exporter::fuzzing::scrape;
use saasbackup_exporter::server::status_page::{Page, Query, to_html, to_json};
use saasbackup_exporter::store::Store;
use saasbackup_exporter_fuzz::{NOW, shown};

fuzz_target!(|input: &[u8]| {
    let Ok(query) = std::str::from_utf8(input) else { return };
    match scrape(query) {
        Ok(filter) => {
            // A request for one tenant or source never gets all of them.
            let parameters = query.split('&').map(|parameter| parameter.split('=').next().unwrap_or_default());
            for parameter in parameters {
                assert!(parameter != "tenant" || filter.tenants.is_some(), "{query:?} asks for all tenants");
                assert!(parameter != "source" || filter.sources.is_some(), "{query:?} asks for every source");
            }
        }
        Err(error) => assert!(!error.contains(['\n', '\r']), "a line of its own: {error:?}"),
    }
    if let Ok(query) = Query::parse(query) {
        let address = query.address();
        let again = Query::parse(address.trim_start_matches('?')).expect("an address of ours");
        assert_eq!(again, Query { page: if query.page > 1 { query.page } else { 0 }, ..query.clone() }, "{address}");
        let (store, _publishers) = Store::new(vec![shown::source(Provider::Datto, vec![], vec![], vec![])]);
        let published = store.published();
        let page = Page::new(&published, &query, NOW);
        assert!(!to_html(&page).contains("<script"), "{query:?}");
        let _ = to_json(&page);
    }
});
