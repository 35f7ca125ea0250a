//! Runs code on the pool: expands calls and sums without recursion, within the limits.

use super::closed;
use super::evaluate::{Evaluator, Mark, Stop, Value};
use super::operand::Operand;
use super::syntax::{Binary, Builtin, Code, Op, Span, Step};
use super::total::{Affine, Total};
use super::{LossError, LossErrorKind};
use crate::expr::Id;
use std::sync::Arc;

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

impl Evaluator<'_> {
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
}

struct Run {
    frames: Vec<Frame>,
    values: Vec<Operand>,
    /// Arguments and running indices, of all frames.
    locals: Vec<Operand>,
    loops: Vec<Loop>,
}

impl Run {
    fn pop(&mut self) -> Operand {
        self.values.pop().unwrap_or_default()
    }

    /// The last `count` values.
    fn take(&mut self, count: u32) -> Vec<Operand> {
        let from = self.values.len().saturating_sub(count as usize);
        self.values.split_off(from)
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
        Ok(self.pop().value)
    }

    /// Leaves a frame; its value stays on the stack.
    fn finish(&mut self, on: &mut Evaluator<'_>) {
        let Some(frame) = self.frames.pop() else { return };
        self.locals.truncate(frame.base);
        if let Some(call) = frame.call {
            let value = self.pop().value;
            self.values.push(Operand::new(value, call.span));
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
            Op::Global(index) => {
                let value = on.globals.get(*index as usize).copied().flatten();
                let declared = on.declared.get(*index as usize).copied().flatten();
                self.values.push(Operand { declared, ..Operand::new(value, span) });
                return Ok(());
            }
            Op::Local(index) => {
                let given = self.locals.get(base + *index as usize).copied().unwrap_or_default();
                self.values.push(Operand { given: Some(given.span), ..Operand::new(given.value, span) });
                return Ok(());
            }
            Op::Negate => {
                let a = self.pop();
                self.compute(on, span, [a], |on, [a]| Ok(on.pool.neg(a)))?
            }
            Op::Binary(op) => {
                let (b, a) = (self.pop(), self.pop());
                self.compute(on, span, [a, b], |on, [a, b]| on.binary(*op, a, b, span))?
            }
            Op::Transpose => {
                let a = self.pop();
                self.compute(on, span, [a], |on, [a]| on.transpose(a, span))?
            }
            Op::Index(count) => {
                let indices = self.take(*count);
                let a = self.pop();
                let ids: Option<Vec<Id>> = indices.iter().map(|i| i.value).collect();
                match ids {
                    Some(ids) => self.compute(on, span, [a], |on, [a]| on.index(a, &ids, span))?,
                    None => None,
                }
            }
            Op::Array(count) => {
                let parts = self.take(*count);
                on.charge(u64::from(*count), span)?;
                self.compute_all(on, span, &parts, |on, ids| on.array(ids, &parts, span))?
            }
            Op::Builtin { builtin, arguments } => {
                let arguments = self.take(*arguments);
                let place = match builtin {
                    Builtin::Standardise => self.place(),
                    _ => Vec::new(),
                };
                self.compute_all(on, span, &arguments, |on, ids| on.builtin(*builtin, ids, place, span))?
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
        self.values.push(Operand::new(value, span));
        Ok(())
    }

    /// Where the run is: the calls and the terms of sums that it is within.
    fn place(&self) -> Vec<(Span, i64)> {
        let calls = self.frames.iter().filter_map(|f| f.call.as_ref()).map(|call| (call.span, 0));
        let terms = self.loops.iter().map(|l| (Span::new(0, 0), l.next));
        calls.chain(terms).collect()
    }

    /// A result of one operation; its error is reported, with the call that led to it.
    fn compute<const N: usize>(
        &mut self,
        on: &mut Evaluator<'_>,
        span: Span,
        operands: [Operand; N],
        operation: impl FnOnce(&mut Evaluator<'_>, [Id; N]) -> Result<Id, Box<LossError>>,
    ) -> Result<Value, Stop> {
        let Some(first) = operands.first().and_then(|o| o.value) else { return Ok(None) };
        let mut ids = [first; N];
        for (id, operand) in ids.iter_mut().zip(&operands) {
            match operand.value {
                Some(value) => *id = value,
                None => return Ok(None),
            }
        }
        on.charge(closed::long(on.pool, &ids), span)?;
        let result = operation(on, ids);
        self.conclude(on, span, &operands, result)
    }

    /// The same of any number of operands.
    fn compute_all(
        &mut self,
        on: &mut Evaluator<'_>,
        span: Span,
        operands: &[Operand],
        operation: impl FnOnce(&mut Evaluator<'_>, &[Id]) -> Result<Id, Box<LossError>>,
    ) -> Result<Value, Stop> {
        let ids: Option<Vec<Id>> = operands.iter().map(|o| o.value).collect();
        let Some(ids) = ids else { return Ok(None) };
        let result = operation(on, &ids);
        self.conclude(on, span, operands, result)
    }

    fn conclude(
        &mut self,
        on: &mut Evaluator<'_>,
        span: Span,
        operands: &[Operand],
        result: Result<Id, Box<LossError>>,
    ) -> Result<Value, Stop> {
        let result = result.and_then(|id| {
            on.check_size(id, span)?;
            on.check_exponent(id, span)?;
            Ok(id)
        });
        let result = match result {
            Ok(id) => {
                on.charge(1 + closed::long(on.pool, &[id]), span)?;
                on.settle(id, span)?
            }
            Err(error) => Err(error),
        };
        match result {
            Ok(id) => Ok(Some(id)),
            Err(mut error) => {
                if error.kind.is_about_shapes() && error.note.is_none() {
                    error.note = on.note(operands);
                }
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
            Some(call) => {
                let expansion = format!("in the expansion of the call at {}", on.place(call.span));
                let note = match &error.note {
                    Some(note) => format!("{note}; {expansion}"),
                    None => expansion,
                };
                error.note(note)
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
        let ids: Option<Box<[Id]>> = arguments.iter().map(|a| a.value).collect();
        let (Some(ids), Some(function)) = (ids, function) else {
            self.values.push(Operand::new(None, span));
            return Ok(());
        };
        let key = (def, ids);
        if let Some(&value) = on.expansions.get(&key) {
            self.values.push(Operand::new(value, span));
            return Ok(());
        }
        let steps = function.code.steps.clone();
        let base = self.locals.len();
        self.locals.extend(arguments);
        self.frames.push(Frame { steps, at: 0, base, call: Some(Call { key, span }) });
        self.check_depth(on, span)
    }

    fn begin_sum(&mut self, on: &mut Evaluator<'_>, end: u32, span: Span) -> Result<(), Stop> {
        let (high, low) = (self.pop(), self.pop());
        let value = match low.value.zip(high.value).map(|(low, high)| on.range(low, high, span)) {
            None => None,
            Some(Ok((low, high))) if low < high => {
                self.loops.push(Loop { next: low + 1, end: high, total: Total::Nothing, mark: on.mark() });
                let first = on.pool.integer(low);
                self.locals.push(Operand::new(Some(first), span));
                return self.check_depth(on, span);
            }
            Some(Ok(_)) => Some(on.pool.integer(0)),
            Some(Err(error)) => {
                self.report(on, *error);
                None
            }
        };
        self.skip(end, Operand::new(value, span));
        Ok(())
    }

    /// Goes on behind a sum's end with its value.
    fn skip(&mut self, end: u32, value: Operand) {
        self.values.push(value);
        if let Some(frame) = self.frames.last_mut() {
            frame.at = end as usize + 1;
        }
    }

    fn end_sum(&mut self, on: &mut Evaluator<'_>, begin: u32, span: Span) -> Result<(), Stop> {
        let term = self.pop();
        let Some(Loop { total, mark, .. }) = self.loops.last_mut() else {
            self.values.push(Operand::new(None, span));
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
                index.value = Some(next);
            }
            if let Some(frame) = self.frames.last_mut() {
                frame.at = begin as usize + 1;
            }
            return Ok(());
        }
        let total = total.value(on.pool);
        self.loops.pop();
        self.locals.pop();
        self.values.push(Operand::new(total, span));
        Ok(())
    }

    /// A sum with one more term.
    fn added(
        &mut self,
        on: &mut Evaluator<'_>,
        total: Total,
        mark: Mark,
        operand: Operand,
        span: Span,
    ) -> Result<Total, Stop> {
        let Some(term) = operand.value else { return Ok(Total::Missing) };
        let new = Affine::of(on.pool, term);
        match total {
            Total::Missing => Ok(Total::Missing),
            Total::Nothing => Ok(Total::Affine(new)),
            Total::Affine(old) => {
                on.charge(1 + closed::long_bits(old.bits().saturating_add(new.bits())), span)?;
                let Some(sum) = old.plus(&new) else {
                    return self.joined(on, Total::Affine(old), operand, span);
                };
                if sum.base().is_none_or(|x| on.pool.is_before(x, mark.nodes)) {
                    on.forget_since(mark);
                }
                Ok(Total::Affine(sum))
            }
        }
    }

    /// A sum as an expression, and a term added to it.
    fn joined(&mut self, on: &mut Evaluator<'_>, total: Total, term: Operand, span: Span) -> Result<Total, Stop> {
        let total = Operand::new(total.value(on.pool), span);
        let sum = self.compute(on, span, [total, term], |on, [a, b]| on.binary(Binary::Add, a, b, span))?;
        Ok(sum.map_or(Total::Missing, |id| Total::Affine(Affine::of(on.pool, id))))
    }
}
