//! The list of operations of a plan, each with the places that it reads and writes.

use super::PlanError;
use super::blocks::{MIN_COMPILED, Needs};
use super::graph::{Graph, Kind, Source, Stage, Value};
use super::kernel::{Half, Kernel};
use super::memory::Memory;
use super::schedule::{Item, one_by_one, schedule};
use super::step::{Base, Factors, KernelStep, Matrix, Place, Step};
use crate::budget::look;
use crate::eval::Kernel as Code;

/// The steps of a plan.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) steps: Vec<Step>,
    pub(super) codes: Vec<Code>,
    /// Where each stage ends.
    pub(super) ends: [usize; 3],
    /// How many numbers its memory has.
    pub(super) memory: usize,
    /// How many of them stay between calls.
    pub(super) kept: usize,
    /// How many numbers the roots have.
    pub(super) outputs: usize,
    /// How many arrays have a place in memory, and how many numbers they have together.
    pub(super) arrays: usize,
    pub(super) unshared: usize,
    /// What kernels need besides.
    pub(super) needs: Needs,
}

/// The steps that compute the roots of a graph; `apart` makes every entrywise operation a step of its own.
pub(super) fn assemble(graph: &Graph, apart: bool) -> Result<Steps, PlanError> {
    let items = if apart { one_by_one(graph) } else { schedule(graph) };
    let mut assembly = Assembly {
        graph,
        places: vec![[None; 2]; graph.nodes.len()],
        last: vec![None; graph.nodes.len()],
        memory: Memory::default(),
        steps: Vec::new(),
        codes: Vec::new(),
        arrays: 0,
        unshared: 0,
        needs: Needs::default(),
        outputs: graph.roots.iter().map(|r| graph.nodes[*r].size).sum(),
    };
    assembly.lifetimes(&items);
    let rest = assembly.place_roots();
    let (mut ends, mut kept) = ([0; 3], 0);
    for (index, (stage, item)) in items.iter().enumerate() {
        look();
        if *stage == Stage::Along && (index == 0 || items[index - 1].0 != Stage::Along) {
            kept = assembly.memory.used();
        }
        assembly.item(index, item)?;
        for end in &mut ends[*stage as usize..] {
            *end = assembly.steps.len();
        }
    }
    if !items.iter().any(|(stage, _)| *stage == Stage::Along) {
        kept = assembly.memory.used();
    }
    assembly.copy_roots(&rest);
    ends[2] = assembly.steps.len();
    let Assembly { steps, codes, memory, outputs, arrays, unshared, needs, .. } = assembly;
    Ok(Steps { steps, codes, ends, memory: memory.length, kept, outputs, arrays, unshared, needs })
}

/// When a value is read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Last {
    /// By an item of the same stage.
    Item(usize),
    /// In a later stage, which may run again.
    Never,
}

struct Assembly<'a> {
    graph: &'a Graph,
    places: Vec<[Option<Place>; 2]>,
    last: Vec<Option<Last>>,
    memory: Memory,
    steps: Vec<Step>,
    codes: Vec<Code>,
    outputs: usize,
    arrays: usize,
    unshared: usize,
    needs: Needs,
}

const HALVES: [Half; 2] = [Half::Real, Half::Imaginary];

