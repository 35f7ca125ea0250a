//! Runs code on the pool: expands calls and sums without recursion, within the limits.

use super::closed::{self, Closed};
use super::syntax::{Binary, Code, Op, Span, Step};
use super::total::{Affine, Total};
use super::{LossError, LossErrorKind, LossErrors, Options};
use crate::expr::{Id, Pool};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A function of the loss, its names looked up.
#[derive(Debug)]
pub(super) struct Def {
    pub(super) code: Code,
    /// Whether its definition had an error, so that calls have no result and no further error.
    pub(super) broken: bool,
}

/// What the value stack holds; `None` where an error was reported already.
type Value = Option<Id>;

pub(super) struct Evaluator<'a> {
    pub(super) pool: &'a mut Pool,
    pub(super) options: &'a Options,
    pub(super) source: &'a str,
    pub(super) closed: Closed,
    pub(super) defs: Vec<Def>,
    pub(super) globals: Vec<Value>,
    pub(super) errors: Vec<LossError>,
    /// Whether a limit on the whole loss was met, so that nothing more is tried.
    pub(super) exhausted: bool,
    expansions: FxHashMap<(u32, Box<[Id]>), Value>,
    /// The keys of the expansions, in the order in which they were made.
    expanded: Vec<(u32, Box<[Id]>)>,
    reported: FxHashSet<Span>,
    work: u64,
}

/// A statement's code or a call.
struct Frame {
    steps: Arc<[Step]>,
    at: usize,
    /// Where its local names start.
    base: usize,
    call: Option<Call>,
}

struct Call {
    key: (u32, Box<[Id]>),
    span: Span,
}

struct Loop {
    next: i64,
    end: i64,
    total: Total,
    /// Where things stood before the term that is being made.
    mark: Mark,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    nodes: usize,
    expanded: usize,
}

/// A run stops early: the error was reported.
struct Stop;

impl<'a> Evaluator<'a> {
    pub(super) fn new(pool: &'a mut Pool, options: &'a Options, source: &'a str) -> Self {
        Self {
            pool,
            options,
            source,
            closed: Closed::default(),
            defs: Vec::new(),
            globals: Vec::new(),
            errors: Vec::new(),
            exhausted: false,
            expansions: FxHashMap::default(),
            expanded: Vec::new(),
            reported: FxHashSet::default(),
            work: 0,
        }
    }

    /// Reports an error, once for each place.
    pub(super) fn report(&mut self, error: LossError) {
        let span = Span::new(error.span.start, error.span.end);
        if self.errors.len() < LossErrors::MAX && self.reported.insert(span) {
            self.errors.push(error);
        }
    }

    /// The value of an expression, or `None` after reporting what is wrong with it.
    pub(super) fn evaluate(&mut self, code: &Code) -> Value {
        if self.exhausted {
            return None;
        }
        let mut run = Run {
            frames: vec![Frame { steps: code.steps.clone(), at: 0, base: 0, call: None }],
            values: Vec::new(),
            locals: Vec::new(),
            loops: Vec::new(),
        };
        run.run(self).unwrap_or_default()
    }

    /// Counts work, and stops when it is beyond the limit.
    fn charge(&mut self, work: u64, span: Span) -> Result<(), Stop> {
        self.work = self.work.saturating_add(work).saturating_add(self.closed.take_work());
        let kind = if self.work > self.options.max_work {
            LossErrorKind::TooMuchWork { limit: self.options.max_work }
        } else if self.pool.len() > self.options.max_nodes {
            LossErrorKind::TooLarge { limit: self.options.max_nodes }
        } else {
            return Ok(());
        };
        self.exhausted = true;
        self.report(LossError::new(span.range(), kind).label("the limit is met here"));
        Err(Stop)
    }

    /// Where the pool and the expansions stand.
    fn mark(&self) -> Mark {
        Mark { nodes: self.pool.len(), expanded: self.expanded.len() }
    }

    /// Forgets everything made since a mark, of which nothing may be in use.
    fn forget_since(&mut self, mark: Mark) {
        for key in self.expanded.drain(mark.expanded..) {
            self.expansions.remove(&key);
        }
        for id in self.pool.truncate(mark.nodes) {
            self.closed.forget(id);
        }
    }

    /// `line:column` of a place.
    pub(super) fn place(&self, span: Span) -> String {
        let before = self.source.get(..span.start()).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        format!("{line}:{}", before[start..].chars().count() + 1)
    }
}

struct Run {
    frames: Vec<Frame>,
    values: Vec<Value>,
    /// Arguments and running indices, of all frames.
    locals: Vec<Value>,
    loops: Vec<Loop>,
}

impl Run {
    fn pop(&mut self) -> Value {
        self.values.pop().flatten()
    }

