//! Whole-array formulas in Python: NumPy and JAX.

use super::Target;
use super::about::About;
use super::explicit::Explicit;
use super::language::{quotient, whole};
use super::python::{Template, tuple};
use super::python_formulas::Python;
use crate::expr::{Function, Id, Node};
use crate::number::Rational;
use rustc_hash::FxHashMap;
use std::fmt::Write;

/// A module that keeps arrays whole.
pub(super) fn module(
    target: Target,
    explicit: &Explicit,
    parameters: &[String],
    symbols: &[String],
    about: &About,
) -> String {
    let python = Python(target);
    let np = python.library();
    let pool = &explicit.pool;
    let roots = explicit.roots();
    let reached = pool.reachable(&roots);
    let number = |q: &Rational| quotient(q, &whole);
    let mut names: FxHashMap<Id, String> = FxHashMap::default();
    let mut lines: Vec<String> = Vec::new();
    let mut data: Vec<String> = Vec::new();
    let mut count = 0;
    let mut functions: Vec<Function> = Vec::new();
    let mut log_sum_exp = false;
    for id in reached {
        let shape = |id: &Id| tuple(pool.shape(*id).axes().iter().map(usize::to_string));
        let of = |id: &Id| names[id].clone();
        // An operand with one entry repeats, whatever the number of its axes.
        let beside = |one: &Id, other: &Id| {
            let (own, rank) = (pool.shape(*one), pool.shape(*other).rank());
            if own.size() == 1 && own.rank() > rank { format!("{np}.reshape({}, ())", names[one]) } else { of(one) }
        };
        let text = match pool.node(id) {
            Node::Constant(q) => {
                let text = number(q);
                names.insert(id, if q.is_negative() || !q.is_integer() { format!("({text})") } else { text });
                continue;
            }
            Node::Pi => {
                names.insert(id, format!("{np}.pi"));
                continue;
            }
            Node::Symbol(s) => {
                names.insert(id, symbols[*s as usize].clone());
                continue;
            }
            Node::Param(p) => {
                names.insert(id, parameters[*p as usize].clone());
                continue;
            }
            Node::Data(d) => {
                let own = &pool.data()[*d as usize];
                let values: Vec<String> = own.values().iter().map(|x| format!("{x:?}")).collect();
                let name = format!("DATA_{}", data.len());
                let note = if own.name().is_empty() { String::new() } else { format!("  # {}", own.name()) };
                let mut literal =
                    format!("{name} = {}.array([{note}\n", if target == Target::Jax { "numpy" } else { np });
                for row in values.chunks(12) {
                    let _ = writeln!(literal, "    {},", row.join(", "));
                }
                let _ = write!(literal, "]).reshape({})", shape(&id));
                data.push(literal);
                let text = match target {
                    Target::Jax => format!("jnp.asarray({name}, dtype)"),
                    _ => name,
                };
                lines.push(format!("    d{count} = {text}"));
                names.insert(id, format!("d{count}"));
                count += 1;
                continue;
            }
            Node::Direction(..) => "0".to_owned(),
            Node::Add(a, b) => format!("{} + {}", beside(a, b), beside(b, a)),
            Node::Mul(a, b) if pool.as_constant(*a) == Some(&Rational::MINUS_ONE) => format!("-{}", of(b)),
            Node::Mul(a, b) => format!("{} * {}", beside(a, b), beside(b, a)),
            Node::Pow(a, q) if *q == Rational::new(1, 2) => format!("{np}.sqrt({})", of(a)),
            Node::Pow(a, q) if *q == Rational::MINUS_ONE => format!("1 / {}", of(a)),
            Node::Pow(a, q) if q.is_integer() && !q.is_negative() => format!("{} ** {}", of(a), number(q)),
            Node::Pow(a, q) if q.is_integer() => format!("1 / {} ** {}", of(a), number(&q.abs())),
            Node::Pow(a, q) => format!("{} ** ({})", of(a), number(q)),
            Node::Apply(f, a) => {
                functions.push(*f);
                format!("{}({})", python.function(*f), of(a))
            }
            Node::Broadcast(a, _) => format!("{np}.broadcast_to({}, {})", of(a), shape(&id)),
            Node::Stack(parts) => {
                let parts: Vec<String> = parts.iter().map(of).collect();
                format!("{np}.stack([{}])", parts.join(", "))
            }
            Node::Reshape(a, _) => format!("{np}.reshape({}, {})", of(a), shape(&id)),
            Node::Index(a, k) => format!("{np}.reshape({}, -1)[{k}]", of(a)),
            Node::Sum(a) => format!("{np}.sum({})", of(a)),
            Node::SumAxis(a, axis) => format!("{np}.sum({}, {axis})", of(a)),
            Node::LogSumExp(a) => {
                log_sum_exp = true;
                format!("_logsumexp({}, None)", of(a))
            }
            Node::LogSumExpAxis(a, axis) => {
                log_sum_exp = true;
                format!("_logsumexp({}, {axis})", of(a))
            }
            Node::Transpose(a) => format!("{}.T", of(a)),
            Node::Matmul(a, b) => format!("{} @ {}", of(a), of(b)),
            Node::Gather(a, labels) => {
                format!(
                    "{}[{np}.arange({}), {np}.reshape({}, -1).astype(int)]",
                    of(a),
                    pool.shape(*a).axes()[0],
                    of(labels)
                )
            }
            Node::OneHot(labels, columns) => {
                format!("{np}.eye({columns})[{np}.reshape({}, -1).astype(int)]", of(labels))
            }
        };
        lines.push(format!("    a{count} = {text}"));
        names.insert(id, format!("a{count}"));
        count += 1;
    }
    lines.push("    return [".to_owned());
    let keys: Vec<&str> = pool.parameters().map(|(name, _)| name).collect();
    for (n, arrays) in explicit.orders.iter().enumerate() {
        let parts: Vec<String> = keys
            .iter()
            .zip(arrays)
            .map(|(key, id)| {
                let shape = tuple(pool.shape(*id).axes().iter().map(usize::to_string));
                format!("{key:?}: {np}.broadcast_to({}, {shape})", names[id])
            })
            .collect();
        let one_line = parts.join(", ");
        let listed = match one_line.len() {
            0..=90 => one_line,
            _ => format!("\n            {},\n        ", parts.join(",\n            ")),
        };
        lines.push(format!("        {{{listed}}},  # f_{n}"));
    }
    lines.push("    ]".to_owned());
    let mut unpacked: Vec<String> =
        keys.iter().zip(parameters).map(|(key, name)| format!("    {name} = params[{key:?}]")).collect();
    if target == Target::Jax && !data.is_empty() {
        unpacked.push("    dtype = jnp.result_type(*params.values())".to_owned());
    }
    let mut helpers = python.helpers(&|f| functions.contains(&f), false);
    if log_sum_exp {
        helpers.push_str(
            &"\n\ndef _logsumexp(x, axis):\n    top = @np.max(@np.real(x), axis, keepdims=True)\n    \
              sums = @np.sum(@np.exp(x - top), axis)\n    return @np.reshape(top, @np.shape(sums)) + @np.log(sums)\n"
                .replace("@np", np),
        );
    }
    let arguments: String = symbols.iter().map(|s| format!(", {s}")).collect();
    let stars = if symbols.is_empty() { "" } else { ", *" };
    let given: String = symbols.iter().map(|s| format!(", {s}={s}")).collect();
    let mut imports = match target {
        Target::Jax => "import jax.numpy as jnp\nimport numpy".to_owned(),
        _ => "import numpy as np".to_owned(),
    };
    if functions.contains(&Function::Erf) {
        imports = if target == Target::Jax {
            format!("import jax.scipy.special\n{imports}")
        } else {
            format!("import math\n\n{imports}")
        };
    }
    let data = if data.is_empty() { String::new() } else { format!("\n{}\n", data.join("\n")) };
    let body = Template::new(include_str!("array_code.py"))
        .put("np", np)
        .put("imports", &imports)
        .put("data\n", &data)
        .put("arguments", &format!("{stars}{arguments}"))
        .put("given", &given)
        .put("unpacked", &unpacked.join("\n"))
        .put("lines", &lines.join("\n"))
        .put("helpers\n", &helpers)
        .text();
    let library = if target == Target::Jax { "JAX" } else { "NumPy" };
    let shapes: Vec<String> =
        pool.parameters().map(|(name, shape)| format!("{name:?}: {:?}", shape.axes()).replace(['"'], "'")).collect();
    format!(
        "\"\"\"{}\n    field(params, h)    d params/dt of a dictionary of arrays of these shapes:\n                        {}\n    \
         terms(params)       [f_0, f_1, ...], dictionaries, whose sum with powers of h is the field\n\"\"\"\n\n{body}",
        about.head(library),
        shapes.join(", ")
    )
}
