//! Builds one panel of a dashboard as Grafana's classic JSON.

use serde_json::{Value, json};

use crate::look::{PLAIN, Steps};
use crate::table::Column;

/// Where every panel and every query gets its data.
pub(crate) fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// One query of a panel.
#[derive(Clone, Debug)]
struct Target {
    expression: String,
    legend: String,
    is_instant: bool,
    is_table: bool,
}

/// One panel, or the heading of a row.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    kind: &'static str,
    title: String,
    description: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    targets: Vec<Target>,
    interval: Option<&'static str>,
    /// How far back it looks, whatever is chosen.
    looks_back: Option<&'static str>,
    defaults: Value,
    overrides: Vec<Value>,
    options: Value,
    transformations: Vec<Value>,
}

impl Panel {
    fn new(kind: &'static str, title: &str, description: &str, options: Value) -> Self {
        let defaults = json!({ "color": { "mode": "thresholds" }, "noValue": "no data", "unit": "none" });
        Self {
            kind,
            title: title.to_owned(),
            description: description.to_owned(),
            width: 4,
            height: 4,
            targets: Vec::new(),
            interval: None,
            looks_back: None,
            defaults,
            overrides: Vec::new(),
            options,
            transformations: Vec::new(),
        }
    }

    /// The heading above the panels that follow.
    pub(crate) fn row(title: &str) -> Self {
        Self::new("row", title, "", Value::Null).sized(24, 1)
    }

