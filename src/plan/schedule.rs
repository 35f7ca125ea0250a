//! In which order values are computed, and which of those made entry by entry are computed together.
//!
//! Everything but entrywise operations runs in the order of the pool, which is that of reverse mode. Entrywise operations run as late as
//! what reads them allows, so that little is kept, and those of one size that run before the same other operation are one kernel.

use super::graph::{Entry, Graph, Kind, Node, Stage, Value};
use crate::budget::tick;
use std::collections::BTreeMap;

/// What runs at once.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// Entrywise operations on arrays of one size, in order, and those of their values that something else reads.
    Kernel { size: usize, values: Vec<Value>, outputs: Vec<Value> },
    /// Another operation.
    Other(Value),
}

/// The operations of every stage, in order.
pub(super) fn schedule(graph: &Graph) -> Vec<(Stage, Item)> {
    let live = graph.live();
    let nodes = &graph.nodes;
    let mut is_root = vec![false; nodes.len()];
    for &root in &graph.roots {
        is_root[root] = true;
    }
    // The place of a value is before the operation of that index: as early as its operands allow, and as late as its readers do.
    let mut earliest = vec![0; nodes.len()];
    for value in (0..nodes.len()).filter(|v| live[*v]) {
        if nodes[value].kind.is_entrywise() {
            let mut place = 0;
            nodes[value].kind.each_operand(|a| place = place.max(earliest[a]));
            earliest[value] = place;
        } else {
            earliest[value] = value + 1;
        }
    }
    let mut latest: Vec<Value> = vec![usize::MAX; nodes.len()];
    for value in (0..nodes.len()).rev().filter(|v| live[*v]) {
        if !nodes[value].kind.is_entrywise() {
            latest[value] = value;
        } else if is_root[value] {
            latest[value] = latest[value].min(earliest[value]);
        }
        let place = latest[value];
        nodes[value].kind.each_operand(|a| latest[a] = latest[a].min(place));
    }
    // Places between which nothing runs are one.
    let mut next = vec![nodes.len(); nodes.len() + 1];
    for value in (0..nodes.len()).rev() {
        let runs = live[value] && !nodes[value].kind.is_entrywise() && !matches!(nodes[value].kind, Kind::Given(_));
        next[value] = if runs { value } else { next[value + 1] };
    }
    let mut kernels: BTreeMap<(Stage, usize, usize), Vec<Value>> = BTreeMap::new();
    let mut items: Vec<((Stage, usize, usize), Item)> = Vec::new();
    let mut kernel_of: Vec<Option<(Stage, usize, usize)>> = vec![None; nodes.len()];
    for value in (0..nodes.len()).filter(|v| live[*v]) {
        tick();
        let node = &nodes[value];
        if node.kind.is_entrywise() {
            let key = (node.stage, next[latest[value].min(nodes.len())], node.size);
            kernel_of[value] = Some(key);
            kernels.entry(key).or_default().push(value);
        } else if !node.kind.is_placed() {
            items.push(((node.stage, value, usize::MAX), Item::Other(value)));
        }
    }
    // Kernels know numbers, which others find in memory.
    let mut is_read = is_root;
    for value in (0..nodes.len()).filter(|v| live[*v]) {
        let kernel = kernel_of[value];
        nodes[value].kind.each_operand(|a| {
            is_read[a] |= kernel.is_none() || kernel != kernel_of[a] && nodes[a].kind.number().is_none();
        });
    }
    for (key, mut values) in kernels {
        values.retain(|v| is_read[*v] || nodes[*v].kind.number().is_none());
        let outputs: Vec<Value> = values.iter().copied().filter(|v| is_read[*v]).collect();
        if !outputs.is_empty() {
            items.push((key, Item::Kernel { size: key.2, values, outputs }));
        }
    }
    items.sort_by_key(|(key, _)| *key);
    items.into_iter().map(|(key, item)| (key.0, item)).collect()
}

/// The operations of every stage, in the order of the graph, each by itself. Numbers and what repeats arrays belong to the operations that read them.
pub(super) fn one_by_one(graph: &Graph) -> Vec<(Stage, Item)> {
    let (live, nodes) = (graph.live(), &graph.nodes);
    let inside = |value: Value| matches!(nodes[value].kind, Kind::Entry(Entry::Number(_) | Entry::Repeat(..)));
    // What others than entrywise operations read stands in memory.
    let mut is_read = vec![false; nodes.len()];
    graph.roots.iter().for_each(|root| is_read[*root] = true);
    for value in (0..nodes.len()).filter(|v| live[*v]) {
        if !nodes[value].kind.is_entrywise() || matches!(nodes[value].kind, Kind::Entry(Entry::Repeat(..))) {
            nodes[value]
                .kind
                .each_operand(|a| is_read[a] |= nodes[a].kind.number().is_none() || !nodes[value].kind.is_entrywise());
        }
    }
    let mut items = Vec::new();
    for value in (0..nodes.len()).filter(|v| live[*v]) {
        let Node { kind, size, stage, .. } = &nodes[value];
        if kind.is_placed() || inside(value) && !is_read[value] {
            continue;
        }
        let item = if kind.is_entrywise() {
            let mut values = Vec::new();
            kind.each_operand(|a| values.extend(matches!(nodes[a].kind, Kind::Entry(Entry::Repeat(..))).then_some(a)));
            values.dedup();
            values.push(value);
            Item::Kernel { size: *size, values, outputs: vec![value] }
        } else {
            Item::Other(value)
        };
        items.push((*stage, item));
    }
    items.sort_by_key(|(stage, _)| *stage);
    items
}
