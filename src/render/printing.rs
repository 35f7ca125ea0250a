//! A stand-in for `expr`'s printing.

use crate::expr::{Id, Node, Polynomial, Pool};
use rustc_hash::FxHashMap;

pub(super) struct Printed {
    pub(super) lets: Vec<(String, String)>,
    pub(super) expressions: Vec<String>,
}

pub(super) fn print(pool: &Pool, roots: &[Id], _reserved: &[String]) -> Printed {
    let mut texts: FxHashMap<Id, String> = FxHashMap::default();
    for id in pool.reachable(roots) {
        let text = match pool.node(id) {
            Node::Constant(q) => format!("({q})"),
            Node::Param(p) => pool.parameters().nth(*p as usize).map_or(String::new(), |(n, _)| n.to_owned()),
            Node::Symbol(s) => pool.symbols()[*s as usize].clone(),
            Node::Add(a, b) => format!("({} + {})", texts[a], texts[b]),
            Node::Mul(a, b) => format!("({}*{})", texts[a], texts[b]),
            Node::Pow(a, q) => format!("({})^({q})", texts[a]),
            Node::Apply(f, a) => format!("{}({})", f.name(), texts[a]),
            Node::Index(a, k) => format!("{}[{k}]", texts[a]),
            _ => "pi".to_owned(),
        };
        texts.insert(id, text);
    }
    Printed { lets: Vec::new(), expressions: roots.iter().map(|r| texts[r].clone()).collect() }
}

pub(super) fn polynomial(p: &Polynomial, names: &[String]) -> String {
    let mut text = String::new();
    for (at, (exponents, c)) in p.terms().enumerate() {
        text.push_str(match (at, c.is_negative()) {
            (0, true) => "-",
            (0, false) => "",
            (_, true) => " - ",
            (_, false) => " + ",
        });
        let mut factors = Vec::new();
        if !c.abs().is_one() || exponents.iter().all(|e| *e == 0) {
            factors.push(c.abs().to_string());
        }
        for (name, e) in names.iter().zip(exponents) {
            match e {
                0 => {}
                1 => factors.push(name.clone()),
                e => factors.push(format!("{name}^{e}")),
            }
        }
        text.push_str(&factors.join("*"));
    }
    if text.is_empty() { "0".to_owned() } else { text }
}
