//! Decodes the tree of the file and collects every problem.
//!
//! Each step returns `None` if and only if it has reported a problem, so that
//! decoding continues with the next key and the whole file is checked at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use regex::Regex;
use strum::IntoEnumIterator;

use super::echo;
use super::error::{Errors, Problem};
use super::key;
use super::substitution::{self, Empty, Substituted};
use super::yaml::{Content, Entry, Node};

/// The inputs of decoding, and the problems found so far.
pub(crate) struct Context<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    base_dir: &'a Path,
    problems: RefCell<Vec<(usize, Problem)>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(environment: &'a dyn Fn(&str) -> Option<String>, base_dir: &'a Path) -> Self {
        Self { environment, base_dir, problems: RefCell::default() }
    }

    /// The decoded value, or every problem in the file's order.
    pub(crate) fn finish<T>(self, decoded: Option<T>) -> Result<T, Errors> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(position, _)| *position);
        // A value that several keys depend on is decoded by each of them.
        problems.dedup();
        match decoded {
            Some(decoded) if problems.is_empty() => Ok(decoded),
            _ => Err(Errors::new(problems.into_iter().map(|(_, problem)| problem).collect())),
        }
    }

    fn report(&self, position: usize, path: String, message: String) {
        self.problems.borrow_mut().push((position, Problem { path, message }));
    }
}

/// One value of the file together with its path.
#[derive(Clone)]
pub(crate) struct Field<'a> {
    path: String,
    node: &'a Node,
    context: &'a Context<'a>,
}

impl<'a> Field<'a> {
    pub(crate) fn root(node: &'a Node, context: &'a Context<'a>) -> Self {
        Self { path: String::new(), node, context }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether there is no value.
    pub(crate) fn is_null(&self) -> bool {
        self.node.is_null()
    }

    /// Whether there is no value, or an empty text.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(&self.node.content, Content::Null)
            || matches!(&self.node.content, Content::Text(text) if text.is_empty())
    }