    /// One number on its colour.
    pub(crate) fn stat(title: &str, description: &str, expression: String) -> Self {
        let options = json!({
            "colorMode": "background_solid",
            "graphMode": "none",
            "justifyMode": "center",
            "textMode": "value",
            "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        });
        Self::new("stat", title, description, options).instant(expression, "")
    }

    /// One word: the legend of the one series that there is.
    pub(crate) fn name(title: &str, description: &str, expression: String, legend: &str) -> Self {
        let mut panel = Self::new("stat", title, description, Value::Null).instant(expression, legend);
        panel.options = json!({
            "colorMode": "none",
            "graphMode": "none",
            "justifyMode": "center",
            "textMode": "name",
            "text": { "titleSize": 18 },
            "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        });
        panel
    }

    /// Lines over time.
    pub(crate) fn lines(title: &str, description: &str) -> Self {
        let options = json!({
            "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] },
            "tooltip": { "mode": "multi", "sort": "desc" },
        });
        let mut panel = Self::new("timeseries", title, description, options).sized(12, 8);
        panel.defaults["color"] = json!({ "mode": "palette-classic" });
        panel.defaults["custom"] = json!({
            "drawStyle": "line",
            "lineInterpolation": "stepAfter",
            "lineWidth": 1,
            "fillOpacity": 5,
            "showPoints": "never",
            "spanNulls": false,
        });
        panel
    }

    /// One bar for each series.
    pub(crate) fn bars(title: &str, description: &str, expression: String, legend: &str) -> Self {
        let options = json!({
            "orientation": "horizontal",
            "displayMode": "basic",
            "valueMode": "text",
            "text": { "titleSize": 12, "valueSize": 14 },
            "showUnfilled": true,
            "namePlacement": "left",
            "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        });
        Self::new("bargauge", title, description, options).sized(12, 8).instant(expression, legend)
    }

    /// A line of cells for each series of the query, one for each day of the last four weeks.
    pub(crate) fn days(title: &str, description: &str, expression: String, legend: &str) -> Self {
        let options = json!({
            "showValue": "never",
            "rowHeight": 0.85,
            "colWidth": 0.9,
            "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true },
            "tooltip": { "mode": "single", "sort": "none" },
        });
        let mut panel = Self::new("status-history", title, description, options).sized(24, 9);
        panel.defaults["custom"] = json!({ "fillOpacity": 85, "lineWidth": 0 });
        let panel = Self { interval: Some("1d"), looks_back: Some("28d"), ..panel };
        panel.range(expression, legend).steps(&Steps::known(PLAIN))
    }

    /// One row for each thing that the queries return, with these columns, sorted by one of them.
    pub(crate) fn table(
        title: &str,
        description: &str,
        labels: &[&str],
        columns: &[Column],
        (sorted_by, is_descending): (&str, bool),
    ) -> Self {
        let sort = json!([{ "displayName": sorted_by, "desc": is_descending }]);
        let options = json!({ "showHeader": true, "cellHeight": "sm", "sortBy": sort });
        let mut panel = Self::new("table", title, description, options).sized(24, 8);
        panel.defaults["custom"] = json!({ "align": "auto", "cellOptions": { "type": "auto" }, "filterable": false });
        for expression in columns.iter().filter_map(|column| column.expression.clone()) {
            panel.targets.push(Target { expression, legend: String::new(), is_instant: true, is_table: true });
        }
        panel.overrides = columns.iter().map(Column::overrides).collect();
        panel.transformations = crate::table::transformations(labels, columns);
        // Without steps Grafana would bring its own: green, and red from 80 on.
        panel.steps(&Steps::known(PLAIN))
    }

    /// Width in 24ths, and height in steps of 30 pixels.
    pub(crate) fn sized(self, width: u32, height: u32) -> Self {
        Self { width, height, ..self }
    }

    pub(crate) fn unit(mut self, unit: &str) -> Self {
        self.defaults["unit"] = json!(unit);
        self
    }

    pub(crate) fn decimals(mut self, decimals: u32) -> Self {
        self.defaults["decimals"] = json!(decimals);
        self
    }

    pub(crate) fn between(mut self, min: f64, max: Option<f64>) -> Self {
        self.defaults["min"] = json!(min);
        if let Some(max) = max {
            self.defaults["max"] = json!(max);
        }
        self
    }

    pub(crate) fn steps(mut self, steps: &Steps) -> Self {
        self.defaults["thresholds"] = steps.to_json();
        self
    }

    pub(crate) fn mappings(mut self, mappings: Value) -> Self {
        self.defaults["mappings"] = mappings;
        self
    }

    /// Text without a value; it must not look healthy.
    pub(crate) fn no_value(mut self, text: &str) -> Self {
        self.defaults["noValue"] = json!(text);
        self
    }

    /// The axis reaches at least this far, so that nothing does not look like much.
    pub(crate) fn axis_to(mut self, value: f64) -> Self {
        self.defaults["custom"]["axisSoftMax"] = json!(value);
        self
    }

    /// The lines fill the space from one to the next.
    pub(crate) fn stacked(mut self) -> Self {
        self.defaults["custom"]["stacking"] = json!({ "mode": "normal", "group": "A" });
        self.defaults["custom"]["fillOpacity"] = json!(40);
        self
    }

    /// No step of the graph is shorter: values that change slowly need few points.
    pub(crate) fn every(self, interval: &'static str) -> Self {
        Self { interval: Some(interval), ..self }
    }

    /// A query for the present.
    pub(crate) fn instant(mut self, expression: String, legend: &str) -> Self {
        let legend = legend.to_owned();
        self.targets.push(Target { expression, legend, is_instant: true, is_table: false });
        self
    }

    /// A query for the whole range.
    pub(crate) fn range(mut self, expression: String, legend: &str) -> Self {
        let legend = legend.to_owned();
        self.targets.push(Target { expression, legend, is_instant: false, is_table: false });
        self
    }

    /// A colour for the series of each of these names.
    pub(crate) fn coloured(mut self, names: &[&str]) -> Self {
        self.overrides.extend(names.iter().map(|name| {
            let colour = json!({ "mode": "fixed", "fixedColor": crate::look::colour_of(name) });
            json!({
                "matcher": { "id": "byName", "options": name },
                "properties": [{ "id": "color", "value": colour }],
            })
        }));
        self
    }

    /// Shades of a colour for all series whose names match.
    pub(crate) fn shaded(mut self, pattern: &str, colour: &str) -> Self {
        self.overrides.push(json!({
            "matcher": { "id": "byRegexp", "options": pattern },
            "properties": [{ "id": "color", "value": { "mode": "shades", "fixedColor": colour } }],
        }));
        self
    }

    /// Dashed lines, and no place in the legend, for the series whose names match.
    pub(crate) fn dashed(mut self, pattern: &str) -> Self {
        self.overrides.push(json!({
            "matcher": { "id": "byRegexp", "options": pattern },
            "properties": [
                { "id": "custom.lineStyle", "value": { "fill": "dash", "dash": [8, 8] } },
                { "id": "custom.fillOpacity", "value": 0 },
                { "id": "custom.hideFrom", "value": { "legend": true, "tooltip": false, "viz": false } },
            ],
        }));
        self
    }

    pub(crate) fn to_json(&self, id: usize, x: u32, y: u32) -> Value {
        let position = json!({ "x": x, "y": y, "w": self.width, "h": self.height });
        if self.kind == "row" {
            let (title, panels) = (&self.title, json!([]));
            return json!({
                "id": id, "type": "row", "title": title, "gridPos": position, "collapsed": false, "panels": panels,
            });
        }
        let targets: Vec<Value> = self.targets.iter().zip('A'..).map(|(target, name)| target.to_json(name)).collect();
        let mut panel = json!({
            "id": id,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "gridPos": position,
            "datasource": datasource(),
            "targets": targets,
            "fieldConfig": { "defaults": self.defaults, "overrides": self.overrides },
            "options": self.options,
        });
        if let Some(interval) = self.interval {
            panel["interval"] = json!(interval);
        }
        if let Some(looks_back) = self.looks_back {
            panel["timeFrom"] = json!(looks_back);
        }
        if !self.transformations.is_empty() {
            panel["transformations"] = json!(self.transformations);
        }
        panel
    }
}

impl Target {
    fn to_json(&self, name: char) -> Value {
        json!({
            "refId": name.to_string(),
            "datasource": datasource(),
            "editorMode": "code",
            "expr": self.expression,
            "legendFormat": if self.legend.is_empty() { "__auto" } else { &self.legend },
            "instant": self.is_instant,
            "range": !self.is_instant,
            "format": if self.is_table { "table" } else { "time_series" },
        })
    }
}