impl Assembly<'_> {
    /// What a value is part of, and from which entry on.
    fn whole(&self, value: Value) -> (Value, usize) {
        let (mut value, mut offset) = (value, 0);
        while let Kind::Part(source, from) = self.graph.nodes[value].kind {
            (value, offset) = (source, offset + from);
        }
        (value, offset)
    }

    fn lifetimes(&mut self, items: &[(Stage, Item)]) {
        for (index, (stage, item)) in items.iter().enumerate() {
            self.each_read(item, |this, value| {
                let last = if this.graph.nodes[value].stage == *stage { Last::Item(index) } else { Last::Never };
                this.last[value] = this.last[value].max(Some(last));
            });
        }
        for &root in &self.graph.roots {
            let (value, _) = self.whole(root);
            self.last[value] = Some(Last::Never);
        }
    }

    /// Calls `f` with the values that an item reads from where they stand.
    fn each_read(&mut self, item: &Item, mut f: impl FnMut(&mut Self, Value)) {
        let graph = self.graph;
        let mut read = |a: Value| {
            let (value, _) = self.whole(a);
            f(self, value);
        };
        match item {
            Item::Other(value) => graph.nodes[*value].kind.each_operand(read),
            Item::Kernel { values, .. } => {
                for value in values {
                    graph.nodes[*value].kind.each_operand(&mut read);
                }
            }
        }
    }

    /// Gives those roots their place that are computed along directions, and tells which are copied in the end.
    fn place_roots(&mut self) -> Vec<(Value, usize)> {
        let (mut rest, mut offset) = (Vec::new(), 0);
        for &root in &self.graph.roots {
            let node = &self.graph.nodes[root];
            if node.stage == Stage::Along && !node.kind.is_placed() && self.places[root][0].is_none() {
                self.places[root] = HALVES.map(|half| Some(self.out(offset, half)));
            } else {
                rest.push((root, offset));
            }
            offset += node.size;
        }
        rest
    }

    fn out(&self, offset: usize, half: Half) -> Place {
        Place { base: Base::Out, offset: offset + half as usize * self.outputs }
    }

    /// Where half of a value is; nowhere are the imaginary parts of real numbers.
    fn place(&self, value: Value, half: Half) -> Option<Place> {
        let (whole, from) = self.whole(value);
        let node = &self.graph.nodes[whole];
        if half == Half::Imaginary && !node.complex {
            return None;
        }
        let place = match node.kind {
            Kind::Given(source) => {
                let shift = half as usize * self.graph.dimension;
                match source {
                    Source::Theta(at) => Place { base: Base::Theta, offset: at + shift },
                    Source::Direction(number, at) => Place { base: Base::Direction(number), offset: at + shift },
                    Source::Symbol(s) => Place { base: Base::Symbols, offset: s as usize },
                    Source::Data(d) => Place { base: Base::Data(d), offset: 0 },
                }
            }
            _ => self.places[whole][half as usize].expect("a value that an earlier step has computed"),
        };
        Some(Place { offset: place.offset + from, ..place })
    }

    fn real(&self, value: Value) -> Place {
        self.place(value, Half::Real).expect("every value has real parts")
    }

    /// The halves that a value has.
    fn halves(&self, value: Value) -> &'static [Half] {
        if self.graph.nodes[value].complex { &HALVES } else { &HALVES[..1] }
    }

    fn allocate(&mut self, value: Value) {
        let size = self.graph.nodes[value].size;
        for &half in self.halves(value) {
            if self.places[value][half as usize].is_none() {
                let offset = self.memory.take(size);
                self.arrays += 1;
                self.unshared += size;
                self.places[value][half as usize] = Some(Place { base: Base::Memory, offset });
            }
        }
    }

    fn item(&mut self, index: usize, item: &Item) -> Result<(), PlanError> {
        match item {
            Item::Other(value) => {
                self.allocate(*value);
                self.other(*value)?;
            }
            Item::Kernel { size, values, outputs } => {
                outputs.iter().for_each(|v| self.allocate(*v));
                let kernel = Kernel::new(self.graph, *size, values, outputs)?;
                let place = |(value, half): (Value, Half)| self.place(value, half).expect("a half that there is");
                let inputs = kernel
                    .inputs
                    .iter()
                    .map(|input| input.as_ref().map(|(value, half, access)| (place((*value, *half)), access.clone())));
                let inputs = inputs.collect();
                let outputs = kernel.outputs.iter().map(|output| place(*output)).collect();
                let (code, weight) = (self.codes.len(), kernel.program.instructions().len());
                self.codes.push(Code::new(&kernel.program, *size < MIN_COMPILED));
                let step = KernelStep { code, size: *size, inputs, outputs, weight };
                self.needs.add(&step);
                self.steps.push(Step::Kernel(step));
            }
        }
        // What is read here for the last time, and what nothing reads.
        let mut ending = Vec::new();
        self.each_read(item, |this, value| {
            if this.last[value] == Some(Last::Item(index)) {
                ending.push(value);
            }
        });
        ending.sort_unstable();
        ending.dedup();
        for value in ending {
            for &half in self.halves(value) {
                if let Some(Place { base: Base::Memory, offset }) = self.places[value][half as usize] {
                    self.memory.give(offset, self.graph.nodes[value].size);
                }
            }
        }
        Ok(())
    }

    fn other(&mut self, value: Value) -> Result<(), PlanError> {
        let node = &self.graph.nodes[value];
        for &half in self.halves(value) {
            let to = self.place(value, half).expect("a half that there is");
            let from = |a: Value| self.place(a, half);
            let step = match &node.kind {
                Kind::Product { rows, columns, .. } => {
                    let terms = self.terms(value, half);
                    Step::Product { rows: *rows, columns: *columns, terms, to }
                }
                Kind::Sum(a, lanes) => {
                    from(*a).map_or(Step::Zero { size: node.size, to }, |from| Step::Sum { from, lanes: *lanes, to })
                }
                Kind::Largest(a, lanes) => Step::Largest { from: self.real(*a), lanes: *lanes, to },
                Kind::Gather(a, labels, columns) => {
                    let from = from(*a).expect("labels pick what has the same parts");
                    Step::Gather { from, labels: self.labels(*labels, *columns)?, columns: *columns, to }
                }
                Kind::OneHot(labels, columns) => {
                    Step::OneHot { labels: self.labels(*labels, *columns)?, columns: *columns, to }
                }
                Kind::Transpose(a, rows, columns) => {
                    let from = from(*a).expect("a transpose has the same parts");
                    Step::Transpose { from, rows: *rows, columns: *columns, to }
                }
                Kind::Stack(parts) => Step::Stack { parts: parts.iter().map(|p| from(*p)).collect(), to },
                Kind::Given(_) | Kind::Part(..) | Kind::Entry(_) => unreachable!("no operation of its own"),
            };
            self.steps.push(step);
        }
        Ok(())
    }

    fn labels(&self, data: u32, columns: usize) -> Result<Box<[u32]>, PlanError> {
        let columns = u32::try_from(columns).map_err(|_| PlanError::TooLarge)?;
        let labels = self.graph.data[data as usize].labels(columns);
        Ok(labels.expect("labels that the pool has checked").into())
    }

    /// The real products whose sum is half of a sum of products.
    fn terms(&self, value: Value, half: Half) -> Vec<Factors> {
        let Kind::Product { rows, columns, terms } = &self.graph.nodes[value].kind else { return Vec::new() };
        let mut real = Vec::new();
        for term in terms {
            let matrix = |(value, transposed): (Value, bool), half: Half, rows: usize, columns: usize| {
                let (row, column) = if transposed { (1, rows) } else { (columns, 1) };
                self.place(value, half).map(|at| Matrix { at, row, column })
            };
            let left = |half| matrix(term.left, half, *rows, term.inner);
            let right = |half| matrix(term.right, half, term.inner, *columns);
            let pairs = match half {
                Half::Real => [(Half::Real, Half::Real, 1.0), (Half::Imaginary, Half::Imaginary, -1.0)],
                Half::Imaginary => [(Half::Real, Half::Imaginary, 1.0), (Half::Imaginary, Half::Real, 1.0)],
            };
            for (a, b, sign) in pairs {
                if let (Some(left), Some(right)) = (left(a), right(b)) {
                    real.push(Factors { factor: sign * term.factor, left, right, inner: term.inner });
                }
            }
        }
        real
    }

    fn copy_roots(&mut self, rest: &[(Value, usize)]) {
        for &(root, offset) in rest {
            let size = self.graph.nodes[root].size;
            for &half in if self.graph.complex { &HALVES[..] } else { &HALVES[..1] } {
                let to = self.out(offset, half);
                self.steps.push(match self.place(root, half) {
                    Some(from) => Step::Copy { from, size, to },
                    None => Step::Zero { size, to },
                });
            }
        }
        if self.graph.complex {
            // Roots that are real but are computed in place.
            let mut offset = 0;
            for &root in &self.graph.roots {
                let size = self.graph.nodes[root].size;
                if !self.graph.nodes[root].complex && !rest.contains(&(root, offset)) {
                    self.steps.push(Step::Zero { size, to: self.out(offset, Half::Imaginary) });
                }
                offset += size;
            }
        }
    }
}
