//! Elementary differentials as nested contractions, written from level sequences without an allocation per tree.

use crate::formula::{Bracket, Mark, Raised, Script};

/// Writes elementary differentials in the notations that nest: operator and paper.
///
/// One of these serves any number of trees and keeps its buffers between them.
#[derive(Debug)]
pub(crate) struct ContractionWriter {
    /// With operators, else as papers do.
    operator: bool,
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
    Mark(Mark),
}

const OPEN: Mark = Mark::Open(Bracket::Round);
const CLOSE: Mark = Mark::Close(Bracket::Round, Raised::Not);

impl ContractionWriter {
    pub(super) fn new(operator: bool) -> Self {
        Self {
            operator,
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
    pub(super) fn write(&mut self, levels: &[u8], out: &mut impl Script) {
        self.arrange(levels);
        if levels.is_empty() {
            return;
        }
        self.stack.push(Step::Node(0));
        while let Some(step) = self.stack.pop() {
            match step {
                Step::Mark(mark) => out.mark(mark),
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

    /// Writes the beginning of a subtree, its Hessians and what opens its core, and leaves the rest on the stack.
    fn node(&mut self, at: usize, out: &mut impl Script) {
        let (hessians, core) = (self.hessians[at], self.tails[at]);
        let arity = self.arguments(core).len();
        if self.operator {
            if hessians > 0 {
                out.mark(Mark::Hessians(hessians));
            }
            if arity == 0 {
                return out.mark(Mark::Gradient);
            }
            out.mark(Mark::Derivative(arity + 1));
            out.mark(Mark::Open(Bracket::Square));
            return self.list(core);
        }
        match hessians {
            0 => {}
            1 => [Mark::Nabla(2, Raised::Not), Mark::Gap].into_iter().for_each(|mark| out.mark(mark)),
            k => {
                let power = Mark::Close(Bracket::Round, Raised::To(k));
                [OPEN, Mark::Nabla(2, Raised::Not), power, Mark::Gap].into_iter().for_each(|mark| out.mark(mark));
            }
        }
        match arity {
            0 => out.mark(Mark::Nabla(1, Raised::Not)),
            2 => {
                if hessians > 0 {
                    out.mark(OPEN);
                    self.stack.push(Step::Mark(CLOSE));
                }
                let (left, right) = (self.arguments(core)[0], self.arguments(core)[1]);
                let arity_of = |at: usize| self.arguments(self.tails[at]).len();
                // v^T (∇³E) is a matrix, so a product of Hessians to its right needs no parentheses.
                let product = arity_of(right) != 2 || self.hessians[right] > 0;
                let bare = self.hessians[left] == 0 && arity_of(left) == 0;
                if product {
                    self.stack.push(Step::Node(right));
                } else {
                    self.stack.extend([Step::Mark(CLOSE), Step::Node(right), Step::Mark(OPEN)]);
                }
                let between = [Mark::Gap, CLOSE, Mark::Nabla(3, Raised::Not), OPEN, Mark::Gap];
                self.stack.extend(between.map(Step::Mark));
                if bare {
                    out.mark(Mark::Nabla(1, Raised::Transposed));
                } else {
                    out.mark(OPEN);
                    let transposed = Mark::Close(Bracket::Round, Raised::Transposed);
                    self.stack.extend([Step::Mark(transposed), Step::Node(left)]);
                }
            }
            k => {
                [OPEN, Mark::Nabla(k + 1, Raised::Not), CLOSE].into_iter().for_each(|mark| out.mark(mark));
                out.mark(Mark::Open(Bracket::Square));
                self.list(core);
            }
        }
    }

    /// Leaves the arguments of a node and a closing bracket on the stack.
    fn list(&mut self, at: usize) {
        self.stack.push(Step::Mark(Mark::Close(Bracket::Square, Raised::Not)));
        for place in (self.starts[at]..self.starts[at + 1]).rev() {
            self.stack.push(Step::Node(self.children[place]));
            if place > self.starts[at] {
                self.stack.push(Step::Mark(Mark::Comma));
            }
        }
    }
}
