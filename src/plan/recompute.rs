//! Values that lie idle are made again where they are read, where that saves much memory.
//!
//! Expansions to high order read every array of lower order again and again, far apart. What is made of others entry by entry, without a
//! function, costs little to make again and much to keep: of a layer's arrays those remain that are products of matrices or values of functions.
//! Made again, a value has the same bits.

use super::PlanError;
use super::graph::{Entry, Graph, Kind, Node, Value};
use super::steps::{Steps, assemble};
use crate::budget::tick;
use rustc_hash::{FxHashMap, FxHashSet};

/// Memory from which on it is worth the operations, in numbers: 16 MiB, beyond what caches hold.
const MUCH: usize = 1 << 21;

/// Arrays of so many entries are made again.
const LEAST_SIZE: usize = 1 << 12;

/// A value made of more operations than this is kept.
const MOST_OPERATIONS: usize = 64;

/// The steps of a graph, with values made again where that takes less memory, and the graph that they are of.
pub(super) fn lean(graph: Graph) -> Result<(Graph, Steps), PlanError> {
    let steps = assemble(&graph, false)?;
    // What is computed once for many directions is kept for them.
    if steps.memory < MUCH || graph.directions > 0 {
        return Ok((graph, steps));
    }
    let other = recompute(&graph, LEAST_SIZE);
    let fewer = assemble(&other, false)?;
    // A tenth is not worth it.
    Ok(if fewer.memory < steps.memory / 10 * 9 { (other, fewer) } else { (graph, steps) })
}

/// The same graph with values made again.
pub(super) fn recompute(graph: &Graph, least: usize) -> Graph {
    let mut again = Again {
        graph,
        repeatable: repeatable(graph, least),
        nodes: Vec::with_capacity(graph.nodes.len()),
        at: FxHashMap::default(),
        position: 0,
    };
    let live = graph.live();
    for value in (0..graph.nodes.len()).filter(|v| live[*v]) {
        tick();
        if !again.repeatable[value] {
            let kind = again.moved(value);
            let new = again.push(value, kind);
            again.at.insert(value, (new, 0));
            again.position += usize::from(!graph.nodes[value].kind.is_entrywise());
        }
    }
    let roots = graph.roots.iter().map(|root| again.at[root].0).collect();
    let nodes = again.nodes;
    Graph { nodes, roots, data: graph.data.clone(), ..*graph }
}

/// Which values are made again.
fn repeatable(graph: &Graph, least: usize) -> Vec<bool> {
    let mut repeatable = vec![false; graph.nodes.len()];
    let roots: FxHashSet<Value> = graph.roots.iter().copied().collect();
    for (value, node) in graph.nodes.iter().enumerate() {
        tick();
        let cheap = match &node.kind {
            Kind::Entry(Entry::Add(..) | Entry::Mul(..) | Entry::Repeat(..)) => true,
            Kind::Entry(Entry::Pow(_, q)) => q.to_i64().is_some_and(|n| (2..=4).contains(&n)),
            _ => false,
        };
        repeatable[value] = cheap
            && node.size >= least
            && !roots.contains(&value)
            && operations(graph, &repeatable, value) <= MOST_OPERATIONS;
    }
    repeatable
}

/// How many operations make a value, from those that are kept; counted no further than matters.
fn operations(graph: &Graph, repeatable: &[bool], value: Value) -> usize {
    let (mut seen, mut open) = (FxHashSet::from_iter([value]), vec![value]);
    while let Some(value) = open.pop() {
        if seen.len() > MOST_OPERATIONS {
            break;
        }
        graph.nodes[value].kind.each_operand(|a| {
            if repeatable[a] && seen.insert(a) {
                open.push(a);
            }
        });
    }
    seen.len()
}

struct Again<'a> {
    graph: &'a Graph,
    repeatable: Vec<bool>,
    nodes: Vec<Node>,
    /// Where a value stands now, and where it was read last.
    at: FxHashMap<Value, (Value, usize)>,
    /// How many operations there are so far that are not made entry by entry.
    position: usize,
}

impl Again<'_> {
    fn push(&mut self, of: Value, kind: Kind) -> Value {
        self.nodes.push(Node { kind, ..self.graph.nodes[of].clone() });
        self.nodes.len() - 1
    }

    /// A value to be read here, which is made again if it has been read elsewhere.
    fn read(&mut self, value: Value) -> Value {
        if !self.repeatable[value] {
            return self.at[&value].0;
        }
        // What it is made of comes first; as deep as it has operations at most.
        let known = self.at.get(&value).copied().filter(|(_, read)| self.position == *read);
        let new = known.map_or_else(
            || {
                let kind = self.moved(value);
                self.push(value, kind)
            },
            |(new, _)| new,
        );
        self.at.insert(value, (new, self.position));
        new
    }

    /// How a value is made, of values to be read here.
    fn moved(&mut self, value: Value) -> Kind {
        let mut kind = self.graph.nodes[value].kind.clone();
        kind.each_operand_mut(|a| *a = self.read(*a));
        kind
    }
}
