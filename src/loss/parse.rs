//! From text to statements, by the grammar.

use super::code::code;
use super::expected;
use super::scan::{Piece, scan};
use super::suggest::{nearest, short};
use super::syntax::{Binding, Code, DataItem, FileName, Initial, KEYWORDS, Parameter, Pick, Selected, Span, Statement};
use super::{LossError, LossErrorKind, LossErrors, Options, hints};
use pest::Parser;
use pest::iterators::Pair;

mod grammar {
    // The derive macro's output is not documented and is no part of the interface.
    #![allow(missing_docs, clippy::all, reason = "generated from the grammar")]
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/loss.pest"]
    pub(crate) struct LossGrammar;
}
pub(super) use grammar::{LossGrammar, Rule};

/// The parser recurses with the nesting of brackets, so statements that nest deeper than this are parsed on a thread with
/// a stack for the deepest that is allowed.
const DEPTH_ON_THIS_STACK: usize = 16;
/// One level takes less than 12 KiB in unoptimised builds, as measured; this leaves a margin.
const STACK_PER_LEVEL: usize = 64 << 10;

/// Whether a text is a whole loss or an expression after `let` lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Loss,
    Expression,
}

/// All statements of a text; for those with an error [`Statement::Broken`] stands in.
pub(super) fn parse(source: &str, mode: Mode, options: &Options, errors: &mut Vec<LossError>) -> Vec<Statement> {
    let pieces = scan(source, options, errors);
    let mut statements = Vec::with_capacity(pieces.len());
    let last = pieces.len().saturating_sub(1);
    for (k, piece) in pieces.into_iter().enumerate() {
        if errors.len() >= LossErrors::MAX {
            break;
        }
        let broken = Statement::Broken(piece.span);
        if piece.broken {
            statements.push(broken);
            continue;
        }
        let bare = mode == Mode::Expression && k == last;
        let parsed = if piece.depth <= DEPTH_ON_THIS_STACK {
            statement(source, piece, bare, options)
        } else {
            on_deep_stack(piece.depth, || statement(source, piece, bare, options))
        };
        match parsed {
            Ok(statement) => statements.push(statement),
            Err(error) => {
                errors.push(*error);
                statements.push(broken);
            }
        }
    }
    statements
}

fn on_deep_stack<T: Send>(
    depth: usize,
    work: impl FnOnce() -> Result<T, Box<LossError>> + Send,
) -> Result<T, Box<LossError>> {
    let stack = (depth + 32).saturating_mul(STACK_PER_LEVEL);
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(stack);
        let started = builder.spawn_scoped(scope, work);
        match started.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(Box::new(LossError::new(0..0, LossErrorKind::Unreadable(error.to_string())))),
        }
    })
}

fn statement(source: &str, piece: Piece, bare: bool, options: &Options) -> Result<Statement, Box<LossError>> {
    let text = piece.span.text(source);
    let offset = piece.span.start();
    if !bare {
        check_word(text, offset)?;
    }
    let rule = if bare { Rule::line_of_expression } else { Rule::line };
    let pairs = LossGrammar::parse(rule, text)
        .map_err(|e| Box::new(expected::describe(&e, source, piece.span, options.max_depth)))?;
    let reader = Reader { source, offset, max_depth: options.max_depth };
    for pair in pairs {
        if pair.as_rule() != Rule::EOI {
            return reader.statement(pair);
        }
    }
    // The grammar has a statement in every line; this is never reached.
    Err(Box::new(LossError::new(piece.span.range(), LossErrorKind::UnknownStatement(short(text)))))
}

/// Refuses a statement that does not start with one of the words that start them.
fn check_word(text: &str, offset: usize) -> Result<(), Box<LossError>> {
    let word = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(text, |end| &text[..end]);
    if KEYWORDS.contains(&word) {
        return Ok(());
    }
    let shown = if word.is_empty() { text.chars().take(1).collect() } else { word.to_owned() };
    let error = LossError::new(offset..offset + shown.len(), LossErrorKind::UnknownStatement(short(&shown)))
        .label("expected param, const, let, def, data, test or loss");
    if let Some(help) = hints::of_line(word, text) {
        return Err(Box::new(error.help(help)));
    }
    Err(Box::new(match nearest(word, KEYWORDS) {
        Some(near) => error.did_you_mean(Some(near)),
        None => error.help("a statement goes on over the end of its line only while a bracket is open"),
    }))
}

struct Reader<'a> {
    source: &'a str,
    offset: usize,
    max_depth: usize,
}

type Read<T> = Result<T, Box<LossError>>;

