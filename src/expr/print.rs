//! The DAG as text in the loss language, shared subterms as `let`s.

use super::{Id, MAX_EXPONENT, Node, Pool, Shape};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

/// Shared subterms no longer than this are repeated rather than named.
const MAX_REPEATED: usize = 8;

/// Subterms longer than this are named even if they occur once, so that printing stays linear and lines readable.
const MAX_LENGTH: usize = 600;

/// Subterms with more brackets inside each other than this are named.
const MAX_DEPTH: usize = 40;

/// Expressions in the loss language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Printed {
    /// Names and values of the subterms to be stated first, each as `let NAME = VALUE`, in this order.
    pub lets: Vec<(String, String)>,
    /// The expressions, over parameters, symbols and those names.
    pub expressions: Vec<String>,
}

/// What binds a text together, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Sum,
    Product,
    Power,
    Atom,
}

/// A printed subterm: `±text` or `±1/text`, so that sums can subtract and products divide.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    level: Level,
    negative: bool,
    inverse: bool,
    /// Whether the text has a division that is not inside brackets.
    divides: bool,
    /// The number of brackets inside each other.
    depth: usize,
}

impl Piece {
    fn new(text: String, level: Level, depth: usize) -> Self {
        Self { text, level, negative: false, inverse: false, divides: false, depth }
    }

    fn number(q: &Rational) -> Self {
        let level = if q.is_integer() { Level::Atom } else { Level::Product };
        let piece = Self::new(q.abs().to_string(), level, 0);
        Self { negative: q.is_negative(), divides: !q.is_integer(), ..piece }
    }

    /// The text without its sign, in brackets where it binds more loosely than needed; and its depth.
    fn magnitude(&self, need: Level) -> (String, usize) {
        let (text, level) =
            if self.inverse { (format!("1/{}", self.text), Level::Product) } else { (self.text.clone(), self.level) };
        if level < need { (format!("({text})"), self.depth + 1) } else { (text, self.depth) }
    }

    /// The text with its sign, in brackets where needed; and its depth.
    fn at(&self, need: Level) -> (String, usize) {
        if !self.negative {
            return self.magnitude(need);
        }
        let (text, depth) = self.magnitude(Level::Product);
        // A sign binds more loosely than every operation but the sum's.
        if need > Level::Sum { (format!("(-{text})"), depth + 1) } else { (format!("-{text}"), depth) }
    }

    /// Whether a product may continue this text to the right: it is a product itself.
    fn is_product(&self) -> bool {
        !self.negative && self.level == Level::Product
    }

    /// Whether this can be divided by: `1/text` with a text that binds tightly.
    fn is_divisor(&self) -> bool {
        self.inverse && !self.negative && self.level >= Level::Power
    }
}

/// `a + b`, `a − b`: what is a sum already comes first, without brackets, as the language reads from the left.
fn sum(a: &Piece, b: &Piece, constant_first: bool) -> Piece {
    let is_sum = |p: &Piece| !p.negative && p.level == Level::Sum;
    let swap = match (is_sum(a), is_sum(b)) {
        (true, _) => false,
        (_, true) => true,
        // The constant last, and no leading sign where that can be avoided.
        _ if constant_first => a.negative || !b.negative,
        _ => a.negative && !b.negative,
    };
    let (lead, tail) = if swap { (b, a) } else { (a, b) };
    let (left, d) = lead.at(Level::Sum);
    let (right, e) = tail.magnitude(Level::Product);
    let sign = if tail.negative { '-' } else { '+' };
    Piece::new(format!("{left} {sign} {right}"), Level::Sum, d.max(e))
}

/// `a·b` of two that are no numbers.
fn product(a: &Piece, b: &Piece) -> Piece {
    let rank = |p: &Piece| (p.is_product(), !p.inverse);
    let (lead, tail) = if rank(b) > rank(a) { (b, a) } else { (a, b) };
    let divisor = tail.is_divisor();
    let (right, e) = if divisor { (tail.text.clone(), tail.depth) } else { tail.at(Level::Power) };
    if lead.inverse && !lead.negative && divisor {
        let piece = Piece::new(format!("{}/{right}", lead.text), Level::Product, lead.depth.max(e));
        return Piece { inverse: true, divides: true, ..piece };
    }
    let (left, d) = lead.at(Level::Product);
    let operator = if divisor { '/' } else { '*' };
    let piece = Piece::new(format!("{left}{operator}{right}"), Level::Product, d.max(e));
    Piece { divides: divisor || lead.divides || lead.inverse, ..piece }
}

