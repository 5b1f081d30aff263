//! Asks with right, wrong and no keys, at right and wrong places.

use reqwest::Method;
use saasbackup_simulator::datto::fleet::Quirk;
use serde_json::json;

use super::fixture::Fake;

const ROUTES: [(&str, &str); 4] = [
    ("GET", "/v1/saas/domains"),
    ("GET", "/v1/saas/20017/seats"),
    ("GET", "/v1/saas/20017/applications"),
    ("PUT", "/v1/saas/20017/externalSubscriptionId/bulkSeatChange"),
];

#[tokio::test]
async fn a_known_route_without_the_right_keys_is_401() {
    let fake = Fake::start().await;
    let (public_key, secret_key) = (fake.server.public_key(), fake.server.secret_key());
    let wrong = [None, Some((public_key.as_str(), "wrong")), Some(("wrong", secret_key.as_str())), Some(("", ""))];
    for (method, path) in ROUTES {
        for keys in wrong {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = fake.send(method, path, keys, None).await.unwrap();
            assert_eq!(reply.status, 401, "{path}");
            assert_eq!(reply.json(), json!({"code": "unauthorized", "message": "Unauthorized"}));
        }
    }
}

#[tokio::test]
async fn an_unknown_route_is_404_and_a_wrong_method_405_even_without_keys() {
    let fake = Fake::start().await;
    for path in
        ["/v1/saas/clients", "/v1/saas/restores", "/v1/saas/1/seats/2", "/v1/saas/1/usage", "/", "/v2/saas/domains"]
    {
        let reply = fake.send(Method::GET, path, None, None).await.unwrap();
        assert_eq!((reply.status, &reply.json()["code"]), (404, &json!("exception.notfoundhttpexception")), "{path}");
    }
    for (right, path) in ROUTES {
        let reply = fake.send(Method::DELETE, path, None, None).await.unwrap();
        assert_eq!((reply.status, reply.header("allow")), (405, Some(right)), "{path}");
    }
}

#[tokio::test]
async fn unknown_customers_are_404_and_those_outside_the_scope_403() {
    let fake = Fake::start().await;
    for rest in ["/seats", "/applications"] {
        for id in ["1", "cust-001", "0", "020017"] {
            let unknown = fake.get(&format!("/v1/saas/{id}{rest}")).await;
            assert_eq!((unknown.status, &unknown.json()["message"]), (404, &json!("Customer not found")), "{id}");
        }
        let outside = fake.get_of(Quirk::OutOfScope, rest).await;
        assert_eq!((outside.status, &outside.json()["message"]), (403, &json!("Access denied")));
    }
    assert_eq!(fake.records(Quirk::OutOfScope).await.len(), 1);
}

#[tokio::test]
async fn a_customer_that_left_is_neither_listed_nor_found() {
    let fake = Fake::start().await;
    let (customer, twin) = (fake.customer(Quirk::Healthy), fake.customer(Quirk::TwinName));
    let path = format!("/v1/saas/{}/seats", customer.id);
    assert_eq!(fake.get(&path).await.status, 200);
    assert_eq!(fake.server.remove_customer(&customer.id.to_string()), 1);
    assert_eq!(fake.get(&path).await.status, 404);
    assert!(!fake.get("/v1/saas/domains").await.text.contains(&customer.name));
    assert_eq!(fake.server.remove_customer(&twin.name), 2);
    assert_eq!(fake.server.remove_customer(&twin.name), 0);
    assert_eq!(fake.server.customers().len(), super::fixture::CUSTOMERS - 3);
}

#[tokio::test]
async fn requests_are_recorded_without_their_keys() {
    let fake = Fake::start().await;
    fake.get("/v1/saas/20017/applications?daysUntil=3").await;
    fake.put("/v1/saas/20017/x/bulkSeatChange", "{}").await;
    let requests = fake.server.requests();
    let log: Vec<_> = requests.log.iter().map(|request| (request.method.as_str(), request.path.as_str())).collect();
    let expected = [("GET", "/v1/saas/20017/applications?daysUntil=3"), ("PUT", "/v1/saas/20017/x/bulkSeatChange")];
    assert_eq!((log.as_slice(), requests.total, requests.most_in_flight), (expected.as_slice(), 2, 1));
    let printed = format!("{:?} {:?}", fake.server, requests);
    assert!(fake.server.secrets().iter().all(|secret| !printed.contains(secret)));
}