impl Reader<'_> {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span::new(span.start() + self.offset, span.end() + self.offset)
    }

    fn code(&self, pair: Pair<'_, Rule>) -> Read<Code> {
        code(pair, self.source, self.offset, self.max_depth)
    }

    fn statement(&self, pair: Pair<'_, Rule>) -> Read<Statement> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        if rule == Rule::expression {
            return Ok(Statement::Expression(self.code(pair)?));
        }
        let mut items = pair.into_inner();
        let word = items.next().map_or(span, |word| self.span(&word));
        match rule {
            Rule::param => Ok(Statement::Param(items.map(|p| self.parameter(p)).collect::<Read<_>>()?)),
            Rule::constant => Ok(Statement::Const(items.map(|p| self.binding(p)).collect::<Read<_>>()?)),
            Rule::binding => Ok(Statement::Let(items.map(|p| self.binding(p)).collect::<Read<_>>()?)),
            Rule::def => {
                let (mut name, mut arguments, mut body) = (word, Vec::new(), None);
                for item in items {
                    match item.as_rule() {
                        Rule::name => name = self.span(&item),
                        Rule::arguments => arguments = item.into_inner().map(|a| self.span(&a)).collect(),
                        Rule::expression => body = Some(self.code(item)?),
                        _ => {}
                    }
                }
                let body = body.unwrap_or_else(|| self.nothing());
                Ok(Statement::Def { name, arguments, body })
            }
            Rule::data => Ok(Statement::Data(items.map(|p| self.data_item(p)).collect::<Read<_>>()?)),
            Rule::test => Ok(Statement::Test(items.map(|p| self.data_item(p)).collect::<Read<_>>()?)),
            _ => {
                let value = items.find(|i| i.as_rule() == Rule::expression);
                Ok(Statement::Loss { word, value: value.map_or_else(|| Ok(self.nothing()), |v| self.code(v))? })
            }
        }
    }

    /// The code of an expression that the grammar makes sure is there.
    fn nothing(&self) -> Code {
        Code { steps: [].into(), span: Span::new(self.offset, self.offset) }
    }

    fn parameter(&self, pair: Pair<'_, Rule>) -> Read<Parameter> {
        let mut parameter = Parameter { name: self.span(&pair), size: None, initial: None };
        for item in pair.into_inner() {
            let span = self.span(&item);
            match item.as_rule() {
                Rule::name => parameter.name = span,
                Rule::size => {
                    let axes = item.into_inner().map(|axis| self.code(axis)).collect::<Read<_>>()?;
                    parameter.size = Some((span, axes));
                }
                Rule::initial => {
                    for kind in item.into_inner() {
                        parameter.initial = Some(match kind.as_rule() {
                            Rule::zeros => Initial::Zeros,
                            Rule::expression => Initial::Expression(self.code(kind)?),
                            Rule::csv => Initial::Csv(self.file(kind)),
                            Rule::normal | Rule::uniform => self.drawn(kind)?,
                            _ => Initial::Glorot(span),
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(parameter)
    }

    fn binding(&self, pair: Pair<'_, Rule>) -> Read<Binding> {
        let mut binding = Binding { name: self.span(&pair), value: None };
        for item in pair.into_inner() {
            match item.as_rule() {
                Rule::name => binding.name = self.span(&item),
                Rule::expression => binding.value = Some(self.code(item)?),
                _ => {}
            }
        }
        Ok(binding)
    }

    /// `normal(s)` or `uniform(a, b)`.
    fn drawn(&self, pair: Pair<'_, Rule>) -> Read<Initial> {
        let span = self.span(&pair);
        let mut bounds = Vec::new();
        for item in pair.into_inner().filter(|item| item.as_rule() == Rule::expression) {
            bounds.push(self.code(item)?);
        }
        let last = bounds.pop().unwrap_or_else(|| self.nothing());
        Ok(match bounds.pop() {
            Some(low) => Initial::Uniform { low, high: last, span },
            None => Initial::Normal { deviation: last, span },
        })
    }

    fn file(&self, pair: Pair<'_, Rule>) -> FileName {
        let mut file = FileName { path: String::new(), span: self.span(&pair) };
        for item in pair.into_inner().filter(|item| item.as_rule() == Rule::text) {
            file.path = item.as_str().trim_matches('"').to_owned();
        }
        file
    }

    fn data_item(&self, pair: Pair<'_, Rule>) -> Read<DataItem> {
        let whole = self.span(&pair);
        let file = FileName { path: String::new(), span: whole };
        let mut data = DataItem { name: whole, file, selection: Vec::new(), brackets: whole };
        for item in pair.into_inner() {
            let span = self.span(&item);
            match item.as_rule() {
                Rule::name => data.name = span,
                Rule::csv => {
                    data.file = self.file(item);
                    data.brackets = span;
                }
                Rule::selection => {
                    data.brackets = span;
                    data.selection = item.into_inner().map(|p| self.selected(p)).collect::<Read<_>>()?;
                }
                _ => {}
            }
        }
        Ok(data)
    }

    fn selected(&self, pair: Pair<'_, Rule>) -> Read<Selected> {
        let span = self.span(&pair);
        let mut pick = Pick::Range(None, None);
        for item in pair.into_inner() {
            pick = match item.as_rule() {
                Rule::range => {
                    let (mut lower, mut upper) = (None, None);
                    for bound in item.into_inner() {
                        let to = if bound.as_rule() == Rule::lower { &mut lower } else { &mut upper };
                        *to = bound.into_inner().next().map(|code| self.code(code)).transpose()?;
                    }
                    Pick::Range(lower, upper)
                }
                _ => Pick::One(self.code(item)?),
            };
        }
        Ok(Selected { pick, span })
    }
}