    /// The last `count` values; `None` if one of them is missing.
    fn take(&mut self, count: u32) -> Option<Vec<Id>> {
        let from = self.values.len().saturating_sub(count as usize);
        self.values.split_off(from).into_iter().collect()
    }

    fn run(&mut self, on: &mut Evaluator<'_>) -> Result<Value, Stop> {
        while let Some(frame) = self.frames.last_mut() {
            let steps = frame.steps.clone();
            match steps.get(frame.at) {
                Some(step) => {
                    frame.at += 1;
                    self.step(on, step)?;
                }
                None => self.finish(on),
            }
        }
        Ok(self.pop())
    }

    /// Leaves a frame; its value stays on the stack.
    fn finish(&mut self, on: &mut Evaluator<'_>) {
        let Some(frame) = self.frames.pop() else { return };
        self.locals.truncate(frame.base);
        if let Some(call) = frame.call {
            let value = self.values.last().copied().flatten();
            on.expanded.push(call.key.clone());
            on.expansions.insert(call.key, value);
        }
    }

    fn step(&mut self, on: &mut Evaluator<'_>, step: &Step) -> Result<(), Stop> {
        let span = step.span;
        on.charge(1, span)?;
        let base = self.frames.last().map_or(0, |f| f.base);
        let value = match &step.op {
            Op::Number(q) => Some(on.pool.constant(q.clone())),
            Op::Pi => Some(on.pool.pi()),
            Op::Euler => {
                let one = on.pool.integer(1);
                Some(on.pool.apply(crate::expr::Function::Exp, one))
            }
            Op::Global(index) => on.globals.get(*index as usize).copied().flatten(),
            Op::Local(index) => self.locals.get(base + *index as usize).copied().flatten(),
            Op::Negate => {
                let a = self.pop();
                self.compute(on, span, a.map(|a| [a]), |on, [a]| Ok(on.pool.neg(a)))?
            }
            Op::Binary(op) => {
                let (b, a) = (self.pop(), self.pop());
                let operands = a.zip(b).map(|(a, b)| [a, b]);
                self.compute(on, span, operands, |on, [a, b]| on.binary(*op, a, b, span))?
            }
            Op::Transpose => {
                let a = self.pop();
                self.compute(on, span, a.map(|a| [a]), |on, [a]| on.transpose(a, span))?
            }
            Op::Index(count) => {
                let indices = self.take(*count);
                let a = self.pop();
                let operands = a.zip(indices);
                self.compute(on, span, operands.as_ref().map(|(a, _)| [*a]), |on, [a]| {
                    on.index(a, operands.as_ref().map_or(&[], |(_, i)| i), span)
                })?
            }
            Op::Array(count) => {
                let parts = self.take(*count);
                on.charge(u64::from(*count), span)?;
                self.compute(on, span, parts.as_ref().map(|_| []), |on, []| {
                    on.array(parts.as_deref().unwrap_or(&[]), span)
                })?
            }
            Op::Builtin(builtin) => {
                let arguments = self.take(builtin.arguments());
                self.compute(on, span, arguments.as_ref().map(|_| []), |on, []| {
                    on.builtin(*builtin, arguments.as_deref().unwrap_or(&[]), span)
                })?
            }
            Op::Expand { def, arguments } => return self.expand(on, *def, *arguments, span),
            Op::SumBegin { end, .. } => return self.begin_sum(on, *end, span),
            Op::SumEnd { begin } => return self.end_sum(on, *begin, span),
            Op::Refused { operands } => {
                self.take(*operands);
                None
            }
            // Names are looked up before.
            Op::Name | Op::Call { .. } => None,
        };
        self.values.push(value);
        Ok(())
    }