/// `c·x` with an exact number `c`.
fn multiple(c: &Rational, x: &Piece, x_is_number: bool) -> Piece {
    let size = c.abs();
    if size.is_one() && !x.negative {
        let piece = if x.inverse || x.level >= Level::Product {
            x.clone()
        } else {
            let (text, depth) = x.at(Level::Product);
            Piece::new(text, Level::Atom, depth)
        };
        return Piece { negative: c.is_negative(), ..piece };
    }
    let (p, q) = (size.numerator(), size.denominator());
    let (text, depth) = x.at(if x_is_number { Level::Power } else { Level::Product });
    let (text, divides) = if x.inverse && !x.negative {
        (format!("{size}/{}", x.text), true)
    } else if size.is_integer() {
        (format!("{p}*{text}"), x.divides)
    } else if x.divides {
        (format!("{size}*{text}"), true)
    } else if size.numerator() == 1.into() {
        (format!("{text}/{q}"), true)
    } else {
        (format!("{p}*{text}/{q}"), true)
    };
    Piece { negative: c.is_negative(), divides, ..Piece::new(text, Level::Product, depth) }
}

/// A power of an atom with an exponent from 1 on: beyond what the language takes as one exponent, a product of powers.
pub(super) fn written_power(base: &str, exponent: u64) -> String {
    let most = MAX_EXPONENT.unsigned_abs();
    let mut factors = vec![format!("{base}^{most}"); usize::try_from(exponent.saturating_sub(1) / most).unwrap_or(0)];
    factors.push(match exponent - factors.len() as u64 * most {
        1 => base.to_owned(),
        rest => format!("{base}^{rest}"),
    });
    factors.join("*")
}

/// The exponents whose powers are longer as products than a reader bears, and no computation meets.
const MAX_WRITTEN: u64 = 1 << 27;

fn power(base: &Piece, exponent: &Rational) -> Piece {
    let size = exponent.abs();
    let piece = if size.is_one() {
        let (text, depth) = base.at(Level::Power);
        Piece::new(text, base.level.max(Level::Power), depth)
    } else if size == Rational::new(1, 2) {
        call("sqrt", base)
    } else {
        let (text, depth) = base.at(Level::Atom);
        if let Some(n) =
            size.to_i64().map(i64::unsigned_abs).filter(|n| *n > MAX_EXPONENT.unsigned_abs() && *n <= MAX_WRITTEN)
        {
            let text = written_power(&text, n);
            let inverse = exponent.is_negative();
            let text = if inverse { format!("({text})") } else { text };
            let level = if inverse { Level::Atom } else { Level::Product };
            return Piece { inverse, ..Piece::new(text, level, depth.max(1) + usize::from(inverse)) };
        }
        let exponent = if size.is_integer() { size.to_string() } else { format!("({size})") };
        Piece::new(format!("{text}^{exponent}"), Level::Power, depth.max(1))
    };
    Piece { inverse: exponent.is_negative(), ..piece }
}

fn call(name: &str, argument: &Piece) -> Piece {
    let (text, depth) = argument.at(Level::Sum);
    Piece::new(format!("{name}({text})"), Level::Atom, depth + 1)
}

/// Arguments of a call.
fn list(first: &Piece, second: String) -> Piece {
    let (text, depth) = first.at(Level::Sum);
    Piece::new(format!("{text}, {second}"), Level::Sum, depth)
}

/// An array and one of its axes, as arguments.
fn along(a: &Piece, axis: u32) -> Piece {
    list(a, axis.to_string())
}

/// A literal array with these entries, row-major.
fn literal(mut entries: Vec<String>, shape: &Shape) -> String {
    for &axis in shape.axes().iter().rev() {
        entries = if axis == 0 {
            vec!["[]".to_owned()]
        } else {
            entries.chunks(axis).map(|row| format!("[{}]", row.join(", "))).collect()
        };
    }
    entries.pop().unwrap_or_else(|| "[]".to_owned())
}

