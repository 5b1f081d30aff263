//! Checks `PromQL` against the catalogue: every metric exists, and has every label that is used.

use std::collections::{BTreeMap, BTreeSet};

use promql_parser::label::Labels as LabelNames;
use promql_parser::parser::token::{T_BOTTOMK, T_COUNT_VALUES, T_LAND, T_LOR, T_LUNLESS, T_TOPK};
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, VectorSelector, parse,
};
use saasbackup_exporter::exposition::FAMILIES;
use saasbackup_exporter::instrumentation::OWN_FAMILIES;
use saasbackup_exporter::metric::{Descriptor, Kind};

/// Names of labels.
pub(crate) type Labels = BTreeSet<String>;

/// What Prometheus adds to every series of a target.
const TARGET: [&str; 2] = ["job", "instance"];
/// What Prometheus itself says of a target.
const OF_A_TARGET: [&str; 3] = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];

/// Labels that an operator may give to tenants; the pages use these.
const OF_THE_OPERATOR: [&str; 3] = ["psa_id", "tier", "owner"];

/// Every metric that an expression may name, with its labels.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary(BTreeMap<String, Labels>);

impl Vocabulary {
    /// What the exporter exposes, and what Prometheus adds to it.
    pub(crate) fn of_the_exporter() -> Self {
        let mut vocabulary = Self(BTreeMap::new());
        for family in FAMILIES {
            vocabulary.add_family(&family.descriptor, &family.labels());
        }
        for (descriptor, labels) in OWN_FAMILIES {
            vocabulary.add_family(descriptor, labels);
        }
        for name in OF_A_TARGET {
            vocabulary.add(name, &TARGET);
        }
        let labels = vocabulary.0.get_mut("saasbackup_tenant_labels").expect("the labels of tenants");
        labels.extend(OF_THE_OPERATOR.map(str::to_owned));
        vocabulary
    }

    /// Adds a metric, such as a recorded one.
    pub(crate) fn add(&mut self, name: &str, labels: &[&str]) {
        self.0.insert(name.to_owned(), labels.iter().map(|&label| label.to_owned()).collect());
    }

    /// The names of all metrics.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is a metric of this name; a histogram has one too.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name) || self.0.contains_key(&format!("{name}_bucket"))
    }

    /// The labels that the result can have; empty for a number.
    ///
    /// Fails with everything that is wrong: the syntax, metrics that do not exist, and labels that cannot be there.
    pub(crate) fn check(&self, expression: &str) -> Result<Labels, Vec<String>> {
        let parsed = parse(expression).map_err(|problem| vec![problem])?;
        let mut checking = Checking { vocabulary: self, problems: Vec::new() };
        let labels = checking.labels(&parsed);
        if checking.problems.is_empty() { Ok(labels) } else { Err(checking.problems) }
    }

    fn add_family(&mut self, descriptor: &Descriptor, labels: &[&str]) {
        let labels = [labels, &TARGET].concat();
        if descriptor.kind == Kind::Histogram {
            for suffix in ["_sum", "_count"] {
                self.add(&format!("{}{suffix}", descriptor.name), &labels);
            }
            self.add(&format!("{}_bucket", descriptor.name), &[&labels[..], &["le"]].concat());
        } else {
            self.add(descriptor.name, &labels);
        }
    }
}

/// One walk over an expression, with what it found to be wrong.
struct Checking<'a> {
    vocabulary: &'a Vocabulary,
    problems: Vec<String>,
}

