//! Checks which tokens open what.

use reqwest::Method;
use saasbackup_simulator::dropsuite::fleet::Quirk;
use serde_json::{Value, json};

use super::fixture::{Fake, rows};

fn error(text: &str) -> Value {
    json!({"errors": {"user": [text]}})
}

#[tokio::test]
async fn the_reseller_token_is_wanted_everywhere() {
    let fake = Fake::start().await;
    let admin = fake.server.admin_token();
    for path in ["/status", "/users", "/accounts", "/plans"] {
        for reseller in [None, Some("wrong"), Some(admin.as_str())] {
            let reply = fake.send(Method::GET, path, [reseller, Some(&admin)]).await.unwrap();
            assert_eq!((reply.status, reply.json()), (401, error("Unauthorized")), "{path}");
        }
    }
}

#[tokio::test]
async fn the_reseller_token_alone_opens_the_fixed_lists_and_nothing_else() {
    let fake = Fake::start().await;
    let reseller = fake.server.reseller_token();
    for path in ["/status", "/countries", "/timezones", "/locales"] {
        assert_eq!(fake.send(Method::GET, path, [Some(&reseller), None]).await.unwrap().status, 200, "{path}");
    }
    for path in ["/users", "/users/440032-6", "/plans", "/accounts", "/onedrives", "/users/440032-6/tenants"] {
        for access in [None, Some("wrong")] {
            assert_eq!(fake.send(Method::GET, path, [Some(&reseller), access]).await.unwrap().status, 401, "{path}");
        }
    }
}

#[tokio::test]
async fn the_admin_token_sees_empty_product_lists_and_no_organization() {
    let fake = Fake::start().await;
    for path in [
        "/accounts",
        "/accounts/deactivated_accounts",
        "/accounts/connection_failures",
        "/calendars",
        "/onedrives",
        "/sharepoints/domains",
        "/sharepoints/domains/2000/sites",
        "/teams_and_groups/domains",
        "/shareddrives/domains",
        "/googledrives",
    ] {
        let reply = fake.get_as_admin(path).await;
        assert_eq!((reply.status, rows(&reply.json()).len()), (200, 0), "{path}");
    }
    for path in ["/users/440032-6/tenants", "/users/440032-6/delegated", "/users/440032-6/retention_policies"] {
        let reply = fake.get_as_admin(path).await;
        let expected = (401, error("You are not authorized to perform this action"));
        assert_eq!((reply.status, reply.json()), expected, "{path}");
    }
}

#[tokio::test]
async fn an_organizations_token_opens_its_own_data_only() {
    let fake = Fake::start().await;
    let stranger = fake.organization(Quirk::FailingText).login_id;
    let token = fake.token(Quirk::Healthy);
    let reply = fake.get(&format!("/users/{stranger}/tenants"), &token).await;
    assert_eq!((reply.status, reply.json()), (401, error("Sorry, Invalid User ID")));
    for path in ["/users", "/plans", "/users/440032-6", "/users/generate_support_sso_link?email=a@b.example"] {
        assert_eq!(fake.get(path, &token).await.status, 401, "{path}");
    }
    let domain = fake.organization(Quirk::Healthy).domain;
    let accounts = rows(&fake.get("/accounts?per_page=100", &token).await.json());
    assert_eq!(accounts.len(), 42);
    assert!(accounts.iter().all(|account| account["email"].as_str().unwrap().ends_with(&domain)));
}

#[tokio::test]
async fn any_login_with_a_token_opens_its_organization() {
    let fake = Fake::start().await;
    let users = rows(&fake.get_as_admin("/users?per_page=100").await.json());
    let several = fake.organization(Quirk::SeveralLogins);
    let logins: Vec<_> = users.iter().filter(|user| user["organization_id"] == several.organization_id).collect();
    assert_eq!(logins.len(), 3);
    for login in &logins {
        let path = format!("/users/{}/tenants", several.login_id);
        assert_eq!(fake.get(&path, login["authentication_token"].as_str().unwrap()).await.status, 200);
    }
    assert_eq!(logins[2]["admin"], true);
    assert_eq!(logins[2]["id"], several.login_id);
}

#[tokio::test]
async fn an_empty_token_opens_nothing() {
    let fake = Fake::start().await;
    let closed = fake.organization(Quirk::NoToken);
    assert_eq!(fake.server.organization_token(&closed.login_id), None);
    assert_eq!(fake.get("/accounts", "").await.status, 401);
    let row = fake.get_as_admin(&format!("/users/{}", closed.login_id)).await.json();
    assert_eq!(row["authentication_token"], "");
}

#[tokio::test]
async fn other_methods_and_routes_are_refused() {
    let fake = Fake::start().await;
    let (reseller, admin) = (fake.server.reseller_token(), fake.server.admin_token());
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::HEAD] {
        let reply = fake.send(method, "/users", [Some(&reseller), Some(&admin)]).await.unwrap();
        assert_eq!(reply.status, 405);
    }
    for path in ["/sites", "/organizations", "/users/440032-6/accounts", ""] {
        assert_eq!(fake.get_as_admin(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn products_that_are_not_licensed_are_forbidden_or_missing() {
    let fake = Fake::start().await;
    for path in ["/onedrives", "/sharepoints/domains", "/teams_and_groups/domains"] {
        assert_eq!(fake.get_as(Quirk::Healthy, path).await.status, 200, "{path}");
        assert_eq!(fake.get_as(Quirk::ForbiddenProducts, path).await.status, 403, "{path}");
        assert_eq!(fake.get_as(Quirk::MissingProducts, path).await.status, 404, "{path}");
        assert_eq!(fake.get_as(Quirk::GoogleWorkspace, path).await.status, 403, "{path}");
    }
    assert_eq!(fake.get_as(Quirk::Healthy, "/googledrives").await.status, 403);
    assert_eq!(fake.get_as(Quirk::Healthy, "/journals").await.status, 403);
}
