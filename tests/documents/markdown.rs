//! Reads the pages of the repository: blocks, links, headings and words in code.

use std::collections::BTreeSet;
use std::path::PathBuf;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::alerts::files::repository;

/// A page and what of it can be held to something.
#[derive(Debug)]
pub(crate) struct Page {
    /// Relative to the repository, such as `docs/INSTALL.md`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
    /// The targets of links and images, with their lines.
    pub(crate) links: Vec<(usize, String)>,
    /// What can follow a `#`.
    pub(crate) anchors: BTreeSet<String>,
    /// What stands between backquotes in prose, with its line.
    pub(crate) code: Vec<(usize, String)>,
}

/// A block of code.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// Of its first line, counted from 1.
    pub(crate) line: usize,
    /// Empty where none is given.
    pub(crate) language: String,
    pub(crate) text: String,
}

impl Page {
    /// Where a line of it is, as an editor opens it.
    pub(crate) fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    fn read(path: String) -> Self {
        let text = std::fs::read_to_string(repository().join(&path)).unwrap();
        let mut page =
            Self { path, blocks: vec![], links: vec![], anchors: BTreeSet::new(), code: vec![], text: text.clone() };
        let mut block: Option<Block> = None;
        let mut heading: Option<String> = None;
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            let line = 1 + text[..range.start].matches('\n').count();
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(language) => language.into_string(),
                        CodeBlockKind::Indented => "indented".to_owned(),
                    };
                    block = Some(Block { line, language, text: String::new() });
                }
                Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.anchors.extend(heading.take().map(|words| anchor(&words))),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push((line, dest_url.into_string()));
                }
                Event::Text(words) => {
                    if let Some(block) = &mut block {
                        block.text += &words;
                    } else if let Some(heading) = &mut heading {
                        *heading += &words;
                    }
                }
                Event::Code(words) => {
                    if let Some(heading) = &mut heading {
                        *heading += &words;
                    }
                    page.code.push((line, words.into_string()));
                }
                _ => {}
            }
        }
        page
    }
}

/// The name by which GitHub lets a heading be linked to.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|character| character.is_alphanumeric() || [' ', '-', '_'].contains(character));
    kept.map(|character| if character == ' ' { '-' } else { character }).collect()
}

/// Every page that is kept in the repository, in order.
pub(crate) fn pages() -> Vec<Page> {
    let mut folders = vec![PathBuf::new()];
    let mut paths = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(repository().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name().into_string().unwrap();
            // What is built, and what belongs to git.
            if entry.file_type().unwrap().is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if name.ends_with(".md") {
                paths.insert(path.to_str().unwrap().to_owned());
            }
        }
    }
    assert!(paths.len() > 40 && paths.contains("README.md"), "{paths:?}");
    paths.into_iter().map(Page::read).collect()
}

/// The page of this path.
pub(crate) fn page(path: &str) -> Page {
    Page::read(path.to_owned())
}

#[test]
fn a_page_is_taken_apart_as_a_reader_sees_it() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("page.md");
    std::fs::write(
        &path,
        "# `POST /-/reload`, and *why*\n\n1. See [there](a.md#b) and `--flag x`.\n\n   ```sh\n   echo '```'\n   ```\n\n    loose\n",
    )
    .unwrap();
    let page = Page::read(path.to_str().unwrap().to_owned());
    assert!(page.anchors.contains("post--reload-and-why"), "{:?}", page.anchors);
    assert_eq!(page.links, [(3, "a.md#b".to_owned())]);
    assert_eq!(page.code, [(1, "POST /-/reload".to_owned()), (3, "--flag x".to_owned())]);
    assert_eq!((page.blocks[0].line, page.blocks[0].language.as_str()), (5, "sh"));
    assert_eq!(page.blocks[0].text, "echo '```'\n");
}