    /// Whether the value is exactly this word.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.node.content, Content::Text(text) if text == word)
    }

    /// Whether there is no item or key.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.node.content {
            Content::Null => true,
            Content::Text(_) => false,
            Content::List(items) => items.is_empty(),
            Content::Mapping(entries) => entries.is_empty(),
        }
    }

    pub(crate) fn problem(&self, message: impl Into<String>) {
        self.context.report(self.node.position, self.path.clone(), message.into());
    }

    /// Reports the problem and returns `None`.
    fn refuse<T>(&self, message: impl Into<String>) -> Option<T> {
        self.problem(message);
        None
    }

    /// The mapping with these keys and no others; null is an empty one, because all its keys may be commented out.
    pub(crate) fn section(&self, known: &[&str]) -> Option<Section<'a>> {
        let entries = self.entries()?;
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = match key::closest(&entry.key, known) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None if entry.key == "<<" => "merge keys (<<) are not supported; write the keys out".to_owned(),
                None => format!("accepted: {}", known.join(", ")),
            };
            let path = key::child(&self.path, &entry.key);
            self.context.report(entry.key_position, path, format!("unknown key ({hint})"));
        }
        Some(Section { field: self.clone() })
    }

    /// The value of a key, regardless of other keys; `None` if there is none.
    pub(crate) fn value(&self, key: &str) -> Option<Self> {
        let Content::Mapping(entries) = &self.node.content else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| self.value_of(entry))
    }

    /// The values of a mapping with arbitrary keys, each key once.
    pub(crate) fn named_values(&self) -> Option<Vec<(&'a str, Self)>> {
        let mut seen = BTreeSet::new();
        let first = self.entries()?.iter().filter(|entry| seen.insert(entry.key.as_str()));
        Some(first.map(|entry| (entry.key.as_str(), self.value_of(entry))).collect())
    }

    fn entries(&self) -> Option<&'a [Entry]> {
        let entries = match &self.node.content {
            Content::Mapping(entries) => entries.as_slice(),
            Content::Null => &[],
            Content::Text(_) => return self.refuse("expected a mapping (\"key: value\"), found text"),
            Content::List(_) => return self.refuse("expected a mapping (\"key: value\"), found a list"),
        };
        let mut seen = BTreeSet::new();
        for entry in entries {
            if !seen.insert(&entry.key) {
                let path = key::child(&self.path, &entry.key);
                self.context.report(entry.key_position, path, "duplicate key".to_owned());
            }
        }
        Some(entries)
    }

    fn value_of(&self, entry: &'a Entry) -> Self {
        Self { path: key::child(&self.path, &entry.key), node: &entry.value, context: self.context }
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self.node.content, Content::List(_))
    }

    /// The items of a list; `example` shows one.
    pub(crate) fn items(&self, example: &str) -> Option<Vec<Self>> {
        let found = match &self.node.content {
            Content::List(items) => {
                let item = |(index, node)| Self { path: key::item(&self.path, index), node, context: self.context };
                return Some(items.iter().enumerate().map(item).collect());
            }
            Content::Null => "nothing",
            Content::Text(_) => "text",
            Content::Mapping(_) => "a mapping",
        };
        self.refuse(format!("expected a list ({example}), found {found}"))
    }

    /// The text with its variables substituted, which must not leave it blank: an empty variable never disables a
    /// key.
    pub(crate) fn text(&self) -> Option<Text> {
        let written = self.written()?;
        let substituted = self.substitute(written, Empty::Allowed)?;
        if substituted.from_environment && substituted.value.trim().is_empty() {
            return self.refuse("is empty: all environment variables in it are empty");
        }
        if echo::is_pem(&substituted.value) {
            return self.refuse("contains a PEM certificate or key, which must be in a separate file");
        }
        let is_from_environment = substituted.from_environment;
        Some(Text { value: substituted.value, written: echo::quoted(written), is_from_environment })
    }

    /// The text of a secret with its variables substituted, none of them empty; it must not be shown.
    pub(crate) fn hidden_text(&self) -> Option<Substituted> {
        self.substitute(self.written()?, Empty::Forbidden)
    }

    fn written(&self) -> Option<&'a str> {
        match &self.node.content {
            Content::Text(text) => Some(text),
            Content::Null => self.refuse("has no value"),
            Content::List(_) => self.refuse("expected a single value, found a list"),
            Content::Mapping(_) => self.refuse("expected a single value, found a mapping"),
        }
    }

    fn substitute(&self, written: &str, empty: Empty) -> Option<Substituted> {
        substitution::substitute(written, self.context.environment, empty)
            .map_err(|error| self.problem(error.to_string()))
            .ok()
    }

    /// The path of a file, relative to the configuration file's folder.
    pub(crate) fn file_path(&self) -> Option<FilePath> {
        let text = self.text()?;
        if text.value.trim().is_empty() {
            return self.refuse("is empty; expected the path of a file or folder");
        }
        let path = self.context.base_dir.join(&text.value);
        let shown = if text.is_from_environment {
            text.written.map_or_else(|| "the file".to_owned(), |written| format!("the file that {written} names"))
        } else {
            echo::path(&path)
        };
        Some(FilePath { path, shown })
    }

    /// One of a closed set of words; `kind` names what they are.
    pub(crate) fn word<T>(&self, kind: &str, words: &[(&str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text.value);
        match found {
            Some((_, meaning)) => Some(*meaning),
            None => self.refuse(format!("{} is not a {kind} (accepted: {})", text.shown(), listed(words))),
        }
    }

    /// A list of such words without duplicates, in the file's order.
    pub(crate) fn words<T: Copy + Ord>(&self, kind: &str, words: &[(&str, T)]) -> Option<BTreeSet<T>> {
        let example = words.first().map(|(word, _)| format!("[{word}, ...]")).unwrap_or_default();
        let mut chosen = BTreeSet::new();
        for item in self.items(&example)? {
            if let Some(meaning) = item.word(kind, words)
                && !chosen.insert(meaning)
            {
                item.problem(format!("duplicate {kind}"));
            }
        }
        Some(chosen)
    }

    /// A duration such as `15m`, from `least` to `most`.
    pub(crate) fn duration(&self, least: Duration, most: Duration) -> Option<Duration> {
        let text = self.text()?;
        let written = text.value.trim();
        let Ok(duration) = humantime::parse_duration(written) else {
            let is_bare_number = !written.is_empty() && written.chars().all(|digit| digit.is_ascii_digit());
            let example = if is_bare_number && !text.is_from_environment { written } else { "5" };
            return self.refuse(format!("{} is not a duration (try \"{example}m\")", text.shown()));
        };
        if (least..=most).contains(&duration) {
            return Some(duration);
        }
        self.refuse(format!("{} is out of range ({} to {})", text.shown(), short(least), short(most)))
    }

    /// A regular expression, which `written` may wrap after it was parsed.
    pub(super) fn regex(&self, written: impl Fn(&str) -> String) -> Option<Regex> {
        let text = self.text()?;
        match Regex::new(&text.value).and_then(|_| Regex::new(&written(&text.value))) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                // The library's error shows the pattern on several lines and ends with the reason.
                let drawing = error.to_string();
                let reason = drawing.lines().last().unwrap_or_default();
                let reason = reason.trim_start_matches("error: ").trim_end_matches('.');
                self.refuse(format!("{} is not a regular expression ({reason})", text.shown()))
            }
        }
    }

    /// A number within the range that `accepts` checks and `range` describes.
    pub(crate) fn number<T: FromStr>(&self, range: &str, accepts: impl Fn(&T) -> bool) -> Option<T> {
        let text = self.text()?;
        match text.value.trim().parse() {
            Ok(number) if accepts(&number) => Some(number),
            _ => self.refuse(format!("{} is not {range}", text.shown())),
        }
    }
}

