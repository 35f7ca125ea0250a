//! What is written in blocks, read again and multiplied out.

use super::{read, written};
use shadowflow::concrete::{EvaluateOptions, evaluate};
use shadowflow::form::{Form, Formulas};
use shadowflow::formula::text;
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use std::collections::BTreeMap;

/// Entries of a block, row-major, with the lengths of its axes as they are written.
#[derive(Debug, Clone)]
struct Block {
    entries: Vec<f64>,
}

/// Reads and multiplies out the right side of a component.
struct Reader<'a> {
    rest: &'a str,
    blocks: &'a BTreeMap<String, Block>,
    sizes: &'a BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn take(&mut self, sign: char) -> bool {
        let trimmed = self.rest.trim_start();
        let found = trimmed.strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn sum(&mut self, size: usize) -> Vec<f64> {
        let mut total = vec![0.0; size];
        let mut sign = if self.take('-') { -1.0 } else { 1.0 };
        loop {
            let term = self.term(size);
            total.iter_mut().zip(term).for_each(|(sum, value)| *sum += sign * value);
            sign = match () {
                () if self.take('+') => 1.0,
                () if self.take('-') => -1.0,
                () => return total,
            };
        }
    }

    /// A number, and what it stands before.
    fn term(&mut self, size: usize) -> Vec<f64> {
        let trimmed = self.rest.trim_start();
        let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '/').unwrap_or(trimmed.len());
        let number = if end == 0 { 1.0 } else { trimmed[..end].parse::<Rational>().unwrap().to_f64() };
        self.rest = &trimmed[end..];
        self.applied(size).into_iter().map(|value| number * value).collect()
    }

    fn applied(&mut self, size: usize) -> Vec<f64> {
        if self.take('(') {
            let inner = self.sum(size);
            assert!(self.take(')'), "a bracket closes at {}", self.rest);
            return inner;
        }
        let trimmed = self.rest.trim_start();
        let end = trimmed.find(']').unwrap() + 1;
        let (letter, rest) = trimmed.split_at(end);
        self.rest = rest;
        let block = self.blocks[letter].entries.clone();
        let inside = letter.split_once('[').unwrap().1.trim_end_matches(']');
        let axes: Vec<usize> = inside.split(',').map(|name| self.sizes[name]).collect();
        assert_eq!(axes[0], size);
        let power = match self.rest.strip_prefix('^') {
            Some(rest) => {
                let end = rest.find(' ').unwrap();
                self.rest = &rest[end..];
                rest[..end].parse().unwrap()
            }
            None => 1,
        };
        let arguments: Vec<Vec<f64>> = match axes.len() {
            1 => Vec::new(),
            2 => vec![self.applied(axes[1])],
            _ => {
                assert!(self.rest.starts_with('['), "{}", self.rest);
                self.rest = &self.rest[1..];
                let arguments = axes[1..].iter().enumerate().map(|(at, size)| {
                    assert!(at == 0 || self.take(','), "{}", self.rest);
                    self.sum(*size)
                });
                let arguments = arguments.collect();
                assert!(self.take(']'));
                arguments
            }
        };
        let contracted = |arguments: &[Vec<f64>]| {
            arguments.iter().rev().fold(block.clone(), |entries, argument| {
                entries.chunks(argument.len()).map(|row| row.iter().zip(argument).map(|(a, b)| a * b).sum()).collect()
            })
        };
        (1..power).fold(contracted(&arguments), |value, _| contracted(&[value]))
    }
}

