//! What the parser makes of a text: statements, and expressions as code in postfix order, with the place of everything.
//!
//! Postfix order keeps expressions flat, so that neither dropping nor walking one recurses, however deep it nests.

use crate::expr::{Activation, Function};
use crate::number::Rational;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// A place in the text, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The place from `start` to `end`; files are far below 4 GiB.
    pub(super) fn new(start: usize, end: usize) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end) }
    }

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// From the start of one place to the end of another.
    pub(super) fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }

    pub(super) fn text(self, source: &str) -> &str {
        source.get(self.range()).unwrap_or_default()
    }
}

/// A statement.
#[derive(Debug)]
pub(super) enum Statement {
    Param(Vec<Parameter>),
    Const(Vec<Binding>),
    Let(Vec<Binding>),
    Def {
        name: Span,
        arguments: Vec<Span>,
        body: Code,
    },
    Data(Vec<DataItem>),
    /// Data under names that have some, for testing.
    Test(Vec<DataItem>),
    Loss {
        word: Span,
        value: Code,
    },
    /// One with an error that was reported already.
    Broken(Span),
    /// An expression alone, the last line of what `parse_expression` reads.
    Expression(Code),
}

impl Statement {
    /// A place within the statement.
    pub(super) fn place(&self) -> Option<Span> {
        match self {
            Statement::Param(items) => items.first().map(|p| p.name),
            Statement::Const(items) | Statement::Let(items) => items.first().map(|b| b.name),
            Statement::Def { name, .. } => Some(*name),
            Statement::Data(items) | Statement::Test(items) => items.first().map(|item| item.name),
            Statement::Loss { word, .. } => Some(*word),
            Statement::Broken(span) => Some(*span),
            Statement::Expression(code) => Some(code.span),
        }
    }
}

/// `NAME[size] = initial`.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: Span,
    pub(super) size: Option<(Span, Vec<Code>)>,
    pub(super) initial: Option<Initial>,
}

/// What a parameter starts from.
#[derive(Debug)]
pub(super) enum Initial {
    Zeros,
    Expression(Code),
    Glorot(Span),
    Normal { deviation: Code, span: Span },
    Uniform { low: Code, high: Code, span: Span },
    Csv(FileName),
}

/// `csv("path")`.
#[derive(Debug, Clone)]
pub(super) struct FileName {
    pub(super) path: String,
    pub(super) span: Span,
}

/// `NAME = csv("path")[rows, columns]`.
#[derive(Debug)]
pub(super) struct DataItem {
    pub(super) name: Span,
    pub(super) file: FileName,
    pub(super) selection: Vec<Selected>,
    /// The selection's brackets, or the file where there are none.
    pub(super) brackets: Span,
}

/// What is taken along one axis.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) pick: Pick,
    pub(super) span: Span,
}

/// One index or a range.
#[derive(Debug)]
pub(super) enum Pick {
    One(Code),
    Range(Option<Code>, Option<Code>),
}

/// `NAME = value`.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) name: Span,
    pub(super) value: Option<Code>,
}

/// An expression in postfix order.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) steps: Arc<[Step]>,
    pub(super) span: Span,
}

/// One operation on the values before it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) op: Op,
    /// The whole subexpression.
    pub(super) span: Span,
}

/// What a step does. Operands are taken from the stack and the result is put there.
#[derive(Debug, Clone)]
pub(super) enum Op {
    Number(Rational),
    Negate,
    Binary(Binary),
    Transpose,
    /// The entry at as many indices.
    Index(u32),
    /// The array of as many entries.
    Array(u32),
    /// Takes a range's bounds and starts its loop; an empty one goes on behind `end`.
    SumBegin {
        variable: Span,
        end: u32,
    },
    /// Adds the term and goes back to `begin` until the range is done.
    SumEnd {
        begin: u32,
    },
    /// A name, and a call, as written.
    Name,
    Call {
        name: Span,
        arguments: u32,
    },
    /// What names are once looked up.
    Pi,
    Euler,
    Global(u32),
    Local(u32),
    Builtin {
        builtin: Builtin,
        arguments: u32,
    },
    Expand {
        def: u32,
        arguments: u32,
    },
    /// A name or call that was refused already.
    Refused {
        operands: u32,
    },
}

/// The binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Matmul,
    Power,
}

/// The functions that the language comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    Elementwise(Function),
    Activation(Activation),
    Sqrt,
    Sum,
    Mean,
    Dot,
    Norm2,
    LogSumExp,
    SoftmaxCrossEntropy,
    Max,
    OneHot,
    Standardise,
    /// What results are printed with.
    Broadcast,
    Gather,
}

impl Builtin {
    /// Those that are no elementwise function of the DAG.
    const OTHERS: [Builtin; 12] = [
        Builtin::Sqrt,
        Builtin::Sum,
        Builtin::Mean,
        Builtin::Dot,
        Builtin::Norm2,
        Builtin::LogSumExp,
        Builtin::SoftmaxCrossEntropy,
        Builtin::Max,
        Builtin::OneHot,
        Builtin::Standardise,
        Builtin::Broadcast,
        Builtin::Gather,
    ];

    pub(super) fn all() -> impl Iterator<Item = Builtin> {
        let activations = Activation::ALL.into_iter().map(Builtin::Activation);
        Function::ALL.into_iter().map(Builtin::Elementwise).chain(activations).chain(Self::OTHERS)
    }

    pub(super) fn named(name: &str) -> Option<Builtin> {
        Self::all().find(|b| b.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Builtin::Elementwise(f) => f.name(),
            Builtin::Activation(f) => f.name(),
            Builtin::Sqrt => "sqrt",
            Builtin::Sum => "sum",
            Builtin::Mean => "mean",
            Builtin::Dot => "dot",
            Builtin::Norm2 => "norm2",
            Builtin::LogSumExp => "logsumexp",
            Builtin::SoftmaxCrossEntropy => "softmax_cross_entropy",
            Builtin::Max => "max",
            Builtin::OneHot => "one_hot",
            Builtin::Standardise => "standardise",
            Builtin::Broadcast => "broadcast",
            Builtin::Gather => "gather",
        }
    }

    /// How many arguments it takes.
    pub(super) fn arguments(self) -> RangeInclusive<u32> {
        match self {
            Builtin::Dot | Builtin::SoftmaxCrossEntropy | Builtin::OneHot | Builtin::Broadcast | Builtin::Gather => {
                2..=2
            }
            Builtin::Sum | Builtin::Mean | Builtin::Norm2 | Builtin::LogSumExp | Builtin::Max => 1..=2,
            Builtin::Elementwise(_) | Builtin::Activation(_) | Builtin::Sqrt | Builtin::Standardise => 1..=1,
        }
    }

    /// Whether a declaration may take the name, as losses do that are older than the function.
    pub(super) fn is_shadowed(self) -> bool {
        matches!(self, Builtin::Max | Builtin::OneHot | Builtin::Standardise | Builtin::Broadcast | Builtin::Gather)
    }
}

/// The words that start statements; they cannot be names.
pub(super) const KEYWORDS: [&str; 7] = ["param", "const", "let", "def", "data", "test", "loss"];
