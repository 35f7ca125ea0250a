//! Reads the source: its modules, what each defines and imports, and which file every path leads to.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// What a name of a module stands for.
#[derive(Debug, Clone)]
enum Meaning {
    /// An item that is defined here.
    Item,
    /// A module, by its place in the list.
    Module(usize),
    /// A path that was imported under this name, public or not.
    Import(Vec<String>),
    /// A module whose file is outside of the source.
    Elsewhere,
}

#[derive(Debug)]
struct Module {
    parent: Option<usize>,
    file: String,
    names: BTreeMap<String, Meaning>,
    globs: Vec<Vec<String>>,
}

/// That one file uses what another defines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Whether it stands in test code.
    pub(crate) test: bool,
    /// The path as written, where it stands first.
    pub(crate) path: String,
}

impl std::fmt::Display for Arrow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to, path, test } = self;
        write!(f, "{from} uses {to}: `{path}`{}", if *test { " in a test" } else { "" })
    }
}

/// A string that is formatted, outside of tests.
#[derive(Debug)]
pub(crate) struct Format {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {:?}", self.file, self.line, self.text)
    }
}

/// What is written where, before names are looked up.
struct Mention {
    module: usize,
    path: Vec<String>,
    test: bool,
}

#[derive(Default)]
pub(crate) struct Source {
    modules: Vec<Module>,
    mentions: Vec<Mention>,
    pub(crate) formats: Vec<Format>,
}

impl Source {
    /// The library and the program in `src`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut source = Self::default();
        for file in ["lib.rs", "main.rs"].map(|file| root.join("src").join(file)) {
            if file.exists() {
                source.add_file(root, &file, None, false);
            }
        }
        source
    }

    pub(crate) fn files(&self) -> BTreeSet<&str> {
        self.modules.iter().map(|m| &*m.file).collect()
    }

    fn add_file(&mut self, root: &Path, path: &Path, parent: Option<usize>, test: bool) -> usize {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let folder = path.parent().unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let inside = if ["lib", "main", "mod"].contains(&stem) { folder.to_owned() } else { folder.join(stem) };
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        self.add_module(root, &name, &inside, &file.items, parent, test)
    }

    fn add_module(
        &mut self,
        root: &Path,
        file: &str,
        inside: &Path,
        items: &[syn::Item],
        parent: Option<usize>,
        test: bool,
    ) -> usize {
        let this = self.modules.len();
        self.modules.push(Module { parent, file: file.to_owned(), names: BTreeMap::new(), globs: Vec::new() });
        let mut reader = Reader { source: self, root, inside, module: this, test };
        for item in items {
            reader.visit_item(item);
        }
        this
    }

    fn root_of(&self, mut module: usize) -> usize {
        while let Some(parent) = self.modules[module].parent {
            module = parent;
        }
        module
    }

    /// The module that a path leads into, and whether to the module itself; none where it leads out of the source.
    fn find(&self, module: usize, path: &[String], open: &mut Vec<(usize, String)>) -> Option<(usize, bool)> {
        let mut at = module;
        let mut rest = path;
        let mut anchored = false;
        while let Some((first, others)) = rest.split_first() {
            match &**first {
                "crate" => at = self.root_of(at),
                // The program's own crate, from `main.rs`.
                "shadowflow" if !anchored && self.modules[at].file.ends_with("main.rs") => at = 0,
                "self" => {}
                "super" => at = self.modules[at].parent?,
                _ => break,
            }
            anchored = true;
            rest = others;
        }
        let Some((first, others)) = rest.split_first() else { return Some((at, true)) };
        self.name(at, first, others, open)
    }

    /// The same for a name in a module, of which `open` are being looked for.
    fn name(&self, at: usize, name: &str, rest: &[String], open: &mut Vec<(usize, String)>) -> Option<(usize, bool)> {
        // A name is looked for once on a way: what leads back to it is another crate's.
        let place = (at, name.to_owned());
        if open.contains(&place) {
            return None;
        }
        open.push(place);
        let found = match self.modules[at].names.get(name) {
            Some(Meaning::Item) => Some((at, false)),
            Some(Meaning::Elsewhere) => Some((at, true)),
            Some(Meaning::Module(inner)) if rest.is_empty() => Some((*inner, true)),
            Some(Meaning::Module(inner)) => self.name(*inner, &rest[0], &rest[1..], open),
            Some(Meaning::Import(path)) => {
                let whole: Vec<String> = path.iter().chain(rest).cloned().collect();
                self.find(at, &whole, open)
            }
            None => self.modules[at].globs.iter().find_map(|glob| {
                let whole: Vec<String> =
                    glob.iter().cloned().chain([name.to_owned()]).chain(rest.iter().cloned()).collect();
                self.find(at, &whole, open)
            }),
        };
        open.pop();
        found
    }

    /// Every use of one file by another, and the paths from the crate's root that lead nowhere.
    pub(crate) fn arrows(&self) -> (BTreeSet<Arrow>, Vec<String>) {
        let mut arrows: BTreeMap<(String, String, bool), String> = BTreeMap::new();
        let mut lost = Vec::new();
        for mention in &self.mentions {
            let from = &self.modules[mention.module];
            let path = mention.path.join("::");
            match self.find(mention.module, &mention.path, &mut Vec::new()) {
                // A module alone is named for what is in it, which other paths say.
                Some((_, true)) => {}
                Some((to, false)) => {
                    let to = &self.modules[to].file;
                    if *to != from.file {
                        arrows.entry((from.file.clone(), to.clone(), mention.test)).or_insert(path);
                    }
                }
                None if ["crate", "self", "super"].contains(&&*mention.path[0]) => {
                    lost.push(format!("{}: {path}", from.file));
                }
                None => {}
            }
        }
        let arrows = arrows.into_iter().map(|((from, to, test), path)| Arrow { from, to, test, path });
        (arrows.collect(), lost)
    }
}