    /// A result of one operation; its error is reported, with the call that led to it.
    fn compute<const N: usize>(
        &mut self,
        on: &mut Evaluator<'_>,
        span: Span,
        operands: Option<[Id; N]>,
        operation: impl FnOnce(&mut Evaluator<'_>, [Id; N]) -> Result<Id, Box<LossError>>,
    ) -> Result<Value, Stop> {
        let Some(operands) = operands else { return Ok(None) };
        on.charge(closed::long(on.pool, &operands), span)?;
        match operation(on, operands) {
            Ok(id) => {
                let size = u64::try_from(on.pool.shape(id).size()).unwrap_or(u64::MAX);
                on.charge(size.saturating_add(closed::long(on.pool, &[id])), span)?;
                match on.check_exponent(id, span) {
                    Ok(()) => Ok(Some(id)),
                    Err(error) => {
                        self.report(on, *error);
                        Ok(None)
                    }
                }
            }
            Err(error) => {
                self.report(on, *error);
                on.charge(0, span)?;
                Ok(None)
            }
        }
    }

    fn report(&self, on: &mut Evaluator<'_>, error: LossError) {
        if on.reported.contains(&Span::new(error.span.start, error.span.end)) {
            return;
        }
        let error = match self.frames.iter().rev().find_map(|f| f.call.as_ref()) {
            Some(call) if error.note.is_none() => {
                let place = on.place(call.span);
                error.note(format!("in the expansion of the call at {place}"))
            }
            _ => error,
        };
        on.report(error);
    }

    fn check_depth(&self, on: &mut Evaluator<'_>, span: Span) -> Result<(), Stop> {
        let limit = on.options.max_depth;
        if self.frames.len() + self.loops.len() > limit {
            self.report(on, LossError::new(span.range(), LossErrorKind::TooDeep { limit }));
            return Err(Stop);
        }
        Ok(())
    }

    fn expand(&mut self, on: &mut Evaluator<'_>, def: u32, count: u32, span: Span) -> Result<(), Stop> {
        let arguments = self.take(count);
        let function = on.defs.get(def as usize).filter(|d| !d.broken);
        let (Some(arguments), Some(function)) = (arguments, function) else {
            self.values.push(None);
            return Ok(());
        };
        let key = (def, arguments.into_boxed_slice());
        if let Some(&value) = on.expansions.get(&key) {
            self.values.push(value);
            return Ok(());
        }
        let steps = function.code.steps.clone();
        let base = self.locals.len();
        self.locals.extend(key.1.iter().map(|a| Some(*a)));
        self.frames.push(Frame { steps, at: 0, base, call: Some(Call { key, span }) });
        self.check_depth(on, span)
    }

    fn begin_sum(&mut self, on: &mut Evaluator<'_>, end: u32, span: Span) -> Result<(), Stop> {
        let (high, low) = (self.pop(), self.pop());
        let value = match low.zip(high).map(|(low, high)| on.range(low, high, span)) {
            None => None,
            Some(Ok((low, high))) if low < high => {
                self.loops.push(Loop { next: low + 1, end: high, total: Total::Nothing, mark: on.mark() });
                let first = on.pool.integer(low);
                self.locals.push(Some(first));
                return self.check_depth(on, span);
            }
            Some(Ok(_)) => Some(on.pool.integer(0)),
            Some(Err(error)) => {
                self.report(on, *error);
                None
            }
        };
        self.skip(end, value);
        Ok(())
    }

    /// Goes on behind a sum's end with its value.
    fn skip(&mut self, end: u32, value: Value) {
        self.values.push(value);
        if let Some(frame) = self.frames.last_mut() {
            frame.at = end as usize + 1;
        }
    }

    fn end_sum(&mut self, on: &mut Evaluator<'_>, begin: u32, span: Span) -> Result<(), Stop> {
        let term = self.pop();
        let Some(Loop { total, mark, .. }) = self.loops.last_mut() else {
            self.values.push(None);
            return Ok(());
        };
        let (total, mark) = (std::mem::replace(total, Total::Nothing), *mark);
        let total = self.added(on, total, mark, term, span)?;
        let Some(current) = self.loops.last_mut() else { return Ok(()) };
        if current.next < current.end && !matches!(total, Total::Missing) {
            current.total = total;
            current.mark = on.mark();
            let next = on.pool.integer(current.next);
            current.next += 1;
            if let Some(index) = self.locals.last_mut() {
                *index = Some(next);
            }
            if let Some(frame) = self.frames.last_mut() {
                frame.at = begin as usize + 1;
            }
            return Ok(());
        }
        let total = total.value(on.pool);
        self.loops.pop();
        self.locals.pop();
        self.values.push(total);
        Ok(())
    }

    /// A sum with one more term.
    fn added(
        &mut self,
        on: &mut Evaluator<'_>,
        total: Total,
        mark: Mark,
        term: Value,
        span: Span,
    ) -> Result<Total, Stop> {
        let Some(term) = term else { return Ok(Total::Missing) };
        let new = Affine::of(on.pool, term);
        match total {
            Total::Missing => Ok(Total::Missing),
            Total::Nothing => Ok(Total::Affine(new)),
            Total::Affine(old) => {
                on.charge(1 + closed::long_bits(old.bits().saturating_add(new.bits())), span)?;
                let Some(sum) = old.plus(&new) else {
                    return self.joined(on, Total::Affine(old), term, span);
                };
                if sum.base().is_none_or(|x| on.pool.is_before(x, mark.nodes)) {
                    on.forget_since(mark);
                }
                Ok(Total::Affine(sum))
            }
        }
    }

    /// A sum as an expression, and a term added to it.
    fn joined(&mut self, on: &mut Evaluator<'_>, total: Total, term: Id, span: Span) -> Result<Total, Stop> {
        let operands = total.value(on.pool).map(|a| [a, term]);
        let sum = self.compute(on, span, operands, |on, [a, b]| on.binary(Binary::Add, a, b, span))?;
        Ok(sum.map_or(Total::Missing, |id| Total::Affine(Affine::of(on.pool, id))))
    }
}