/// The values of all blocks at a point; a block that is another one's is taken apart along its axes.
fn blocks(
    formulas: &Formulas,
    declarations: &str,
    at: &[Rational],
    sizes: &BTreeMap<String, usize>,
) -> BTreeMap<String, Block> {
    let head = formulas
        .lets
        .iter()
        .fold(format!("{declarations}\n"), |out, (name, value)| out + &format!("let {name} = {value}\n"));
    let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
    let mut alone: BTreeMap<String, BTreeMap<Vec<String>, f64>> = BTreeMap::new();
    for (letter, value) in &formulas.derivatives {
        let name = text(letter, &formulas.spelling.symbols);
        let value = text(value, &formulas.spelling.symbols);
        let own = |text: &str| {
            text.split_once('[').unwrap().1.trim_end_matches(']').split(',').map(str::to_owned).collect::<Vec<_>>()
        };
        // An entry of its own, and those that are equal to it by symmetry.
        if name.matches('[').count() > 1 {
            let inside = name.split_once('[').unwrap().1.strip_suffix(']').unwrap();
            let mut entries: Vec<String> = inside
                .split_inclusive(']')
                .flat_map(|part| part.trim_matches(',').split(',').map(str::to_owned).collect::<Vec<_>>())
                .collect();
            let arrays: Vec<&str> = entries.iter().map(|entry| entry.split('[').next().unwrap()).collect();
            let block = format!("{}[{}]", name.split('[').next().unwrap(), arrays.join(","));
            let loss = read(&format!("{head}loss {value}\n"));
            entries.sort_unstable();
            let found = evaluate(&loss, at, 0, &EvaluateOptions::default()).unwrap().loss.unwrap();
            assert!(alone.entry(block).or_default().insert(entries, found).is_none(), "{name} twice");
            continue;
        }
        let other = value.trim_end_matches('\'');
        let entries = match blocks.get(other) {
            // Symmetric: the entry at permuted indices.
            Some(known) => {
                let (mine, theirs) = (own(&name), own(other));
                let axes: Vec<usize> = mine.iter().map(|n| sizes[n]).collect();
                (0..axes.iter().product())
                    .map(|flat: usize| {
                        let mut rest = flat;
                        let mut at: Vec<(String, usize)> = axes
                            .iter()
                            .zip(&mine)
                            .rev()
                            .map(|(size, name)| {
                                let index = rest % size;
                                rest /= size;
                                (name.clone(), index)
                            })
                            .collect();
                        theirs.iter().fold(0, |flat, name| {
                            let found = at.iter().position(|(own, _)| own == name).unwrap();
                            flat * sizes[name] + at.remove(found).1
                        })
                    })
                    .map(|flat| known.entries[flat])
                    .collect()
            }
            None => {
                let (mut depth, mut last) = (0, ' ');
                let split = value.split(|c: char| {
                    // An index is a bracket behind a name.
                    let index = c == '[' && (last.is_alphanumeric() || last == '_');
                    match c {
                        '(' => depth += 1,
                        '[' if index || depth > 0 => depth += 1,
                        ')' => depth -= 1,
                        ']' if depth > 0 => depth -= 1,
                        _ => {}
                    }
                    last = c;
                    depth == 0 && c == ','
                });
                // Indices of the parameters keep their brackets.
                let entry = |entry: &str| {
                    let entry = entry.trim().trim_start_matches('[');
                    let open = entry.matches('[').count();
                    let mut entry = entry.to_owned();
                    while entry.matches(']').count() > open {
                        entry.pop();
                    }
                    let loss = read(&format!("{head}loss {entry}\n"));
                    evaluate(&loss, at, 0, &EvaluateOptions::default()).unwrap().loss.unwrap()
                };
                split.map(entry).collect()
            }
        };
        blocks.insert(name, Block { entries });
    }
    for (name, known) in alone {
        let axes: Vec<&str> = name.split_once('[').unwrap().1.trim_end_matches(']').split(',').collect();
        let all = axes.iter().fold(vec![Vec::new()], |all: Vec<Vec<String>>, axis| {
            let entry = |k: usize| if sizes[*axis] == 1 { (*axis).to_owned() } else { format!("{axis}[{k}]") };
            all.into_iter().flat_map(|head| (0..sizes[*axis]).map(move |k| [&head[..], &[entry(k)]].concat())).collect()
        });
        let entry = |mut entry: Vec<String>| {
            entry.sort_unstable();
            known.get(&entry).copied().unwrap_or(0.0)
        };
        blocks.insert(name.clone(), Block { entries: all.into_iter().map(entry).collect() });
    }
    blocks
}

#[test]
fn blocks_multiply_out_to_the_components() {
    for (declarations, loss) in [
        ("param w[2], b", "(w[0]*w[1]*b - 1)^2/2 + tanh(w[0] - b)"),
        ("param W[2, 2], v[2]", "norm2(W @ v - [1, 2])/2 + v[0]^3"),
        ("param u[2], v", "((u[0]*v - 1)^2 + (u[1]*v - 2)^2)/2"),
        ("param u[2], v[2]", "(u[0]*v[0] - 1)^2 + (u[0]*v[1] - 2)^2 + (u[1]*v[0] + 1)^2 + (u[1]*v[1])^2"),
        ("param m[3]", "-logsumexp([-(m[0] - 1)^2/2, -(m[1] + 1)^2/2, -m[2]^2/2])"),
    ] {
        let loss = read(&format!("{declarations}\nloss {loss}\n"));
        let pool = loss.expression.pool();
        let sizes: BTreeMap<String, usize> =
            pool.parameters().map(|(name, shape)| (name.to_owned(), shape.size())).collect();
        let at: Vec<Rational> =
            (0..pool.dimension()).map(|k| Rational::new(2 * i64::try_from(k).unwrap() - 3, 7)).collect();
        let expected = evaluate(&loss, &at, 3, &EvaluateOptions::default()).unwrap().orders;
        let formulas = written(&loss, &BoundOptimizer::gradient_descent(), 3, Form::Derivatives);
        let blocks = blocks(&formulas, declarations, &at, &sizes);
        for (n, order) in formulas.orders.iter().enumerate() {
            let values = [&expected[n].value, &expected[n].principal, &expected[n].nonprincipal];
            for (part, values) in [&order.components, &order.principal, &order.nonprincipal].into_iter().zip(values) {
                let mut from = 0;
                for (name, component) in formulas.parameters.iter().zip(part) {
                    let size = sizes[&name.to_string()];
                    let written = text(component, &formulas.spelling.symbols);
                    let found = if written == "0" {
                        vec![0.0; size]
                    } else {
                        Reader { rest: &written, blocks: &blocks, sizes: &sizes }.sum(size)
                    };
                    for (found, value) in found.iter().zip(&values[from..from + size]) {
                        let value = value.unwrap();
                        assert!(
                            (found - value).abs() <= 1e-12 * (1.0 + value.abs()),
                            "f_{n} of {name}: {found} and {value} in {written}"
                        );
                    }
                    from += size;
                }
            }
        }
    }
}
