//! Builds a dashboard: its variables, links, and layout.

use serde_json::{Value, json};

use crate::panel::{Panel, datasource};

const COLUMNS: u32 = 24;
const TAG: &str = "saasbackup";

/// A choice at the top of a dashboard, filled from the values of a label.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    name: &'static str,
    title: &'static str,
    query: String,
    is_single: bool,
}

impl Variable {
    /// Any number of the values that this label has in these series; all of them at first.
    pub(crate) fn many(name: &'static str, title: &'static str, series: &str) -> Self {
        Self { name, title, query: format!("label_values({series}, {name})"), is_single: false }
    }

    /// Exactly one of the values.
    pub(crate) fn one(name: &'static str, title: &'static str, series: &str) -> Self {
        Self { is_single: true, ..Self::many(name, title, series) }
    }

    fn to_json(&self) -> Value {
        let mut variable = json!({
            "type": "query",
            "name": self.name,
            "label": self.title,
            "datasource": datasource(),
            "definition": self.query,
            "query": { "query": self.query, "refId": "StandardVariableQuery" },
            // With the time range: a customer that left is offered for as long as there is something to see.
            "refresh": 2,
            "sort": 5,
            "hide": 0,
            "regex": "",
            "multi": !self.is_single,
            "includeAll": !self.is_single,
            "options": [],
        });
        if !self.is_single {
            // Every value, but no series without the label.
            variable["allValue"] = json!(".+");
            variable["current"] = json!({ "selected": true, "text": ["All"], "value": ["$__all"] });
        } else {
            variable["current"] = json!({ "selected": false, "text": "", "value": "" });
        }
        variable
    }
}

/// A dashboard.
#[derive(Clone, Debug)]
pub(crate) struct Dashboard {
    /// The name of its file, and its address in Grafana.
    pub(crate) uid: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    /// How far back it looks.
    pub(crate) from: &'static str,
    pub(crate) variables: Vec<Variable>,
    /// From left to right and from top to bottom.
    pub(crate) panels: Vec<Panel>,
}

impl Dashboard {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": null,
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": [TAG],
            "schemaVersion": 39,
            "version": 1,
            "editable": true,
            "graphTooltip": 1,
            "fiscalYearStartMonth": 0,
            "liveNow": false,
            "refresh": "5m",
            "time": { "from": self.from, "to": "now" },
            "timepicker": {},
            "timezone": "browser",
            "weekStart": "",
            "annotations": { "list": [] },
            "links": [links()],
            "templating": { "list": self.variables() },
            "panels": self.placed(),
        })
    }

    fn variables(&self) -> Vec<Value> {
        let source = json!({
            "type": "datasource",
            "name": "datasource",
            "label": "Data source",
            "query": "prometheus",
            "current": { "selected": false, "text": "", "value": "" },
            "hide": 0,
            "includeAll": false,
            "multi": false,
            "options": [],
            "refresh": 1,
            "regex": "",
        });
        std::iter::once(source).chain(self.variables.iter().map(Variable::to_json)).collect()
    }

    fn placed(&self) -> Vec<Value> {
        let (mut x, mut y, mut below) = (0, 0, 0);
        let place = |(panel, id): (&Panel, usize)| {
            if x + panel.width > COLUMNS {
                (x, y) = (0, below);
            }
            let placed = panel.to_json(id, x, y);
            x += panel.width;
            below = below.max(y + panel.height);
            placed
        };
        self.panels.iter().zip(1..).map(place).collect()
    }
}

/// The way to the other dashboards, with the same choices and the same time.
fn links() -> Value {
    json!({
        "type": "dashboards",
        "title": "SaaS Backup",
        "tags": [TAG],
        "asDropdown": true,
        "includeVars": true,
        "keepTime": true,
        "targetBlank": false,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    })
}

/// The address of the dashboard of one customer: its id, since a name need not be unique and may hold anything.
pub(crate) fn tenant_url() -> String {
    let field = |name: &str| format!("${{__data.fields.{name}:percentencode}}");
    format!(
        "/d/saasbackup-tenant/saas-backup-tenant?${{datasource:queryparam}}&var-provider={}&var-source={}&var-tenant=$__all&var-tenant_id={}&${{__url_time_range}}",
        field("provider"),
        field("source"),
        field("tenant_id"),
    )
}

/// The address of the exporter's own dashboard, for one account.
pub(crate) fn source_url() -> String {
    "/d/saasbackup-exporter/saas-backup-exporter?${datasource:queryparam}&var-provider=${__data.fields.provider:percentencode}&var-source=${__data.fields.source:percentencode}&${__url_time_range}".to_owned()
}
