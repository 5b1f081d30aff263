//! Reads YAML into a tree of texts with their positions.
//!
//! Every scalar stays the text that was written, and the code that uses it
//! decides its type. A token such as `0123` or `1e5` thus keeps its digits, a
//! customer called `no` stays a name, and `${NAME}` can be a number.

use std::collections::HashMap;
use std::fmt;

use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

/// Maximum size that a file's aliases may expand to, in bytes (roughly).
///
/// A few lines of nested aliases can describe billions of values; ten thousand
/// tenants with objectives of their own need less than a tenth of this.
const MAX_SIZE_BYTES: usize = 64 << 20;

/// One value of the file; not `Debug`, as it may be a secret.
#[derive(Clone)]
pub(crate) struct Node {
    /// Offset in the file, which orders problems.
    pub(crate) position: usize,
    pub(crate) content: Content,
    size: usize,
}

/// A value before it is decoded to a type.
#[derive(Clone)]
pub(crate) enum Content {
    /// Nothing, `~` or an unquoted `null`.
    Null,
    /// Any other scalar, as written.
    Text(String),
    List(Vec<Node>),
    /// In the file's order, repeated keys included.
    Mapping(Vec<Entry>),
}

/// One key of a mapping and its value.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_position: usize,
    pub(crate) value: Node,
}

/// Why the text is not a valid document, without quoting the text, which contains secrets.
#[derive(Debug)]
pub(crate) struct Error {
    line: usize,
    column: usize,
    reason: String,
}

impl Error {
    fn new(marker: &Marker, reason: impl Into<String>) -> Self {
        Self { line: marker.line(), column: marker.col() + 1, reason: reason.into() }
    }
}

impl From<ScanError> for Error {
    fn from(error: ScanError) -> Self {
        Self::new(error.marker(), format!("not valid YAML: {}", error.info()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

impl Node {
    fn new(position: usize, content: Content) -> Self {
        let held = match &content {
            Content::Null => 0,
            Content::Text(text) => text.len(),
            Content::List(items) => items.iter().map(|item| item.size).sum(),
            Content::Mapping(entries) => entries.iter().map(|entry| entry.key.len() + entry.value.size).sum(),
        };
        Self { position, content, size: size_of::<Entry>() + held }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.content, Content::Null)
    }
}

/// Reads the single document of a text; an empty text is null.
pub(crate) fn read(text: &str) -> Result<Node, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), copied: 0 };
    let mut document = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(document.unwrap_or_else(|| Node::new(0, Content::Null))),
            Event::DocumentStart(..) if document.is_some() => {
                return Err(Error::new(&span.start, "unexpected second YAML document"));
            }
            Event::DocumentStart(..) => {
                let (event, span) = reader.next()?;
                document = Some(reader.node(event, &span)?);
            }
            _ => {}
        }
    }
}

struct Reader<'text> {
    parser: Parser<'text, StrInput<'text>>,
    anchors: HashMap<usize, Node>,
    /// The size of all copies made for anchors and aliases.
    copied: usize,
}

impl<'text> Reader<'text> {
    fn next(&mut self) -> Result<(Event<'text>, Span), Error> {
        match self.parser.next() {
            Some(next) => Ok(next?),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// The value that begins with `event`. Recursion is bounded by the parser's own limits on nesting.
    fn node(&mut self, event: Event<'text>, span: &Span) -> Result<Node, Error> {
        let position = span.start.index();
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_custom(tag.as_deref(), span)?;
                let plain = style == ScalarStyle::Plain;
                let is_null = plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                (if is_null { Content::Null } else { Content::Text(text.into_owned()) }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_custom(tag.as_deref(), span)?;
                (Content::List(self.items()?), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_custom(tag.as_deref(), span)?;
                (Content::Mapping(self.entries()?), anchor)
            }
            Event::Alias(anchor) => return self.alias(anchor, span),
            _ => return Err(Error::new(&span.start, "expected a value")),
        };
        let node = Node::new(position, content);
        if anchor != 0 {
            reserve(&mut self.copied, &node, span)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn items(&mut self) -> Result<Vec<Node>, Error> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, &span)?),
            }
        }
    }

    fn entries(&mut self) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        loop {
            let (event, key_span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(Error::new(&key_span.start, "a key must be text")),
            };
            let (event, span) = self.next()?;
            let value = self.node(event, &span)?;
            entries.push(Entry { key, key_position: key_span.start.index(), value });
        }
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<Node, Error> {
        // An anchor is defined once its value is complete, so a recursive one never is.
        let node = self.anchors.get(&anchor).ok_or_else(|| Error::new(&span.start, "recursive alias"))?;
        reserve(&mut self.copied, node, span)?;
        Ok(node.clone())
    }
}

/// Counts one more copy of `node`, before it is made.
fn reserve(copied: &mut usize, node: &Node, span: &Span) -> Result<(), Error> {
    *copied = copied.saturating_add(node.size);
    if *copied > MAX_SIZE_BYTES {
        return Err(Error::new(&span.start, "aliases expand to more than 64 MiB"));
    }
    Ok(())
}

/// Rejects tags: one such as `!env` would be ignored silently, although an effect is expected.
fn refuse_custom(tag: Option<&Tag>, span: &Span) -> Result<(), Error> {
    match tag {
        Some(tag) if tag.is_custom() => Err(Error::new(&span.start, "tags (\"!...\") are not supported")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_the_text_that_was_written() {
        for (yaml, text) in [("0123", "0123"), ("1e5", "1e5"), ("no", "no"), ("'null'", "null"), ("\"\"", "")] {
            match read(yaml).unwrap().content {
                Content::Text(found) => assert_eq!(found, text),
                _ => panic!("{yaml} is not text"),
            }
        }
    }

    #[test]
    fn nothing_and_null_are_null() {
        for yaml in ["", "# only a comment\n", "~", "null", "---\n"] {
            assert!(read(yaml).unwrap().is_null(), "{yaml:?}");
        }
    }

    #[test]
    fn a_key_that_looks_like_a_number_is_text() {
        let Content::Mapping(entries) = read("440032: 1\n1.50: 2\n").unwrap().content else { panic!("a mapping") };
        assert_eq!(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["440032", "1.50"]);
    }

    #[test]
    fn an_alias_stands_for_its_anchor() {
        let Content::List(items) = read("[&a {x: 1}, *a]").unwrap().content else { panic!("a list") };
        assert!(matches!(&items[1].content, Content::Mapping(entries) if entries[0].key == "x"));
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(read(&bomb).err().unwrap().to_string().contains("aliases expand to more than"));
    }

    #[test]
    fn what_cannot_be_a_document_is_refused_with_its_place() {
        for (yaml, message) in [
            ("a: 1\n---\nb: 2\n", "line 2, column 1: unexpected second YAML document"),
            ("&a [*a]", "line 1, column 5: recursive alias"),
            ("a: !env X\n", "line 1, column 9: tags (\"!...\") are not supported"),
            ("{[1]: 2}", "line 1, column 2: a key must be text"),
        ] {
            assert_eq!(read(yaml).err().unwrap().to_string(), message);
        }
    }

    #[test]
    fn nesting_without_end_is_refused() {
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(read(&"{a: ".repeat(100_000)).is_err());
    }
}
