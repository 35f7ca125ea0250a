//! Which declaration a name means.

use super::suggest::{nearest, short};
use super::syntax::{Builtin, Code, KEYWORDS, Op, Span, Statement, Step};
use super::{LossError, LossErrorKind, foreign, hints};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::RangeInclusive;

/// What a name was declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Parameter,
    Constant,
    Let,
    Function { arguments: u32 },
    Data,
}

impl What {
    pub(super) fn describe(self) -> &'static str {
        match self {
            What::Parameter => "a parameter",
            What::Constant => "a constant",
            What::Let => "a name for an expression",
            What::Function { .. } => "a function",
            What::Data => "data",
        }
    }
}

/// A declaration: what, and the index of its value or function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    pub(super) what: What,
    pub(super) index: u32,
    span: Option<Span>,
}

/// The declarations so far, and those to come.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    source: &'a str,
    declared: FxHashMap<&'a str, Declared>,
    /// In order of declaration, for suggestions.
    order: Vec<&'a str>,
    later: FxHashMap<&'a str, Span>,
    /// Names in statements that could not be read: they may have been declared there.
    doubtful: FxHashSet<&'a str>,
    /// Names whose declaration was refused, so that their uses are no further errors.
    refused: FxHashSet<&'a str>,
}

impl<'a> Names<'a> {
    /// Notes which names a list of statements will declare.
    pub(super) fn new(source: &'a str, statements: &[Statement]) -> Self {
        let mut names = Self { source, ..Self::default() };
        for statement in statements {
            let spans: Vec<Span> = match statement {
                Statement::Param(items) => items.iter().map(|p| p.name).collect(),
                Statement::Const(items) | Statement::Let(items) => items.iter().map(|b| b.name).collect(),
                Statement::Def { name, .. } => vec![*name],
                Statement::Data(items) => items.iter().map(|item| item.name).collect(),
                Statement::Broken(span) => {
                    let words = span.text(source).split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    names.doubtful.extend(words.filter(|w| !w.is_empty() && !KEYWORDS.contains(w)));
                    Vec::new()
                }
                Statement::Test(_) | Statement::Loss { .. } | Statement::Expression(_) => Vec::new(),
            };
            for span in spans {
                names.later.entry(span.text(source)).or_insert(span);
            }
        }
        names
    }

    /// Declares a name that does not stand in the text.
    pub(super) fn give(&mut self, name: &'a str, what: What, index: u32) {
        self.declared.insert(name, Declared { what, index, span: None });
        self.order.push(name);
    }

    /// Declares the name at `span`, or says why it cannot be.
    pub(super) fn declare(&mut self, span: Span, what: What, index: u32) -> Result<(), Box<LossError>> {
        let name = span.text(self.source);
        if let Err(error) = self.check_free(span) {
            self.refused.insert(name);
            return Err(error);
        }
        if let Some(earlier) = self.declared.get(name) {
            let error = LossError::new(span.range(), LossErrorKind::Redeclared(short(name)));
            return Err(Box::new(match earlier.span {
                Some(first) => error.note(format!("first declared at {}", self.place(first))),
                None => error,
            }));
        }
        self.declared.insert(name, Declared { what, index, span: Some(span) });
        self.order.push(name);
        Ok(())
    }

    /// Refuses the names that the language keeps.
    fn check_free(&self, span: Span) -> Result<(), Box<LossError>> {
        let name = span.text(self.source);
        let what = if KEYWORDS.contains(&name) {
            "a word that starts statements"
        } else if name == "pi" {
            "the number π"
        } else if Builtin::named(name).is_some_and(|b| !b.is_shadowed()) {
            "a function of the language"
        } else {
            return Ok(());
        };
        let error = LossError::new(span.range(), LossErrorKind::Reserved { name: name.to_owned(), what });
        Err(Box::new(error.help(format!("take another name, such as my_{name}"))))
    }

    pub(super) fn get(&self, name: &str) -> Option<Declared> {
        self.declared.get(name).copied()
    }

    /// Whether a name may have been declared where it could not be.
    pub(super) fn is_doubtful(&self, name: &str) -> bool {
        self.doubtful.contains(name) || self.refused.contains(name)
    }

