//! What expressions are evaluated against: the pool, the names, the limits and what is known so far.

use super::closed::Closed;
use super::moments::Moments;
use super::numbers::Made;
use super::syntax::{Code, Span};
use super::{Classifier, LossError, LossErrorKind, LossErrors, Options};
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
pub(super) type Value = Option<Id>;

pub(super) struct Evaluator<'a> {
    pub(super) pool: &'a mut Pool,
    pub(super) options: &'a Options,
    pub(super) source: &'a str,
    pub(super) closed: Closed,
    pub(super) defs: Vec<Def>,
    pub(super) globals: Vec<Value>,
    /// Where each of the globals is declared, if in the text.
    pub(super) declared: Vec<Option<Span>>,
    /// What expressions are made of, of those asked about.
    pub(super) made: FxHashMap<Id, Made>,
    /// The means and deviations of what was standardised, by the places of the calls that led there. Those that are here
    /// before a run are taken in it: test data are standardised as the training data were.
    pub(super) moments: FxHashMap<Box<[(Span, i64)]>, Arc<Moments>>,
    /// The logits of every `softmax_cross_entropy`, with the labels or weights beside them.
    pub(super) classifiers: Vec<Classifier>,
    pub(super) errors: Vec<LossError>,
    /// Whether a limit on the whole loss was met, so that nothing more is tried.
    pub(super) exhausted: bool,
    pub(super) expansions: FxHashMap<(u32, Box<[Id]>), Value>,
    /// The keys of the expansions, in the order in which they were made.
    pub(super) expanded: Vec<(u32, Box<[Id]>)>,
    pub(super) reported: FxHashSet<Span>,
    work: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) nodes: usize,
    expanded: usize,
}

/// A run stops early: the error was reported.
pub(super) struct Stop;

impl<'a> Evaluator<'a> {
    pub(super) fn new(pool: &'a mut Pool, options: &'a Options, source: &'a str) -> Self {
        Self {
            pool,
            options,
            source,
            closed: Closed::default(),
            defs: Vec::new(),
            globals: Vec::new(),
            declared: Vec::new(),
            made: FxHashMap::default(),
            moments: FxHashMap::default(),
            classifiers: Vec::new(),
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

    /// Counts work, and stops when it is beyond the limit.
    pub(super) fn charge(&mut self, work: u64, span: Span) -> Result<(), Stop> {
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
    pub(super) fn mark(&self) -> Mark {
        Mark { nodes: self.pool.len(), expanded: self.expanded.len() }
    }

    /// Forgets everything made since a mark, of which nothing may be in use.
    pub(super) fn forget_since(&mut self, mark: Mark) {
        for key in self.expanded.drain(mark.expanded..) {
            self.expansions.remove(&key);
        }
        for id in self.pool.truncate(mark.nodes) {
            self.closed.forget(id);
            self.made.remove(&id);
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