/// A text of the file that may be shown.
pub(crate) struct Text {
    pub(crate) value: String,
    /// Quoted, as written in the file; `None` if it may contain a secret.
    written: Option<String>,
    is_from_environment: bool,
}

impl Text {
    /// Its text in messages: as written, without substituted variables.
    pub(crate) fn shown(&self) -> String {
        match &self.written {
            Some(written) if self.is_from_environment => format!("the value of {written}"),
            Some(written) => written.clone(),
            None => "the value".to_owned(),
        }
    }
}

/// A path of the file that may be shown.
pub(crate) struct FilePath {
    pub(crate) path: PathBuf,
    /// Its path in messages: as resolved if it exists, without substituted variables.
    pub(crate) shown: String,
}

/// A mapping whose keys are known.
pub(crate) struct Section<'a> {
    field: Field<'a>,
}

impl<'a> Section<'a> {
    /// The value of a key; `None` if the file does not have it.
    pub(crate) fn get(&self, key: &str) -> Option<Field<'a>> {
        self.field.value(key)
    }

    /// The value of a required key; `advice` says what to write.
    pub(crate) fn required(&self, key: &str, advice: &str) -> Option<Field<'a>> {
        let value = self.get(key);
        if value.is_none() {
            self.problem_at(key, format!("is missing ({advice})"));
        }
        value
    }

    /// Reports a problem of a key, whether or not it is in the file.
    pub(crate) fn problem_at(&self, key: &str, message: impl Into<String>) {
        let position = self.get(key).map_or(self.field.node.position, |value| value.node.position);
        self.field.context.report(position, key::child(&self.field.path, key), message.into());
    }
}

/// The members of a closed set by their words.
pub(crate) fn words<T: Copy + IntoEnumIterator>(word: impl Fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    T::iter().map(|member| (word(member), member)).collect()
}

/// The words as listed in messages.
pub(crate) fn listed<T>(words: &[(&str, T)]) -> String {
    words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}

/// A duration in its largest whole unit up to hours: `24h` and not `1day`.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        _ if duration.subsec_nanos() > 0 => humantime::format_duration(duration).to_string(),
        _ if seconds > 172_800 && seconds.is_multiple_of(86_400) => format!("{}d", seconds / 86_400),
        _ if seconds >= 3600 && seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds >= 60 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_in_the_unit_people_use() {
        for (seconds, shown) in
            [(90, "90s"), (5400, "90m"), (86_400, "24h"), (172_800, "48h"), (604_800, "7d"), (3650 * 86_400, "3650d")]
        {
            assert_eq!(short(Duration::from_secs(seconds)), shown);
        }
        assert_eq!(short(Duration::from_millis(1500)), "1s 500ms");
    }
}
