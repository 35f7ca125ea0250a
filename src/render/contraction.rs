//! Elementary differentials as nested contractions, written from level sequences without an allocation per tree.

use super::notation::{Notation, Style};
use std::fmt::Write as _;

/// Writes elementary differentials in the notations that nest: operator and paper.
///
/// One of these serves any number of trees and keeps its buffers between them.
#[derive(Debug)]
pub(super) struct ContractionWriter {
    notation: Notation,
    style: Style,
    parents: Vec<usize>,
    path: Vec<usize>,
    sizes: Vec<usize>,
    /// The children of node `i` are `children[starts[i]..starts[i + 1]]`, in the order in which they are written.
    starts: Vec<usize>,
    children: Vec<usize>,
    /// How many nodes with one child each node begins a run of, and the node after that run.
    hessians: Vec<usize>,
    tails: Vec<usize>,
    stack: Vec<Step>,
}

/// What remains to be written.
#[derive(Debug, Clone, Copy)]
enum Step {
    Node(usize),
    Text(&'static str),
    /// ` (∇^kE) `, between the two arguments of a third derivative.
    Between,
}

impl ContractionWriter {
    pub(super) fn new(notation: Notation, style: Style) -> Self {
        debug_assert!(notation != Notation::Index, "indices do not nest");
        Self {
            notation,
            style,
            parents: Vec::new(),
            path: Vec::new(),
            sizes: Vec::new(),
            starts: Vec::new(),
            children: Vec::new(),
            hessians: Vec::new(),
            tails: Vec::new(),
            stack: Vec::new(),
        }
    }

    /// Appends the tree with this level sequence.
    pub(super) fn write(&mut self, levels: &[u8], out: &mut String) {
        self.arrange(levels);
        if levels.is_empty() {
            return;
        }
        self.stack.push(Step::Node(0));
        while let Some(step) = self.stack.pop() {
            match step {
                Step::Text(text) => out.push_str(text),
                Step::Between => {
                    out.push_str(if self.style == Style::Text { "^T (" } else { "^{T} (" });
                    self.derivative(3, out);
                    out.push_str(") ");
                }
                Step::Node(at) => self.node(at, out),
            }
        }
    }

    /// Finds the children of every node, smallest subtree first and the later of equals first.
    fn arrange(&mut self, levels: &[u8]) {
        let n = levels.len();
        self.parents.clear();
        self.path.clear();
        for (at, &level) in levels.iter().enumerate() {
            self.path.truncate(usize::from(level));
            self.parents.push(self.path.last().copied().unwrap_or(0));
            self.path.push(at);
        }
        self.sizes.clear();
        self.sizes.resize(n, 1);
        self.starts.clear();
        self.starts.resize(n + 2, 0);
        for at in (1..n).rev() {
            let parent = self.parents[at];
            self.sizes[parent] += self.sizes[at];
            self.starts[parent + 2] += 1;
        }
        for at in 2..n + 2 {
            self.starts[at] += self.starts[at - 1];
        }
        // Filled from the last child to the first; `starts[parent + 1]` moves to where the next parent begins.
        self.children.clear();
        self.children.resize(n.saturating_sub(1), 0);
        for at in (1..n).rev() {
            let place = &mut self.starts[self.parents[at] + 1];
            self.children[*place] = at;
            *place += 1;
        }
        self.hessians.clear();
        self.hessians.resize(n, 0);
        self.tails.clear();
        self.tails.extend(0..n);
        for at in (0..n).rev() {
            let siblings = &mut self.children[self.starts[at]..self.starts[at + 1]];
            if let [only] = *siblings {
                self.hessians[at] = self.hessians[only] + 1;
                self.tails[at] = self.tails[only];
            } else {
                siblings.sort_by_key(|&child| self.sizes[child]);
            }
        }
    }

    fn arguments(&self, at: usize) -> &[usize] {
        &self.children[self.starts[at]..self.starts[at + 1]]
    }

    /// Writes the beginning of a subtree, `H^k` and what opens its core, and leaves the rest on the stack.
    fn node(&mut self, at: usize, out: &mut String) {
        let (hessians, core) = (self.hessians[at], self.tails[at]);
        let arity = self.arguments(core).len();
        let operator = self.notation == Notation::Operator;
        let hessian = match (operator, self.style) {
            (true, _) => "H",
            (false, Style::Text) => "∇²E",
            (false, Style::Latex) => "\\nabla_\\theta^2 E",
        };
        let _ = match (hessians, operator, self.style) {
            (0, _, _) => Ok(()),
            (1, _, _) => write!(out, "{hessian} "),
            (k, true, Style::Text) => write!(out, "H^{k} "),
            (k, true, Style::Latex) => write!(out, "H^{{{k}}} "),
            (k, false, Style::Text) => write!(out, "({hessian})^{k} "),
            (k, false, Style::Latex) => write!(out, "({hessian})^{{{k}}} "),
        };
        if operator {
            match (arity, self.style) {
                (0, _) => return out.push('g'),
                (2, _) => out.push_str("T["),
                (k, Style::Text) => drop(write!(out, "E{}[", k + 1)),
                (k, Style::Latex) => drop(write!(out, "E^{{({})}}[", k + 1)),
            }
            return self.list(core);
        }
        match arity {
            0 => self.derivative(1, out),
            2 => {
                if hessians > 0 {
                    out.push('(');
                    self.stack.push(Step::Text(")"));
                }
                let (left, right) = (self.arguments(core)[0], self.arguments(core)[1]);
                let arity_of = |at: usize| self.arguments(self.tails[at]).len();
                // v^T (∇³E) is a matrix, so a product of Hessians to its right needs no parentheses.
                let product = arity_of(right) != 2 || self.hessians[right] > 0;
                let bare = self.hessians[left] == 0 && arity_of(left) == 0;
                self.parenthesised(right, !product);
                self.stack.push(Step::Between);
                self.parenthesised(left, !bare);
            }
            k => {
                out.push('(');
                self.derivative(k + 1, out);
                out.push_str(")[");
                self.list(core);
            }
        }
    }

    fn parenthesised(&mut self, at: usize, needed: bool) {
        if needed {
            self.stack.extend([Step::Text(")"), Step::Node(at), Step::Text("(")]);
        } else {
            self.stack.push(Step::Node(at));
        }
    }

    /// Leaves the arguments of a node and a closing bracket on the stack.
    fn list(&mut self, at: usize) {
        self.stack.push(Step::Text("]"));
        for place in (self.starts[at]..self.starts[at + 1]).rev() {
            self.stack.push(Step::Node(self.children[place]));
            if place > self.starts[at] {
                self.stack.push(Step::Text(", "));
            }
        }
    }

    /// The k-th derivative in the paper's notation.
    fn derivative(&self, k: usize, out: &mut String) {
        match (k, self.style) {
            (1, Style::Text) => out.push_str("∇E"),
            (1, Style::Latex) => out.push_str("\\nabla_\\theta E"),
            (k, Style::Text) => {
                let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
                out.push('∇');
                out.extend(k.to_string().bytes().map(|b| digits[usize::from(b - b'0')]));
                out.push('E');
            }
            (2..=9, Style::Latex) => drop(write!(out, "\\nabla_\\theta^{k} E")),
            (k, Style::Latex) => drop(write!(out, "\\nabla_\\theta^{{{k}}} E")),
        }
    }
}