impl Checking<'_> {
    /// The labels that the result of this part can have.
    fn labels(&mut self, expression: &Expr) -> Labels {
        match expression {
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Labels::new(),
            Expr::VectorSelector(selector) => self.of_selector(selector),
            Expr::MatrixSelector(selector) => self.of_selector(&selector.vs),
            Expr::Paren(inner) => self.labels(&inner.expr),
            Expr::Unary(inner) => self.labels(&inner.expr),
            Expr::Subquery(inner) => self.labels(&inner.expr),
            Expr::Aggregate(aggregate) => self.of_aggregate(aggregate),
            Expr::Call(call) => self.of_call(call),
            Expr::Binary(binary) => self.of_binary(binary),
        }
    }

    fn of_selector(&mut self, selector: &VectorSelector) -> Labels {
        let Some(name) = &selector.name else {
            self.problems.push(format!("{selector} names no metric"));
            return Labels::new();
        };
        let Some(labels) = self.vocabulary.0.get(name) else {
            self.problems.push(format!("there is no metric {name}"));
            return Labels::new();
        };
        let matchers = selector.matchers.matchers.iter().chain(selector.matchers.or_matchers.iter().flatten());
        for matcher in matchers.filter(|matcher| !labels.contains(&matcher.name)) {
            self.problems.push(format!("{name} has no label {}", matcher.name));
        }
        labels.clone()
    }

    fn of_aggregate(&mut self, aggregate: &AggregateExpr) -> Labels {
        let inner = self.labels(&aggregate.expr);
        let grouped = match &aggregate.modifier {
            Some(LabelModifier::Include(names)) => self.among(names, &inner, &aggregate.expr),
            Some(LabelModifier::Exclude(names)) => without(&inner, names),
            None => Labels::new(),
        };
        // These choose samples, and change none.
        let chooses = [T_TOPK, T_BOTTOMK].contains(&aggregate.op.id());
        let mut labels = if chooses { inner } else { grouped };
        if let (T_COUNT_VALUES, Some(Expr::StringLiteral(label))) = (aggregate.op.id(), aggregate.param.as_deref()) {
            labels.insert(label.val.clone());
        }
        labels
    }

    fn of_call(&mut self, call: &Call) -> Labels {
        let arguments: Vec<Labels> = call.args.args.iter().map(|argument| self.labels(argument)).collect();
        let text = |position: usize| match call.args.args.get(position).map(AsRef::as_ref) {
            Some(Expr::StringLiteral(literal)) => literal.val.clone(),
            _ => String::new(),
        };
        let mut labels = match call.func.name {
            "histogram_quantile" => arguments.last().cloned().unwrap_or_default(),
            _ => arguments.first().cloned().unwrap_or_default(),
        };
        match call.func.name {
            "histogram_quantile" => {
                labels.remove("le");
            }
            "label_replace" => {
                if !labels.contains(&text(3)) {
                    self.problems.push(format!("{call} copies the label {}, which is not there", text(3)));
                }
                labels.insert(text(1));
            }
            "label_join" => {
                labels.insert(text(1));
            }
            _ => {}
        }
        labels
    }

    fn of_binary(&mut self, binary: &BinaryExpr) -> Labels {
        let (left, right) = (self.labels(&binary.lhs), self.labels(&binary.rhs));
        if let Some(side) = [(&binary.lhs, &right), (&binary.rhs, &left)]
            .into_iter()
            .find_map(|(number, vector)| is_number(number).then_some(vector))
        {
            return side.clone();
        }
        let modifier = binary.modifier.as_ref();
        let matching = modifier.and_then(|modifier| modifier.matching.as_ref());
        let common = match matching {
            Some(LabelModifier::Include(names)) => {
                self.among(names, &right, &binary.rhs);
                self.among(names, &left, &binary.lhs)
            }
            Some(LabelModifier::Exclude(names)) => without(&left, names),
            None => left.clone(),
        };
        if !matches!(matching, Some(LabelModifier::Include(_))) && binary.op.id() != T_LOR {
            let other = matching.map_or_else(|| right.clone(), |matching| without(&right, matching.labels()));
            if common != other {
                self.problems.push(format!("the sides of {binary} never match: {common:?} and {other:?}"));
            }
        }
        match binary.op.id() {
            T_LAND | T_LUNLESS => left,
            T_LOR => left.union(&right).cloned().collect(),
            _ => match modifier.map(|modifier| &modifier.card) {
                Some(VectorMatchCardinality::ManyToOne(names)) => {
                    left.union(&self.among(names, &right, &binary.rhs)).cloned().collect()
                }
                Some(VectorMatchCardinality::OneToMany(names)) => {
                    right.union(&self.among(names, &left, &binary.lhs)).cloned().collect()
                }
                _ => common,
            },
        }
    }

    /// These labels, each of which must be among those of the operand.
    fn among(&mut self, names: &LabelNames, available: &Labels, operand: &Expr) -> Labels {
        for name in names.labels.iter().filter(|name| !available.contains(*name)) {
            self.problems.push(format!("{operand} has no label {name}"));
        }
        names.labels.iter().cloned().collect()
    }
}

fn without(labels: &Labels, names: &LabelNames) -> Labels {
    labels.iter().filter(|label| !names.labels.contains(label)).cloned().collect()
}

/// Whether this is a number rather than a set of series.
fn is_number(expression: &Expr) -> bool {
    match expression {
        Expr::NumberLiteral(_) => true,
        Expr::Paren(inner) => is_number(&inner.expr),
        Expr::Unary(inner) => is_number(&inner.expr),
        Expr::Binary(binary) => is_number(&binary.lhs) && is_number(&binary.rhs),
        Expr::Call(call) => matches!(call.func.name, "time" | "scalar" | "pi"),
        _ => false,
    }
}
