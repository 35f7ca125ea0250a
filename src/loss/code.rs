//! From the parser's tokens to an expression in postfix order.
//!
//! The grammar has checked the order of the tokens; precedence is applied here, once, by operator stack.

use super::syntax::{Binary, Code, Op, Span, Step};
use super::{LossError, LossErrorKind, parse::Rule};
use crate::number::{MAX_DIGITS, Rational};
use pest::Token;
use pest::iterators::Pair;

/// What is open while an expression is read.
enum Pending {
    /// An expression's start: operators do not reach below it.
    Barrier,
    Negate(Span),
    Binary(Binary),
    Group,
    Call {
        name: Option<Span>,
        count: u32,
    },
    Sum {
        variable: Option<Span>,
        parts: u32,
        begin: u32,
    },
    List {
        count: u32,
    },
}

fn precedence(operator: &Pending) -> u8 {
    match operator {
        Pending::Binary(Binary::Add | Binary::Subtract) => 1,
        Pending::Binary(Binary::Multiply | Binary::Divide | Binary::Matmul) => 2,
        Pending::Negate(_) => 3,
        Pending::Binary(Binary::Power) => 4,
        _ => 0,
    }
}

struct Builder<'a> {
    source: &'a str,
    offset: usize,
    max_depth: usize,
    steps: Vec<Step>,
    pending: Vec<Pending>,
    /// How many of the last pending are operators of one expression.
    run: usize,
    runs: Vec<usize>,
    /// The places of the values that the steps so far leave.
    operands: Vec<Span>,
    starts: Vec<usize>,
}

/// The code of an `expression` pair of a statement that begins at `offset` of the source.
pub(super) fn code(
    pair: Pair<'_, Rule>,
    source: &str,
    offset: usize,
    max_depth: usize,
) -> Result<Code, Box<LossError>> {
    let mut builder = Builder {
        source,
        offset,
        max_depth,
        steps: Vec::new(),
        pending: Vec::new(),
        run: 0,
        runs: Vec::new(),
        operands: Vec::new(),
        starts: Vec::new(),
    };
    for token in pair.tokens() {
        match token {
            Token::Start { rule, pos } => builder.start(rule, pos.pos() + offset),
            Token::End { rule, pos } => builder.end(rule, pos.pos() + offset)?,
        }
    }
    let span = builder.operands.pop().unwrap_or(Span::new(builder.offset, builder.offset));
    Ok(Code { steps: builder.steps.into(), span })
}

