//! From statements to a loss: declarations in order, then the loss itself.

mod data;
mod start;

use super::data::Files;
use super::evaluate::{Def, Evaluator};
use super::initial::Start;
use super::moments::Moments;
use super::names::{Names, What};
use super::suggest::{nearest, short};
use super::syntax::{Binding, Code, Initial, Parameter, Span, Statement};
use super::{Classifier, LossError, LossErrorKind, Options};
use crate::expr::{Data, Id, Pool, Shape};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What the statements declare and state.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) loss: Option<Id>,
    pub(super) classifier: Option<Classifier>,
    pub(super) constants: Vec<(String, Option<Rational>)>,
    pub(super) starts: Vec<Option<Start>>,
    /// What `test` gives other data for.
    pub(super) test_data: Vec<Data>,
    /// The means and deviations of what was standardised, by place.
    moments: FxHashMap<Box<[(Span, i64)]>, Arc<Moments>>,
}

impl Resolved {
    /// The same with every single row of the data for testing twice, where there is one.
    pub(super) fn with_single_rows_twice(&self) -> Option<Self> {
        let rows = |data: &Data| data.shape().axes().first().copied();
        if self.test_data.iter().all(|data| rows(data) != Some(1)) {
            return None;
        }
        let twice = |data: &Data| {
            if rows(data) != Some(1) {
                return data.clone();
            }
            let mut axes = data.shape().axes().to_vec();
            axes[0] = 2;
            let values = [data.values(), data.values()].concat();
            Data::new(data.name(), Shape::new(&axes), values).unwrap_or_else(|_| data.clone())
        };
        let test_data = self.test_data.iter().map(twice).collect();
        Some(Self { test_data, moments: self.moments.clone(), ..Self::default() })
    }
}

/// Resolves statements against a pool, with `given` names for expressions of it. What was `trained` gives the data for testing that stand instead
/// of those of the same name, and the means and deviations that standardise them.
#[allow(clippy::too_many_arguments, reason = "what is read, and what reading it may use")]
pub(super) fn resolve(
    source: &str,
    statements: &[Statement],
    given: &[(String, Id)],
    trained: Option<&Resolved>,
    pool: &mut Pool,
    files: &mut Files,
    options: &Options,
    errors: &mut Vec<LossError>,
) -> Resolved {
    let mut names = Names::new(source, statements);
    let mut evaluator = Evaluator::new(pool, options, source);
    if let Some(trained) = trained {
        evaluator.moments.clone_from(&trained.moments);
    }
    for (name, id) in given {
        names.give(name, What::Let, index_of(evaluator.globals.len()));
        evaluator.globals.push(Some(*id));
        evaluator.declared.push(None);
    }
    let mut resolver =
        Resolver { source, names, evaluator, files, trained, options, resolved: Resolved::default(), first_loss: None };
    for statement in statements {
        if resolver.evaluator.exhausted {
            break;
        }
        resolver.statement(statement);
    }
    if !resolver.evaluator.exhausted {
        resolver.check_settings();
    }
    let Resolver { evaluator, mut resolved, .. } = resolver;
    resolved.classifier = resolved.loss.and_then(|loss| the_one(&evaluator.classifiers, evaluator.pool, loss));
    errors.extend(evaluator.errors);
    Resolved { moments: evaluator.moments, ..resolved }
}

/// The classifier that a loss depends on, if there is one and no other.
fn the_one(classifiers: &[Classifier], pool: &Pool, loss: Id) -> Option<Classifier> {
    if classifiers.is_empty() {
        return None;
    }
    let used: FxHashSet<Id> = pool.reachable(&[loss]).into_iter().collect();
    let mut those = classifiers.iter().filter(|c| used.contains(&c.logits) && used.contains(&c.labels));
    those.next().copied().filter(|_| those.next().is_none())
}

struct Resolver<'a> {
    source: &'a str,
    names: Names<'a>,
    evaluator: Evaluator<'a>,
    files: &'a mut Files,
    /// What the loss is on the data that it is trained on, where it is made of those for testing.
    trained: Option<&'a Resolved>,
    options: &'a Options,
    resolved: Resolved,
    first_loss: Option<Span>,
}