    /// The declared constants, for suggestions.
    pub(super) fn constants(&self) -> impl Iterator<Item = &'a str> {
        self.order.iter().copied().filter(|n| self.declared.get(n).is_some_and(|d| d.what == What::Constant))
    }

    pub(super) fn place(&self, span: Span) -> String {
        let before = self.source.get(..span.start()).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        format!("{line}:{}", before[start..].chars().count() + 1)
    }

    /// Looks up every name of an expression within the declaration of `own`, if one; `arguments` are a function's.
    pub(super) fn resolve(
        &self,
        code: &Code,
        arguments: &[Span],
        own: Option<Span>,
        errors: &mut Vec<LossError>,
    ) -> Code {
        let mut locals: Vec<&str> = Vec::new();
        for argument in arguments {
            let name = argument.text(self.source);
            if let Err(error) = self.check_free(*argument) {
                errors.push(*error);
            } else if locals.contains(&name) {
                errors.push(LossError::new(argument.range(), LossErrorKind::Redeclared(short(name))));
            }
            locals.push(name);
        }
        let own = own.map(|span| span.text(self.source));
        let mut steps: Vec<Step> = Vec::with_capacity(code.steps.len());
        for step in code.steps.iter() {
            let op = match &step.op {
                Op::Name => self.name(step.span, &locals, own, errors),
                Op::Call { name, arguments } => self.call(*name, *arguments, step.span, &locals, own, errors),
                Op::SumBegin { variable, .. } => {
                    if let Err(error) = self.check_free(*variable) {
                        errors.push(*error);
                    }
                    locals.push(variable.text(self.source));
                    step.op.clone()
                }
                Op::SumEnd { .. } => {
                    locals.pop();
                    step.op.clone()
                }
                op => op.clone(),
            };
            steps.push(Step { op, span: step.span });
        }
        Code { steps: steps.into(), span: code.span }
    }

    fn name(&self, span: Span, locals: &[&str], own: Option<&str>, errors: &mut Vec<LossError>) -> Op {
        let name = span.text(self.source);
        if let Some(index) = locals.iter().rposition(|l| *l == name) {
            return Op::Local(u32::try_from(index).unwrap_or(u32::MAX));
        }
        let refused = Op::Refused { operands: 0 };
        if self.refused.contains(name) {
            return refused;
        }
        if name == "pi" {
            return Op::Pi;
        }
        if own == Some(name) {
            errors.push(LossError::new(span.range(), LossErrorKind::SelfReference(short(name))));
            return refused;
        }
        match self.declared.get(name) {
            Some(Declared { what: What::Function { .. }, .. }) => {
                errors.push(
                    LossError::new(span.range(), LossErrorKind::FunctionAsValue(short(name)))
                        .help(format!("call it: {}(…)", short(name))),
                );
                return refused;
            }
            Some(declared) => return Op::Global(declared.index),
            None => {}
        }
        if self.doubtful.contains(name) {
            return refused;
        }
        if let Some(later) = self.later.get(name) {
            errors.push(self.early(span, *later));
            return refused;
        }
        if name == "e" {
            return Op::Euler;
        }
        if Builtin::named(name).is_some() {
            errors.push(
                LossError::new(span.range(), LossErrorKind::FunctionAsValue(short(name)))
                    .help(format!("call it: {name}(…)")),
            );
            return refused;
        }
        let values = self
            .order
            .iter()
            .copied()
            .filter(|n| self.declared.get(n).is_some_and(|d| !matches!(d.what, What::Function { .. })));
        let candidates = locals.iter().copied().chain(values).chain(["pi"]);
        let error = LossError::new(span.range(), LossErrorKind::Undeclared(short(name)));
        errors.push(match (foreign::word(name), nearest(name, candidates)) {
            (Some(help), _) => error.help(help),
            (None, Some(near)) => error.did_you_mean(Some(near)),
            (None, None) => {
                error.help(format!("declare it above: param {0}, const {0} = … or let {0} = …", short(name)))
            }
        });
        refused
    }

    fn early(&self, span: Span, later: Span) -> LossError {
        let name = short(span.text(self.source));
        LossError::new(span.range(), LossErrorKind::UsedEarly(name))
            .help(format!("move its declaration, at {}, above this line", self.place(later)))
    }

    fn call(
        &self,
        name_span: Span,
        count: u32,
        span: Span,
        locals: &[&str],
        own: Option<&str>,
        errors: &mut Vec<LossError>,
    ) -> Op {
        let name = name_span.text(self.source);
        let refused = Op::Refused { operands: count };
        let arity = |expected: RangeInclusive<u32>, op: Op, errors: &mut Vec<LossError>| {
            if expected.contains(&count) {
                return op;
            }
            let kind = LossErrorKind::WrongArguments {
                function: short(name),
                expected: *expected.start() as usize..=*expected.end() as usize,
                found: count as usize,
            };
            let error = LossError::new(span.range(), kind);
            errors.push(match hints::of_arguments(name, count) {
                Some(help) if matches!(op, Op::Builtin { .. }) => error.help(help),
                _ => error,
            });
            Op::Refused { operands: count }
        };
        if locals.contains(&name) {
            let kind = LossErrorKind::NotAFunction { name: short(name), what: "a local name" };
            errors.push(LossError::new(name_span.range(), kind).help("products are written with `*`"));
            return refused;
        }
        if self.refused.contains(name) {
            return refused;
        }
        let builtin = Builtin::named(name);
        let call = |builtin: Builtin| Op::Builtin { builtin, arguments: count };
        if let Some(builtin) = builtin.filter(|b| !b.is_shadowed()) {
            return arity(builtin.arguments(), call(builtin), errors);
        }
        if own == Some(name) {
            let error = LossError::new(name_span.range(), LossErrorKind::SelfReference(short(name)));
            errors.push(error.help("functions cannot be recursive"));
            return refused;
        }
        match self.declared.get(name) {
            Some(Declared { what: What::Function { arguments }, index, .. }) => {
                return arity(*arguments..=*arguments, Op::Expand { def: *index, arguments: count }, errors);
            }
            Some(declared) => {
                let kind = LossErrorKind::NotAFunction { name: short(name), what: declared.what.describe() };
                errors.push(LossError::new(name_span.range(), kind).help("products are written with `*`"));
                return refused;
            }
            None => {}
        }
        if self.doubtful.contains(name) {
            return refused;
        }
        if let Some(later) = self.later.get(name) {
            errors.push(self.early(name_span, *later));
            return refused;
        }
        if let Some(builtin) = builtin {
            return arity(builtin.arguments(), call(builtin), errors);
        }
        if matches!(name, "e" | "pi") {
            let kind = LossErrorKind::NotAFunction { name: name.to_owned(), what: "a number" };
            errors.push(LossError::new(name_span.range(), kind).help("products are written with `*`"));
            return refused;
        }
        let functions = self
            .order
            .iter()
            .copied()
            .filter(|n| self.declared.get(n).is_some_and(|d| matches!(d.what, What::Function { .. })));
        let error = LossError::new(name_span.range(), LossErrorKind::UnknownFunction(short(name)));
        errors.push(match foreign::function(name) {
            Some(help) => error.help(help),
            None => error.did_you_mean(nearest(name, Builtin::all().map(|b| b.name()).chain(functions))),
        });
        refused
    }
}