/// Walks through the items of one module.
struct Reader<'a> {
    source: &'a mut Source,
    root: &'a Path,
    /// Where the files of inner modules are.
    inside: &'a Path,
    module: usize,
    test: bool,
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| {
        a.path().is_ident("test")
            || a.path().is_ident("cfg") && a.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

impl Reader<'_> {
    fn define(&mut self, name: &syn::Ident, meaning: Meaning) {
        self.source.modules[self.module].names.insert(name.to_string(), meaning);
    }

    fn mention(&mut self, path: Vec<String>) {
        self.source.mentions.push(Mention { module: self.module, path, test: self.test });
    }

    fn add_use(&mut self, tree: &syn::UseTree, before: &[String], public: bool) {
        let with = |ident: &syn::Ident| {
            let name = ident.to_string();
            // `{self}` is what stands before it.
            before.iter().cloned().chain((name != "self" || before.is_empty()).then_some(name)).collect::<Vec<_>>()
        };
        let import = |reader: &mut Self, name: String, path: Vec<String>| {
            // What is handed on is no use of it.
            if !public {
                reader.mention(path.clone());
            }
            if path.len() > 1 || path[0] != name {
                reader.source.modules[reader.module].names.entry(name).or_insert(Meaning::Import(path));
            }
        };
        match tree {
            syn::UseTree::Path(path) => self.add_use(&path.tree, &with(&path.ident), public),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(tree, before, public)),
            syn::UseTree::Name(name) => {
                let path = with(&name.ident);
                import(self, path.last().unwrap().clone(), path);
            }
            syn::UseTree::Rename(rename) => import(self, rename.rename.to_string(), with(&rename.ident)),
            syn::UseTree::Glob(_) => self.source.modules[self.module].globs.push(before.to_vec()),
        }
    }

    /// Paths in what a macro is given, which is not parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match &token {
                TokenTree::Punct(p) if p.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) if colons == 2 => path.push(ident.to_string()),
                _ => {
                    if !path.is_empty() {
                        self.mention(std::mem::take(&mut path));
                    }
                    match &token {
                        TokenTree::Ident(ident) => path.push(ident.to_string()),
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        _ => {}
                    }
                }
            }
            colons = 0;
        }
        if !path.is_empty() {
            self.mention(path);
        }
    }

    fn format(&mut self, literal: &proc_macro2::Literal) {
        if let Ok(syn::Lit::Str(text)) = syn::parse_str::<syn::Lit>(&literal.to_string())
            && !self.test
        {
            let file = self.source.modules[self.module].file.clone();
            let line = literal.span().start().line;
            self.source.formats.push(Format { file, line, text: text.value() });
        }
    }
}

/// The name and the attributes of an item.
fn head(item: &syn::Item) -> (Option<&syn::Ident>, &[syn::Attribute]) {
    use syn::Item as I;
    match item {
        I::Const(i) => (Some(&i.ident), &i.attrs),
        I::Enum(i) => (Some(&i.ident), &i.attrs),
        I::Fn(i) => (Some(&i.sig.ident), &i.attrs),
        I::Impl(i) => (None, &i.attrs),
        I::Macro(i) => (i.ident.as_ref(), &i.attrs),
        I::Mod(i) => (None, &i.attrs),
        I::Static(i) => (Some(&i.ident), &i.attrs),
        I::Struct(i) => (Some(&i.ident), &i.attrs),
        I::Trait(i) => (Some(&i.ident), &i.attrs),
        I::Type(i) => (Some(&i.ident), &i.attrs),
        I::Use(i) => (None, &i.attrs),
        _ => (None, &[]),
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (name, attributes) = head(item);
        let outer = self.test;
        self.test |= is_test(attributes);
        if let Some(name) = name {
            self.define(name, Meaning::Item);
        }
        visit::visit_item(self, item);
        self.test = outer;
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let name = item.ident.to_string();
        let placed = item.attrs.iter().find(|a| a.path().is_ident("path"));
        // What is shared with `tests/` is none of the source.
        if placed.is_some() {
            self.define(&item.ident, Meaning::Elsewhere);
            return;
        }
        let inner = match &item.content {
            Some((_, items)) => {
                let file = self.source.modules[self.module].file.clone();
                let inside = self.inside.join(&name);
                self.source.add_module(self.root, &file, &inside, items, Some(self.module), self.test)
            }
            None => {
                let places = [self.inside.join(format!("{name}.rs")), self.inside.join(&name).join("mod.rs")];
                let path: &PathBuf = places.iter().find(|p| p.exists()).unwrap_or_else(|| panic!("no file for {name}"));
                self.source.add_file(self.root, path, Some(self.module), self.test)
            }
        };
        self.define(&item.ident, Meaning::Module(inner));
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.mention(path.segments.iter().map(|s| s.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.visit_path(&item.path);
        let name = item.path.segments.last().unwrap().ident.to_string();
        if ["format", "write", "writeln", "format_args"].contains(&&*name) {
            // The first string is what is formatted.
            let literal = item.tokens.clone().into_iter().find_map(|token| match token {
                TokenTree::Literal(literal) => Some(literal),
                _ => None,
            });
            if let Some(literal) = literal {
                self.format(&literal);
            }
        }
        self.tokens(item.tokens.clone());
    }
}