/// `[i]`, `[i, j]`: the position of a flat index.
fn position(flat: usize, shape: &Shape) -> String {
    let (mut rest, mut parts) = (flat, Vec::new());
    for &axis in shape.axes().iter().rev() {
        parts.push((rest % axis).to_string());
        rest /= axis;
    }
    parts.reverse();
    format!("[{}]", parts.join(", "))
}

struct Printer<'a> {
    pool: &'a Pool,
    parameters: Vec<&'a str>,
    pieces: FxHashMap<Id, Piece>,
}

impl Printer<'_> {
    fn piece(&self, id: Id) -> Piece {
        let of = |child: &Id| &self.pieces[child];
        match self.pool.node(id) {
            Node::Constant(q) => Piece::number(q),
            Node::Pi => Piece::new("pi".to_owned(), Level::Atom, 0),
            Node::Symbol(s) => {
                let name = self.pool.symbols().get(*s as usize).map_or_else(|| format!("symbol_{s}"), Clone::clone);
                Piece::new(name, Level::Atom, 0)
            }
            Node::Param(p) => Piece::new(self.parameters[*p as usize].to_owned(), Level::Atom, 0),
            Node::Data(d) => Piece::new(self.pool.data()[*d as usize].name().to_owned(), Level::Atom, 0),
            Node::Direction(number, p) => {
                Piece::new(format!("direction_{number}_{}", self.parameters[*p as usize]), Level::Atom, 0)
            }
            Node::Add(a, b) => sum(of(a), of(b), self.pool.as_constant(*a).is_some()),
            Node::Mul(a, b) => match self.pool.as_constant(*a) {
                Some(c) => multiple(c, of(b), self.pool.as_constant(*b).is_some()),
                None => product(of(a), of(b)),
            },
            Node::Pow(a, q) => power(of(a), q),
            Node::Apply(f, a) => call(f.name(), of(a)),
            Node::Sum(a) => call("sum", of(a)),
            Node::LogSumExp(a) => call("logsumexp", of(a)),
            Node::SumAxis(a, axis) => call("sum", &along(of(a), *axis)),
            Node::LogSumExpAxis(a, axis) => call("logsumexp", &along(of(a), *axis)),
            Node::Transpose(a) => {
                let (text, depth) = of(a).at(Level::Atom);
                Piece::new(format!("{text}'"), Level::Atom, depth)
            }
            Node::Matmul(a, b) => {
                let ((left, d), (right, e)) = (of(a).at(Level::Product), of(b).at(Level::Atom));
                Piece::new(format!("{left} @ {right}"), Level::Product, d.max(e))
            }
            Node::Gather(a, labels) => call("gather", &list(of(a), of(labels).at(Level::Sum).0)),
            Node::OneHot(labels, columns) => call("one_hot", &list(of(labels), columns.to_string())),
            Node::Broadcast(a, shape) if self.pool.shape(*a).rank() > 0 => {
                call("broadcast", &list(of(a), shape.to_string()))
            }
            Node::Broadcast(a, shape) => {
                let (text, depth) = of(a).at(Level::Sum);
                Piece::new(literal(vec![text; shape.size()], shape), Level::Atom, depth + shape.rank())
            }
            Node::Stack(parts) => {
                let (entries, depths): (Vec<String>, Vec<usize>) = parts.iter().map(|p| of(p).at(Level::Sum)).unzip();
                let depth = depths.into_iter().max().unwrap_or(0);
                Piece::new(literal(entries, self.pool.shape(id)), Level::Atom, depth + 1)
            }
            Node::Reshape(a, shape) => {
                let (text, depth) = of(a).at(Level::Atom);
                let from = self.pool.shape(*a);
                let entries = (0..shape.size()).map(|k| format!("{text}{}", position(k, from))).collect();
                Piece::new(literal(entries, shape), Level::Atom, depth + shape.rank())
            }
            Node::Index(a, k) => {
                let (text, depth) = of(a).at(Level::Atom);
                Piece::new(format!("{text}{}", position(*k as usize, self.pool.shape(*a))), Level::Atom, depth)
            }
        }
    }
}