impl Builder<'_> {
    fn start(&mut self, rule: Rule, at: usize) {
        self.starts.push(at);
        match rule {
            Rule::expression => {
                self.runs.push(std::mem::take(&mut self.run));
                self.pending.push(Pending::Barrier);
            }
            Rule::group => self.pending.push(Pending::Group),
            Rule::call => self.pending.push(Pending::Call { name: None, count: 0 }),
            Rule::indexed_sum => self.pending.push(Pending::Sum { variable: None, parts: 0, begin: 0 }),
            Rule::array | Rule::index => self.pending.push(Pending::List { count: 0 }),
            _ => {}
        }
    }

    fn emit(&mut self, op: Op, span: Span) {
        self.steps.push(Step { op, span });
    }

    /// A value of one step.
    fn operand(&mut self, op: Op, span: Span) {
        self.emit(op, span);
        self.operands.push(span);
    }

    /// Takes as many values, whose result stands at `span`.
    fn replace_operands(&mut self, count: u32, span: Span) {
        let keep = self.operands.len().saturating_sub(count as usize);
        self.operands.truncate(keep);
        self.operands.push(span);
    }

    fn length(&self) -> u32 {
        // Statements are shorter than 4 GiB, and every step takes a byte of them.
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }

    fn end(&mut self, rule: Rule, at: usize) -> Result<(), Box<LossError>> {
        let span = Span::new(self.starts.pop().unwrap_or(at), at);
        match rule {
            Rule::number => {
                let text = span.text(self.source);
                if text.len() > MAX_DIGITS {
                    let kind = LossErrorKind::NumberTooLong { digits: text.len(), limit: MAX_DIGITS };
                    return Err(Box::new(LossError::new(span.range(), kind)));
                }
                let number: Rational =
                    text.parse().map_err(|e| Box::new(LossError::new(span.range(), LossErrorKind::Number(e))))?;
                self.operand(Op::Number(number), span);
            }
            Rule::name => match self.pending.last_mut() {
                Some(Pending::Call { name: name @ None, .. }) => *name = Some(span),
                Some(Pending::Sum { variable: variable @ None, .. }) => *variable = Some(span),
                _ => self.operand(Op::Name, span),
            },
            Rule::plus => self.binary(Binary::Add, span)?,
            Rule::minus => self.binary(Binary::Subtract, span)?,
            Rule::times => self.binary(Binary::Multiply, span)?,
            Rule::over => self.binary(Binary::Divide, span)?,
            Rule::matmul => self.binary(Binary::Matmul, span)?,
            Rule::caret => self.binary(Binary::Power, span)?,
            Rule::negative => self.operator(Pending::Negate(span), span)?,
            Rule::transpose => {
                let whole = self.operands.last().map_or(span, |o| o.to(span));
                self.emit(Op::Transpose, whole);
                self.replace_operands(1, whole);
            }
            Rule::expression => self.end_expression(),
            Rule::group => {
                self.pending.pop();
                self.replace_operands(1, span);
            }
            Rule::call => {
                if let Some(Pending::Call { name: Some(name), count }) = self.pending.pop() {
                    self.emit(Op::Call { name, arguments: count }, span);
                    self.replace_operands(count, span);
                }
            }
            Rule::array => {
                if let Some(Pending::List { count }) = self.pending.pop() {
                    self.emit(Op::Array(count), span);
                    self.replace_operands(count, span);
                }
            }
            Rule::index => {
                if let Some(Pending::List { count }) = self.pending.pop() {
                    let of = self.operands.len().checked_sub(count as usize + 1).and_then(|k| self.operands.get(k));
                    let whole = of.map_or(span, |o| o.to(span));
                    self.emit(Op::Index(count), whole);
                    self.replace_operands(count + 1, whole);
                }
            }
            Rule::indexed_sum => {
                if let Some(Pending::Sum { begin, .. }) = self.pending.pop() {
                    let end = self.length();
                    self.emit(Op::SumEnd { begin }, span);
                    if let Some(Step { op: Op::SumBegin { end: e, .. }, .. }) = self.steps.get_mut(begin as usize) {
                        *e = end;
                    }
                    self.replace_operands(3, span);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_expression(&mut self) {
        self.reduce(1);
        self.pending.pop();
        self.run = self.runs.pop().unwrap_or(0);
        let here = self.length();
        let mut begins = None;
        match self.pending.last_mut() {
            Some(Pending::Call { count, .. } | Pending::List { count }) => *count += 1,
            Some(Pending::Sum { variable, parts, begin }) => {
                *parts += 1;
                if *parts == 2 {
                    *begin = here;
                    begins = *variable;
                }
            }
            _ => {}
        }
        if let Some(variable) = begins {
            let last = self.operands.len();
            let range = match self.operands.get(last.saturating_sub(2)..) {
                Some([low, high]) => low.to(*high),
                _ => variable,
            };
            self.emit(Op::SumBegin { variable, end: 0 }, range);
        }
    }

    fn binary(&mut self, operator: Binary, span: Span) -> Result<(), Box<LossError>> {
        let own = precedence(&Pending::Binary(operator));
        // Powers associate to the right, the others to the left.
        self.reduce(if operator == Binary::Power { own + 1 } else { own });
        self.operator(Pending::Binary(operator), span)
    }

    fn operator(&mut self, operator: Pending, span: Span) -> Result<(), Box<LossError>> {
        self.pending.push(operator);
        self.run += 1;
        if self.run > self.max_depth {
            let error = LossError::new(span.range(), LossErrorKind::TooDeep { limit: self.max_depth });
            return Err(Box::new(error.help("name parts of the expression with `let`")));
        }
        Ok(())
    }

    /// Emits the pending operators that bind at least as tightly.
    fn reduce(&mut self, least: u8) {
        while let Some(operator) = self.pending.pop_if(|p| precedence(p) >= least) {
            self.run = self.run.saturating_sub(1);
            let Some(right) = self.operands.pop() else { continue };
            let (op, whole) = match operator {
                Pending::Negate(sign) => (Op::Negate, sign.to(right)),
                Pending::Binary(binary) => {
                    let left = self.operands.pop().unwrap_or(right);
                    (Op::Binary(binary), left.to(right))
                }
                _ => continue,
            };
            self.emit(op, whole);
            self.operands.push(whole);
        }
    }
}