/// Statements are fewer than bytes, and those are fewer than 2^32.
fn index_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Resolver<'_> {
    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Param(items) => items.iter().for_each(|item| self.parameter(item)),
            Statement::Const(items) => items.iter().for_each(|item| self.constant(item)),
            Statement::Let(items) => {
                for item in items {
                    let value = item.value.as_ref().and_then(|code| self.value(code, Some(item.name)));
                    self.declare(item.name, What::Let, value);
                }
            }
            Statement::Def { name, arguments, body } => self.def(*name, arguments, body),
            Statement::Data(items) => items.iter().for_each(|item| self.data(item)),
            Statement::Test(items) => items.iter().for_each(|item| self.test(item)),
            Statement::Loss { word, value } => self.loss(*word, value),
            Statement::Expression(code) => self.resolved.loss = self.value(code, None),
            Statement::Broken(_) => {}
        }
    }

    fn declare(&mut self, name: Span, what: What, value: Option<Id>) {
        let index = index_of(self.evaluator.globals.len());
        self.evaluator.globals.push(value);
        self.evaluator.declared.push(Some(name));
        if let Some(id) = value
            && matches!(what, What::Constant | What::Let)
        {
            self.evaluator.pool.name_data(id, name.text(self.source));
        }
        if let Err(error) = self.names.declare(name, what, index) {
            self.evaluator.report(*error);
        }
    }

    /// Looks up names; `None` if one was refused.
    fn look_up(&mut self, code: &Code, arguments: &[Span], own: Option<Span>) -> (Code, bool) {
        let mut errors = Vec::new();
        let code = self.names.resolve(code, arguments, own, &mut errors);
        let right = errors.is_empty();
        for error in errors {
            self.evaluator.report(error);
        }
        (code, right)
    }

    /// The value of an expression; what depends on a refused name has none, the rest of it is checked all the same.
    fn value(&mut self, code: &Code, own: Option<Span>) -> Option<Id> {
        let (code, _) = self.look_up(code, &[], own);
        self.evaluator.evaluate(&code)
    }

    fn def(&mut self, name: Span, arguments: &[Span], body: &Code) {
        let (code, right) = self.look_up(body, arguments, Some(name));
        let index = index_of(self.evaluator.defs.len());
        self.evaluator.defs.push(Def { code, broken: !right });
        let what = What::Function { arguments: index_of(arguments.len()) };
        if let Err(error) = self.names.declare(name, what, index) {
            self.evaluator.report(*error);
        }
    }

    /// The name of a parameter that an expression depends on.
    fn parameter_of(&mut self, id: Id) -> Option<String> {
        let index = self.evaluator.closed.parameter(self.evaluator.pool, id)?;
        self.evaluator.pool.parameters().nth(index as usize).map(|(name, _)| short(name))
    }

    fn constant(&mut self, item: &Binding) {
        let name = item.name.text(self.source).to_owned();
        let mut value = item.value.as_ref().map(|code| self.value(code, Some(item.name)));
        if let (Some(Some(id)), Some(code)) = (value, &item.value)
            && let Some(parameter) = self.parameter_of(id)
        {
            let kind = LossErrorKind::NotConstant { name: short(&name), parameter };
            self.evaluator.report(LossError::new(code.span.range(), kind).help("name it with `let`"));
            value = Some(None);
        }
        let set = self.options.set.iter().rev().find(|(set, _)| *set == name).map(|(_, q)| q.clone());
        if let Some(q) = set {
            let array = value.flatten().is_some_and(|id| self.evaluator.pool.shape(id).rank() > 0);
            if array {
                let kind = LossErrorKind::SettingOfArray(short(&name));
                self.evaluator.report(LossError::new(item.name.range(), kind));
            }
            value = Some(Some(self.evaluator.pool.constant(q)));
        }
        let id = match value {
            Some(id) => id,
            // A redeclared name must not leave a second symbol behind.
            None if self.names.get(&name).is_some() => None,
            None => Some(self.evaluator.pool.declare_symbol(&name)),
        };
        let exact = id.and_then(|id| self.evaluator.closed.exact(self.evaluator.pool, id));
        self.resolved.constants.push((name, exact));
        self.declare(item.name, What::Constant, id);
    }

    /// Every setting must name a constant.
    fn check_settings(&mut self) {
        for (name, _) in &self.options.set {
            let declared = self.names.get(name).map(|d| d.what);
            if declared == Some(What::Constant) {
                continue;
            }
            let error = LossError::new(0..0, LossErrorKind::UnknownSetting(short(name)));
            let all: Vec<&str> = self.names.constants().collect();
            self.evaluator.errors.push(match (declared, nearest(name, all.iter().copied())) {
                (Some(What::Parameter), _) => error.help(format!(
                    "`{}` is a parameter: give its value in a point, as for `loss::parse_point`",
                    short(name)
                )),
                (_, Some(near)) => error.did_you_mean(Some(near)),
                _ if all.is_empty() => error.help("the file declares no constants"),
                _ => error.help(format!("the constants are {}", short(&all.join(", ")))),
            });
        }
    }

    fn parameter(&mut self, item: &Parameter) {
        let name = item.name.text(self.source).to_owned();
        let shape = match &item.size {
            None => Some(Shape::scalar()),
            Some((span, axes)) => self.size(*span, axes),
        };
        let limit = self.options.max_parameters;
        let shape = shape.filter(|shape| {
            let fits = self.evaluator.pool.dimension().saturating_add(shape.size()) <= limit;
            if !fits {
                let kind = LossErrorKind::TooManyParameters { limit };
                self.evaluator.report(LossError::new(item.name.range(), kind));
            }
            fits
        });
        let redeclared = self.names.get(&name).is_some();
        let id = match &shape {
            Some(shape) if !redeclared => {
                // An initial value knows nothing of its own parameter.
                let start = item.initial.as_ref().and_then(|initial| self.start(item.name, shape, initial));
                self.resolved.starts.push(start);
                Some(self.evaluator.pool.declare_parameter(&name, shape.clone()))
            }
            _ => {
                if let Some(Initial::Expression(code)) = &item.initial {
                    self.value(code, Some(item.name));
                }
                None
            }
        };
        self.declare(item.name, What::Parameter, id);
    }

    fn size(&mut self, span: Span, axes: &[Code]) -> Option<Shape> {
        let values: Vec<Option<Id>> = axes.iter().map(|axis| self.value(axis, None)).collect();
        if axes.len() > 2 {
            let kind = LossErrorKind::TooManyAxes { found: axes.len() };
            self.evaluator.report(LossError::new(span.range(), kind));
            return None;
        }
        let limit = self.options.max_array;
        let mut sizes = Vec::new();
        for (axis, value) in axes.iter().zip(values) {
            let n = match self.evaluator.integer(value?, "the size of an array", axis.span) {
                Ok(n) => n,
                Err(error) => {
                    self.evaluator.report(*error);
                    return None;
                }
            };
            match usize::try_from(n.to_i64().unwrap_or(i64::MAX)) {
                Ok(size) if size >= 1 && size <= limit => sizes.push(size),
                _ => {
                    let kind = LossErrorKind::ArraySize { found: short(&n.to_string()), limit };
                    self.evaluator.report(LossError::new(axis.span.range(), kind));
                    return None;
                }
            }
        }
        Some(Shape::new(&sizes))
    }

    fn loss(&mut self, word: Span, code: &Code) {
        let value = self.value(code, None);
        if let Some(first) = self.first_loss {
            let place = self.names.place(first);
            let error = LossError::new(word.range(), LossErrorKind::SecondLoss);
            self.evaluator.report(error.note(format!("the first is at {place}")));
            return;
        }
        self.first_loss = Some(word);
        let Some(id) = value else { return };
        let shape = self.evaluator.pool.shape(id).clone();
        if shape.rank() > 0 {
            let error = LossError::new(code.span.range(), LossErrorKind::LossNotScalar(shape));
            self.evaluator.report(error.help("take the sum, mean or norm2 of it"));
            return;
        }
        self.resolved.loss = Some(id);
    }
}
