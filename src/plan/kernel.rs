//! Entrywise operations as programs.

use super::PlanError;
use super::graph::{Access, Entry, Graph, Kind, Value};
use crate::eval::{Complex, ComplexBuilder, Operand, Program, ProgramBuilder};
use crate::expr::Algebra;
use rustc_hash::FxHashMap;

/// Half of a value: the real parts of its entries, or the imaginary ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Half {
    Real,
    Imaginary,
}

/// What a kernel reads: half a value, and where its entries stand; nothing for the imaginary parts of real numbers.
pub(super) type Input = Option<(Value, Half, Access)>;

/// A program for every entry.
#[derive(Debug)]
pub(super) struct Kernel {
    pub(super) program: Program,
    /// The inputs of the program, in order.
    pub(super) inputs: Vec<Input>,
    /// The outputs of the program, in order.
    pub(super) outputs: Vec<(Value, Half)>,
}

impl Kernel {
    /// The program of some entrywise values on arrays of a size.
    pub(super) fn new(graph: &Graph, size: usize, values: &[Value], outputs: &[Value]) -> Result<Self, PlanError> {
        let mut reading =
            Reading { graph, known: values.iter().copied().collect(), inputs: Vec::new(), at: FxHashMap::default() };
        let access = |a: Value| if graph.nodes[a].size == size { Access::Same } else { Access::Scalar };
        for &value in values {
            match &graph.nodes[value].kind {
                Kind::Entry(Entry::Add(a, b) | Entry::Mul(a, b)) => {
                    reading.read(*a, *a, access(*a));
                    reading.read(*b, *b, access(*b));
                }
                Kind::Entry(Entry::Pow(a, _) | Entry::Apply(_, a)) => reading.read(*a, *a, access(*a)),
                Kind::Entry(Entry::Repeat(a, access)) if graph.nodes[*a].kind.number().is_none() => {
                    reading.known.remove(&value);
                    reading.read(value, *a, access.clone());
                }
                _ => {}
            }
        }
        let Reading { inputs, at, .. } = reading;
        let complex = |v: &Value| graph.nodes[*v].complex;
        let halves =
            |v: &Value| [(*v, Half::Real), (*v, Half::Imaginary)].into_iter().take(if complex(v) { 2 } else { 1 });
        let outputs: Vec<(Value, Half)> = outputs.iter().flat_map(halves).collect();
        let program = if graph.complex {
            let mut builder = ComplexBuilder::new(inputs.len() / 2)?;
            let found = build(graph, values, &mut builder, |builder, given| match given {
                Given::Number(x) => builder.number(x),
                Given::Input(value) => {
                    let k = at[&value];
                    let whole = builder.input(k / 2);
                    Complex { im: if inputs[k + 1].is_some() { whole.im } else { builder.number(0.0).im }, ..whole }
                }
            });
            let part = |(value, half): &(Value, Half)| match half {
                Half::Real => found[value].re,
                Half::Imaginary => found[value].im,
            };
            let parts: Vec<Operand> = outputs.iter().map(part).collect();
            builder.finish_parts(&parts)?
        } else {
            let mut builder = ProgramBuilder::new(inputs.len())?;
            let found = build(graph, values, &mut builder, |builder, given| match given {
                Given::Number(x) => builder.constant(x),
                Given::Input(value) => builder.input(at[&value]),
            });
            let parts: Vec<Operand> = outputs.iter().map(|(value, _)| found[value]).collect();
            builder.finish(&parts)?
        };
        Ok(Self { program, inputs, outputs })
    }
}

/// The inputs of a kernel as they are found.
struct Reading<'a> {
    graph: &'a Graph,
    /// What is computed inside, and what has its input already.
    known: rustc_hash::FxHashSet<Value>,
    inputs: Vec<Input>,
    /// Where the input is that stands for a value.
    at: FxHashMap<Value, usize>,
}

impl Reading<'_> {
    /// Makes `value` an input, which has the entries of `from`.
    fn read(&mut self, value: Value, from: Value, access: Access) {
        let node = &self.graph.nodes[from];
        if node.kind.number().is_some() || !self.known.insert(value) {
            return;
        }
        self.at.insert(value, self.inputs.len());
        self.inputs.push(Some((from, Half::Real, access.clone())));
        if self.graph.complex {
            self.inputs.push(node.complex.then_some((from, Half::Imaginary, access)));
        }
    }
}

/// What is not computed inside of a kernel.
enum Given {
    Number(f64),
    Input(Value),
}

/// The operations of a kernel in an algebra.
fn build<A: Algebra>(
    graph: &Graph,
    values: &[Value],
    algebra: &mut A,
    mut given: impl FnMut(&mut A, Given) -> A::Value,
) -> FxHashMap<Value, A::Value> {
    let mut found: FxHashMap<Value, A::Value> = FxHashMap::default();
    for &value in values {
        let Kind::Entry(entry) = &graph.nodes[value].kind else { continue };
        let mut operand = |algebra: &mut A, a: Value| match (found.get(&a), graph.nodes[a].kind.number()) {
            (_, Some(x)) => given(algebra, Given::Number(x)),
            (Some(known), None) => known.clone(),
            (None, None) => given(algebra, Given::Input(a)),
        };
        let result = match entry {
            Entry::Number(x) => given(algebra, Given::Number(*x)),
            Entry::Add(a, b) => {
                let (a, b) = (operand(algebra, *a), operand(algebra, *b));
                algebra.add(&a, &b)
            }
            Entry::Mul(a, b) => {
                let (a, b) = (operand(algebra, *a), operand(algebra, *b));
                algebra.mul(&a, &b)
            }
            Entry::Pow(a, q) => {
                let a = operand(algebra, *a);
                algebra.pow(&a, q)
            }
            Entry::Apply(f, a) => {
                let a = operand(algebra, *a);
                algebra.apply(*f, &a)
            }
            Entry::Repeat(a, _) => match graph.nodes[*a].kind.number() {
                Some(x) => given(algebra, Given::Number(x)),
                None => given(algebra, Given::Input(value)),
            },
        };
        found.insert(value, result);
    }
    found
}