impl Pool {
    /// Prints expressions in the loss language, minimally bracketed, as in `(1 - x)^2 + 100*(y - x^2)^2`.
    ///
    /// Subterms used more than once are stated first, as `let`s named `s1, s2, …`, names that neither the loss nor
    /// `reserved` uses; so are subterms that would make a text too long or too deep. What is printed and read again
    /// through the constructors gives the same expressions, as long as no constant is too large to be folded, no
    /// exponent larger than the language allows, and no array of rank two or more is indexed out of order.
    ///
    /// ```
    /// use shadowflow::expr::{Function, Pool, Shape};
    /// let mut pool = Pool::new();
    /// let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
    /// let product = pool.mul(x, y);
    /// let sine = pool.apply(Function::Tanh, product);
    /// let root = pool.div(sine, x);
    /// let square = pool.pow(sine, &2.into());
    /// let printed = pool.print(&[root, square], &[]);
    /// assert_eq!(printed.lets, [("s1".to_owned(), "tanh(x*y)".to_owned())]);
    /// assert_eq!(printed.expressions, ["s1/x", "s1^2"]);
    /// ```
    #[must_use]
    pub fn print(&self, roots: &[Id], reserved: &[String]) -> Printed {
        let ids = self.reachable(roots);
        let mut uses: FxHashMap<Id, usize> = FxHashMap::default();
        // Only names are indexed.
        let mut must_name: FxHashSet<Id> = FxHashSet::default();
        for &id in &ids {
            for child in self.children(id) {
                *uses.entry(child).or_default() += 1;
            }
            if let Node::Index(a, _) | Node::Reshape(a, _) = self.node(id) {
                must_name.insert(*a);
            }
        }
        for root in roots {
            *uses.entry(*root).or_default() += 1;
        }
        let only_roots: FxHashSet<Id> = roots.iter().copied().filter(|r| uses[r] == 1).collect();
        // As LaTeX shows them: `s_1` and `s1` are one there, and so are `s1` and the entry `s[1]`.
        let taken: FxHashSet<String> = (self.parameters().map(|(name, _)| name))
            .chain(self.symbols().iter().map(String::as_str))
            .chain(self.data().iter().map(super::Data::name))
            .chain(reserved.iter().map(String::as_str))
            .map(|name| name.replace('_', ""))
            .collect();
        let stem = ('s'..='z').find(|stem| !taken.contains(&stem.to_string())).unwrap_or('s');
        let mut names = (1u64..).map(|k| format!("{stem}{k}")).filter(|name| !taken.contains(name));

        let parameters = self.parameters().map(|(name, _)| name).collect();
        let mut printer = Printer { pool: self, parameters, pieces: FxHashMap::default() };
        let mut lets = Vec::new();
        for &id in &ids {
            let mut piece = printer.piece(id);
            let leaf = self.children(id).is_empty() && !matches!(self.node(id), Node::Stack(_));
            let entry = matches!(self.node(id), Node::Index(..));
            let shared = uses[&id] > 1 && piece.text.len() > MAX_REPEATED && !entry;
            let large = piece.text.len() > MAX_LENGTH || piece.depth > MAX_DEPTH;
            if !leaf
                && (shared || must_name.contains(&id) || large && !only_roots.contains(&id))
                && let Some(name) = names.next()
            {
                lets.push((name.clone(), piece.at(Level::Sum).0));
                piece = Piece::new(name, Level::Atom, 0);
            }
            printer.pieces.insert(id, piece);
        }
        let expressions = roots.iter().map(|r| printer.pieces[r].at(Level::Sum).0).collect();
        Printed { lets, expressions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Function;
    use crate::expr::testing::{random_loss, read};
    use proptest::prelude::*;

    /// Reads what was printed, and says what it read to.
    fn reread(pool: &mut Pool, printed: &Printed) -> Vec<Id> {
        let mut names: FxHashMap<String, Id> = FxHashMap::default();
        for (name, text) in &printed.lets {
            let value = read(pool, &names, text);
            assert!(names.insert(name.clone(), value).is_none(), "{name} twice");
        }
        printed.expressions.iter().map(|text| read(pool, &names, text)).collect()
    }

    fn check(pool: &mut Pool, roots: &[Id]) -> Printed {
        let printed = pool.print(roots, &[]);
        let again = reread(pool, &printed);
        for ((a, b), text) in roots.iter().zip(&again).zip(&printed.expressions) {
            assert_eq!(a, b, "{text} with {:?}: {:?} {:?}", printed.lets, pool.node(*a), pool.node(*b));
        }
        printed
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn what_is_printed_reads_to_the_same(code in prop::collection::vec(any::<u8>(), 1..60)) {
            let (mut p, loss) = random_loss(&code);
            let mut roots = vec![loss];
            roots.extend(p.gradient(loss));
            roots.extend(p.gradient_entries(loss));
            check(&mut p, &roots);
            for root in p.reachable(&roots) {
                check(&mut p, &[root]);
            }
        }
    }

    #[test]
    fn reads_as_a_person_would_write() {
        // What is read is printed back as it stands.
        for text in [
            "(1 - x)^2 + 100*(y - x^2)^2",
            "x - y",
            "-x - y",
            "x + y + 1",
            "x - 1/2",
            "x/2",
            "2*x/3",
            "-x",
            "-2*x*y",
            "-x^2/3",
            "-(x + y)",
            "-(x + y)/2",
            "x - (y + c)",
            "x + y + (c + w[0])",
            "1/x",
            "2/x",
            "1/2/x",
            "1/x/y",
            "-1/x",
            "x/y",
            "1/2*x/y",
            "3*x/y*c",
            "1/(x*y)",
            "x/(y + 1)",
            "1/x^2",
            "(x*y)^3",
            "sqrt(x)",
            "1/sqrt(x)",
            "x^(2/3)",
            "1/x^(2/3)",
            "sqrt(x^(1/3))",
            "(x^(1/3))^(1/5)",
            "(1 - x)^2*(x + 1)",
            "x*sqrt(2)",
            "(1/2)^(1/3)",
            "exp(-x^2)",
            "x*exp(-y)",
            "sin(x)^2",
            "sum(w^2)",
            "sum(w*[x, y, 1])",
            "logsumexp(w - x)",
            "w[2] - x",
            "pi/4",
        ] {
            let (mut p, _) = random_loss(&[0x30, 0x00]);
            let id = read(&mut p, &FxHashMap::default(), text);
            let printed = check(&mut p, &[id]);
            assert!(printed.lets.is_empty(), "{text}: {printed:?}");
            assert_eq!(printed.expressions, [text]);
        }
    }

    #[test]
    fn deep_and_long_terms_are_cut() {
        let mut p = Pool::new();
        let x = p.declare_parameter("x", Shape::scalar());
        p.declare_parameter("s2", Shape::scalar());
        let mut nested = x;
        let mut chain = x;
        for k in 0..3000 {
            nested = p.apply(if k % 2 == 0 { Function::Sin } else { Function::Cos }, nested);
            let power = p.pow(x, &Rational::new(k + 3, 7));
            chain = p.add(chain, power);
        }
        let mut printed = check(&mut p, &[nested, chain]);
        assert!(printed.lets.iter().all(|(name, _)| name != "s2"));
        printed.expressions.extend(printed.lets.iter().map(|(_, text)| text.clone()));
        let depth = |text: &str| {
            text.chars()
                .scan(0usize, |open, c| {
                    *open = if c == '(' { *open + 1 } else { *open - usize::from(c == ')') };
                    Some(*open)
                })
                .max()
        };
        assert!(printed.expressions.iter().all(|text| text.len() < 700 && depth(text) <= Some(60)));
        assert!(printed.expressions.iter().map(String::len).sum::<usize>() < 100_000);
    }

    #[test]
    fn names_stay_clear_of_the_reserved() {
        let mut p = Pool::new();
        let x = p.declare_parameter("s1", Shape::scalar());
        p.declare_symbol("s3");
        let e = p.apply(Function::Tanh, x);
        let f = p.apply(Function::Exp, e);
        let total = p.mul(e, f);
        let printed = p.print(&[total, f], &["s2".to_owned()]);
        let names: Vec<&str> = printed.lets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["s4"]);
        let s = p.declare_parameter("s", Shape::vector(2));
        let entry = p.index(s, 1);
        let g = p.mul(total, entry);
        assert_eq!(p.print(&[g, total], &[]).lets[0].0, "t1");
        let mut p = Pool::new();
        let x = p.declare_parameter("s_1", Shape::scalar());
        let e = p.apply(Function::Tanh, x);
        let f = p.apply(Function::Exp, e);
        assert_eq!(p.print(&[f, e, f], &[]).lets[0].0, "s2");
    }
}
