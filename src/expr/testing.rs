//! What unit tests share: floats as an algebra and random losses.

use super::{Algebra, Data, Function, Id, Pool, Shape, Tape, Variable};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// Plain `f64`.
#[derive(Debug)]
pub(crate) struct Floats;

fn erf(x: f64) -> f64 {
    // 2/√π Σ (−1)^k x^(2k+1) / (k! (2k+1)), good for the small arguments of the tests.
    let (mut power, mut sum) = (x, 0.0);
    for k in 0..60 {
        let k = f64::from(k);
        sum += power / (2.0 * k + 1.0);
        power *= -x * x / (k + 1.0);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

impl Algebra for Floats {
    type Value = f64;

    fn rational(&mut self, q: &Rational) -> f64 {
        q.to_f64()
    }
    fn pi(&mut self) -> f64 {
        std::f64::consts::PI
    }
    fn add(&mut self, a: &f64, b: &f64) -> f64 {
        a + b
    }
    fn mul(&mut self, a: &f64, b: &f64) -> f64 {
        a * b
    }
    fn scale(&mut self, q: &Rational, a: &f64) -> f64 {
        q.to_f64() * a
    }
    fn pow(&mut self, a: &f64, exponent: &Rational) -> f64 {
        a.powf(exponent.to_f64())
    }
    fn apply(&mut self, function: Function, a: &f64) -> f64 {
        use Function as F;
        match function {
            F::Exp => a.exp(),
            F::Log => a.ln(),
            F::Log1p => a.ln_1p(),
            F::Expm1 => a.exp_m1(),
            F::Sin => a.sin(),
            F::Cos => a.cos(),
            F::Tan => a.tan(),
            F::Asin => a.asin(),
            F::Acos => a.acos(),
            F::Atan => a.atan(),
            F::Sinh => a.sinh(),
            F::Cosh => a.cosh(),
            F::Tanh => a.tanh(),
            F::Erf => erf(*a),
            F::Sigmoid => 1.0 / (1.0 + (-a).exp()),
            F::Softplus => a.exp().ln_1p(),
            F::Relu => a.max(0.0),
            F::Abs => a.abs(),
            F::Sign => {
                if *a == 0.0 {
                    0.0
                } else {
                    a.signum()
                }
            }
            F::Step => f64::from(u8::from(*a > 0.0)),
        }
    }
    fn logsumexp(&mut self, terms: &[f64]) -> f64 {
        let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        top + terms.iter().map(|t| (t - top).exp()).sum::<f64>().ln()
    }
    fn is_zero(&self, a: &f64) -> bool {
        *a == 0.0
    }
}

/// Numbers between −1 and 1 that repeat nothing.
pub(crate) fn number(k: usize, seed: usize) -> Rational {
    Rational::new(i64::try_from((k * 37 + 11 + seed * 53) % 101).unwrap() - 50, 64)
}

/// The softmax cross-entropy of a network with layers of these widths, the features first and the classes last, on so many rows.
pub(crate) fn classifier(function: Function, rows: usize, widths: &[usize]) -> (Pool, Id) {
    let mut p = Pool::new();
    let shape = Shape::new(&[rows, widths[0]]);
    let features: Vec<f64> = (0..shape.size()).map(|k| number(k, 4).to_f64()).collect();
    let mut z = p.declare_data(Data::new("X", shape, features).unwrap());
    for layer in 1..widths.len() {
        let w = p.declare_parameter(&format!("W{layer}"), Shape::new(&[widths[layer - 1], widths[layer]]));
        let b = p.declare_parameter(&format!("b{layer}"), Shape::vector(widths[layer]));
        if layer > 1 {
            z = p.apply(function, z);
        }
        z = p.matmul(z, w).unwrap();
        z = p.add(z, b);
    }
    let labels: Vec<f64> = (0..rows).map(|k| ((2 * k + 2) % widths[widths.len() - 1]) as f64).collect();
    let y = p.declare_data(Data::new("y", Shape::vector(rows), labels).unwrap());
    let (log, picked) = (p.logsumexp_axis(z, 1).unwrap(), p.gather(z, y).unwrap());
    let rest = p.sub(log, picked);
    let total = p.sum(rest);
    let loss = p.scaled(&Rational::new(1, i64::try_from(rows).unwrap()), total);
    (p, loss)
}

/// The values of scalar or array expressions at a point, symbols being 0.5.
pub(super) fn evaluate(pool: &Pool, roots: &[Id], theta: &[f64]) -> Vec<f64> {
    Tape::new(pool, roots).evaluate(&mut Floats, |_, variable| match variable {
        Variable::Theta(k) => theta[k as usize],
        _ => 0.5,
    })
}

/// A scalar expression over `x`, `y`, `w[3]` and a symbol `c`, made by running bytes as a stack machine.
///
/// Smooth around the unit cube: whatever has a bounded domain gets a bounded argument.
pub(super) fn random_loss(code: &[u8]) -> (Pool, Id) {
    let mut p = Pool::new();
    let x = p.declare_parameter("x", Shape::scalar());
    let y = p.declare_parameter("y", Shape::scalar());
    let w = p.declare_parameter("w", Shape::vector(3));
    let c = p.declare_symbol("c");
    let mut stack = vec![x, w];
    for &byte in code {
        let top = *stack.last().unwrap_or(&y);
        let argument = usize::from(byte / 16);
        let bounded = |p: &mut Pool, id: Id| {
            let s = p.apply(Function::Tanh, id);
            p.scaled(&Rational::new(1, 2), s)
        };
        let new = match byte % 16 {
            0 => [x, y, w, c][argument % 4],
            1 => {
                let k = i64::from(byte / 16) - 7;
                p.constant(Rational::new(k, 1 + k.abs() % 3))
            }
            2 | 3 => {
                let (a, b) = (stack.pop().unwrap_or(x), stack.pop().unwrap_or(y));
                p.add(a, b)
            }
            4 | 5 => {
                let (a, b) = (stack.pop().unwrap_or(x), stack.pop().unwrap_or(y));
                p.mul(a, b)
            }
            6 => {
                let (a, b) = (stack.pop().unwrap_or(x), stack.pop().unwrap_or(y));
                p.sub(a, b)
            }
            7 => p.pow(top, &Rational::from(2 + i64::from(byte / 64))),
            8 => {
                // A power of something positive.
                let b = bounded(&mut p, top);
                let one = p.integer(1);
                let base = p.add(one, b);
                let q = [Rational::new(1, 2), Rational::new(-1, 2), Rational::MINUS_ONE, Rational::from(-2)];
                p.pow(base, &q[argument % 4])
            }
            9 => {
                let b = bounded(&mut p, top);
                let functions = [
                    Function::Exp,
                    Function::Log1p,
                    Function::Asin,
                    Function::Tan,
                    Function::Erf,
                    Function::Sigmoid,
                    Function::Softplus,
                    Function::Sinh,
                ];
                p.apply(functions[argument % 8], b)
            }
            10 => p.apply([Function::Sin, Function::Cos, Function::Atan, Function::Tanh][argument % 4], top),
            11 => {
                let size = p.shape(top).size();
                p.index(top, argument % size)
            }
            12 => p.sum(top),
            13 => p.logsumexp(top),
            14 => {
                let parts: Vec<Id> = (0..3)
                    .map(|k| {
                        let source = stack.pop().unwrap_or(y);
                        p.index(source, k % p.shape(source).size())
                    })
                    .collect();
                p.stack(&parts)
            }
            _ => p.neg(top),
        };
        stack.push(new);
    }
    let mut loss = p.integer(0);
    for id in stack {
        let total = p.sum(id);
        loss = p.add(loss, total);
    }
    (p, loss)
}

/// A polynomial over `x`, `y`, `w[3]` and a symbol `c`, made like [`random_loss`].
pub(super) fn random_polynomial(code: &[u8]) -> (Pool, Id) {
    let polynomial: Vec<u8> = code
        .iter()
        .map(|byte| match byte % 16 {
            8..=10 => byte / 16 * 16 + byte % 8,
            13 => byte - 1,
            7 => byte % 128,
            _ => *byte,
        })
        .collect();
    random_loss(&polynomial)
}

/// Reads an expression of the loss language, scalars and one-dimensional arrays, through the constructors.
///
/// Independent of the loss room's parser, and only as good as tests need: it panics on what it cannot read.
pub(super) fn read(pool: &mut Pool, names: &FxHashMap<String, Id>, text: &str) -> Id {
    let mut reader = Reader { text: text.as_bytes(), at: 0, names };
    let value = reader.sum(pool);
    assert_eq!(reader.at, text.len(), "unread: {}", &text[reader.at..]);
    value
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    names: &'a FxHashMap<String, Id>,
}

impl Reader<'_> {
    fn peek(&mut self) -> u8 {
        while self.text.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn take(&mut self, c: u8) -> bool {
        let found = self.peek() == c;
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, keep: fn(&u8) -> bool) -> String {
        self.peek();
        let word: Vec<u8> = self.text[self.at..].iter().copied().take_while(keep).collect();
        self.at += word.len();
        String::from_utf8(word).unwrap()
    }

    fn sum(&mut self, p: &mut Pool) -> Id {
        let mut value = self.product(p);
        loop {
            if self.take(b'+') {
                let term = self.product(p);
                value = p.add(value, term);
            } else if self.take(b'-') {
                let term = self.product(p);
                value = p.sub(value, term);
            } else {
                return value;
            }
        }
    }

    fn product(&mut self, p: &mut Pool) -> Id {
        let mut value = self.signed(p);
        loop {
            if self.take(b'*') {
                let factor = self.signed(p);
                value = p.mul(value, factor);
            } else if self.take(b'/') {
                let factor = self.signed(p);
                value = p.div(value, factor);
            } else {
                return value;
            }
        }
    }

    fn signed(&mut self, p: &mut Pool) -> Id {
        if self.take(b'-') {
            let value = self.signed(p);
            return p.neg(value);
        }
        let base = self.atom(p);
        if !self.take(b'^') {
            return base;
        }
        let exponent = self.signed(p);
        let exponent = p.as_constant(exponent).expect("a constant exponent").clone();
        p.pow(base, &exponent)
    }

    fn list(&mut self, p: &mut Pool, end: u8) -> Vec<Id> {
        let mut values = Vec::new();
        while !self.take(end) {
            values.push(self.sum(p));
            self.take(b',');
        }
        values
    }

    fn atom(&mut self, p: &mut Pool) -> Id {
        if self.take(b'(') {
            let value = self.sum(p);
            assert!(self.take(b')'));
            return value;
        }
        if self.take(b'[') {
            let parts = self.list(p, b']');
            return p.stack(&parts);
        }
        if self.peek().is_ascii_digit() {
            let digits = self.word(u8::is_ascii_digit);
            return p.constant(digits.parse().unwrap());
        }
        let name = self.word(|c| c.is_ascii_alphanumeric() || *c == b'_');
        if self.take(b'(') {
            let arguments = self.list(p, b')');
            return match name.as_str() {
                "sqrt" => p.pow(arguments[0], &Rational::new(1, 2)),
                "sum" => p.sum(arguments[0]),
                "logsumexp" => p.logsumexp(arguments[0]),
                _ => {
                    let function = Function::ALL.into_iter().find(|f| f.name() == name).expect("a function");
                    p.apply(function, arguments[0])
                }
            };
        }
        let parameter = p.parameters().position(|(n, _)| n == name);
        let parameter = parameter.map(|k| p.parameter(u32::try_from(k).unwrap()));
        let symbol = p.symbols().iter().position(|n| *n == name);
        let value = match (self.names.get(&name), parameter, symbol) {
            (Some(id), ..) => *id,
            (_, Some(id), _) => id,
            (.., Some(s)) => p.symbol(u32::try_from(s).unwrap()),
            _ if name == "pi" => p.pi(),
            _ => panic!("unknown name {name}"),
        };
        if self.take(b'[') {
            let digits = self.word(u8::is_ascii_digit);
            assert!(self.take(b']'));
            return p.index(value, digits.parse().unwrap());
        }
        value
    }
}
