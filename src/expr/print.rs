//! The DAG as formulas of the loss language, shared subterms as `let`s.

mod arrays;

use super::{Id, MAX_EXPONENT, Node, Pool};
use crate::formula::{Binding, Formula};
use crate::number::{Coefficient, Rational};
use rustc_hash::{FxHashMap, FxHashSet};

/// A name costs its definition, `let s1 =`, and itself wherever it stands: subterms are named where that is less to read than repeating them.
const DEFINITION: usize = 3;

/// What is shorter to read, such as `1 - x`, is never named.
pub const SHORTEST_NAMED: usize = 4;

/// Subterms with more to read than this are named even if they occur once, so that printing stays linear.
const MAX_READ: usize = 2_000;

/// Subterms with more brackets inside each other than this are named.
const MAX_DEPTH: usize = 40;

/// Expressions in the loss language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Printed {
    /// Names and values of the subterms to be stated first, each as `let NAME = VALUE`, in this order.
    pub lets: Vec<(String, Formula)>,
    /// The expressions, over parameters, symbols and those names.
    pub expressions: Vec<Formula>,
}

/// A subterm on the way: a size, or `1/size` with several divisors one after another; and whether a minus stands before it, so that
/// sums can subtract and products divide.
#[derive(Debug, Clone)]
struct Piece {
    negative: bool,
    size: Size,
    /// Whether it is a product some factor of which repeats in the others, so that a number is multiplied with all of it or with none.
    spread: bool,
    /// About how many numbers, names, operators and brackets it has.
    reading: usize,
    /// Whether a name that was given to it from outside stands in it: definitions of ours come before those.
    lettered: bool,
}

#[derive(Debug, Clone)]
enum Size {
    Whole(Formula),
    /// One over each of these.
    Over(Vec<Formula>),
}

impl Piece {
    fn new(formula: Formula) -> Self {
        Self { negative: false, size: Size::Whole(formula), spread: false, reading: 1, lettered: false }
    }

    /// The formula without its sign.
    fn magnitude(&self) -> Formula {
        match &self.size {
            Size::Whole(formula) => formula.clone(),
            Size::Over(divisors) => over(Formula::natural(1), divisors),
        }
    }

    fn formula(&self) -> Formula {
        (self.negative, self.magnitude()).into()
    }

    /// Whether a product may continue this text to the right: it is a product itself.
    fn is_product(&self) -> bool {
        !self.negative && matches!(&self.size, Size::Whole(formula) if formula.binding() == Binding::Product)
    }

    /// What this can be divided by if it is `1/divisor`.
    fn divisor(&self) -> Option<&Formula> {
        match &self.size {
            Size::Over(divisors) if !self.negative && divisors.len() == 1 => divisors.first(),
            _ => None,
        }
    }

    fn is_sum(&self) -> bool {
        matches!(&self.size, Size::Whole(formula) if formula.binding() == Binding::Sum)
    }
}

/// Divided by each of these in turn.
fn over(above: Formula, divisors: &[Formula]) -> Formula {
    divisors.iter().fold(above, |quotient, divisor| quotient.over(divisor.clone()))
}

/// `a + b`, `a − b`: what is a sum already comes first, without brackets, as the language reads from the left.
fn sum(a: &Piece, b: &Piece, constant_first: bool) -> Piece {
    let is_sum = |p: &Piece| !p.negative && p.is_sum();
    let swap = match (is_sum(a), is_sum(b)) {
        (true, _) => false,
        (_, true) => true,
        // The constant last, and no leading sign where that can be avoided.
        _ if constant_first => a.negative || !b.negative,
        _ => a.negative && !b.negative,
    };
    let (lead, tail) = if swap { (b, a) } else { (a, b) };
    let mut terms = if lead.negative { vec![(true, lead.magnitude())] } else { lead.magnitude().terms() };
    terms.push((tail.negative, tail.magnitude()));
    Piece::new(Formula::sum(terms))
}

/// `a·b` of two that are no numbers.
fn product(a: &Piece, b: &Piece) -> Piece {
    let rank = |p: &Piece| (p.is_product(), matches!(p.size, Size::Whole(_)));
    let (lead, tail) = if rank(b) > rank(a) { (b, a) } else { (a, b) };
    match (tail.divisor(), &lead.size) {
        (Some(divisor), Size::Over(divisors)) if !lead.negative => {
            let divisors = divisors.iter().chain([divisor]).cloned().collect();
            Piece { negative: false, size: Size::Over(divisors), spread: false, reading: 1, lettered: false }
        }
        (Some(divisor), _) => Piece::new(lead.formula().over(divisor.clone())),
        (None, _) => Piece::new(lead.formula().times(tail.formula())),
    }
}

/// `c·x` with an exact number `c`.
fn multiple(c: &Rational, x: &Piece, x_is_number: bool) -> Piece {
    let size = c.abs();
    let negative = c.is_negative();
    if size.is_one() && !x.negative {
        return Piece { negative, ..x.clone() };
    }
    let whole = |n: num_bigint::BigInt| Formula::digits(n.to_string());
    let formula = match &x.size {
        Size::Over(divisors) if !x.negative => over(size.formula(), divisors),
        _ => {
            // What is in brackets anyway takes the factor before them, all else before its own first factor.
            let bracketed = x_is_number || x.negative || x.spread;
            let own = if bracketed { x.formula() } else { x.magnitude() };
            let led = |factor: Formula| if bracketed { factor.times(own.clone()) } else { own.led_by(&factor) };
            if size.is_integer() || own.divides() {
                led(size.formula())
            } else if size.numerator() == 1.into() {
                own.over(whole(size.denominator()))
            } else {
                led(whole(size.numerator())).over(whole(size.denominator()))
            }
        }
    };
    Piece { negative, ..Piece::new(formula) }
}

/// A power of an atom with an exponent from 1 on: beyond what the language takes as one exponent, a product of powers.
pub(super) fn written_powers(base: &Formula, exponent: u64) -> Vec<Formula> {
    let most = MAX_EXPONENT.unsigned_abs();
    let whole = usize::try_from(exponent.saturating_sub(1) / most).unwrap_or(0);
    let mut factors = vec![base.clone().power(most); whole];
    factors.push(base.clone().power(exponent - whole as u64 * most));
    factors
}

/// The exponents whose powers are longer as products than a reader bears, and no computation meets.
const MAX_WRITTEN: u64 = 1 << 27;

fn power(base: &Piece, exponent: &Rational) -> Piece {
    let size = exponent.abs();
    let natural = size.to_i64().map(i64::unsigned_abs);
    let base = base.formula();
    let power = if size.is_one() {
        base
    } else if size == Rational::new(1, 2) {
        Formula::call("sqrt", vec![base])
    } else {
        match natural.filter(|n| *n > MAX_EXPONENT.unsigned_abs() && *n <= MAX_WRITTEN) {
            Some(n) => Formula::product(written_powers(&base, n)),
            None => base.raised(size.formula()),
        }
    };
    match exponent.is_negative() {
        true => Piece { negative: false, size: Size::Over(vec![power]), spread: false, reading: 1, lettered: false },
        false => Piece::new(power),
    }
}

struct Printer<'a> {
    pool: &'a Pool,
    parameters: Vec<&'a str>,
    pieces: FxHashMap<Id, Piece>,
}

impl Printer<'_> {
    /// What there is to read of an expression, its parts as they are written.
    fn reading(&self, id: Id, children: &[Id]) -> usize {
        let parts: usize = children.iter().map(|child| self.pieces[child].reading).sum();
        let brackets = |child: &Id| if self.pieces[child].is_sum() { 2 } else { 0 };
        match self.pool.node(id) {
            // The minus is the sign of the sum that this stands in.
            Node::Mul(c, _) if self.pool.as_constant(*c).is_some_and(|c| *c == Rational::MINUS_ONE) => parts - 1,
            Node::Add(..) => parts + 1,
            Node::Mul(..) => parts + 1 + children.iter().map(brackets).sum::<usize>(),
            Node::Pow(..) => parts + 2 + children.iter().map(brackets).sum::<usize>(),
            Node::Apply(..) | Node::Sum(_) | Node::LogSumExp(_) => parts + 3,
            Node::Index(..) => 4,
            _ if children.is_empty() => 1,
            _ => parts + 1 + children.len(),
        }
    }

    fn piece(&self, id: Id) -> Piece {
        let of = |child: &Id| &self.pieces[child];
        let call = |name, argument: &Id| Piece::new(Formula::call(name, vec![of(argument).formula()]));
        match self.pool.node(id) {
            Node::Constant(q) => {
                let (negative, size) = q.formula().signed();
                Piece { negative, ..Piece::new(size) }
            }
            Node::Pi => Piece::new(Formula::name("pi")),
            Node::Symbol(s) => {
                let name = self.pool.symbols().get(*s as usize).map_or_else(|| format!("symbol_{s}"), Clone::clone);
                Piece::new(Formula::name(name))
            }
            Node::Param(p) => Piece::new(Formula::name(self.parameters[*p as usize])),
            Node::Direction(number, p) => {
                Piece::new(Formula::name(format!("direction_{number}_{}", self.parameters[*p as usize])))
            }
            Node::Add(a, b) => {
                let (a, b) = self.pool.unrepeated(*a, *b);
                sum(of(&a), of(&b), self.pool.as_constant(a).is_some())
            }
            Node::Mul(a, b) => match self.pool.as_constant(*a) {
                Some(c) => multiple(c, of(b), self.pool.as_constant(*b).is_some()),
                None => {
                    let (x, y) = self.pool.unrepeated(*a, *b);
                    let spread = (x, y) != (*a, *b) || of(&x).spread || of(&y).spread;
                    Piece { spread, ..product(of(&x), of(&y)) }
                }
            },
            Node::Pow(a, q) => power(of(a), q),
            Node::Apply(f, a) => call(f.name(), a),
            Node::Sum(a) => call("sum", a),
            Node::LogSumExp(a) => call("logsumexp", a),
            Node::Index(a, k) => Piece::new(self.entry(*a, *k as usize)),
            _ => self.array(id).unwrap_or_else(|| Piece::new(Formula::list(Vec::new()))),
        }
    }
}

impl Pool {
    /// Prints expressions in the loss language, minimally bracketed, as in `(1 - x)^2 + 100*(y - x^2)^2`.
    ///
    /// Subterms used more than once are stated first, as `let`s named `s1, s2, …`, names that neither the loss nor
    /// `reserved` uses; so are subterms that would make a text too long or too deep. What is printed and read again
    /// through the constructors gives the same expressions, as long as no constant is too large to be folded, no
    /// exponent larger than the language allows, and no array of three axes occurs. Data stand by their names; those that no statement names
    /// are written out.
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
    /// assert_eq!((printed.lets[0].0.as_str(), printed.lets[0].1.to_string()), ("s1", "tanh(x*y)".to_owned()));
    /// assert_eq!([0, 1].map(|k| printed.expressions[k].to_string()), ["s1/x", "s1^2"]);
    /// ```
    #[must_use]
    pub fn print(&self, roots: &[Id], reserved: &[String]) -> Printed {
        self.print_beside(&FxHashMap::default(), roots, reserved)
    }

    /// [`Pool::print`] where these expressions have names already, which stand for them inside of others.
    ///
    /// ```
    /// use shadowflow::expr::{Function, Pool, Shape};
    /// use shadowflow::formula::Formula;
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let tanh = pool.apply(Function::Tanh, x);
    /// let product = pool.mul(x, tanh);
    /// let named = [(tanh, Formula::name("t"))].into_iter().collect();
    /// let printed = pool.print_beside(&named, &[tanh, product], &[]);
    /// assert_eq!([0, 1].map(|k| printed.expressions[k].to_string()), ["tanh(x)", "x*t"]);
    /// ```
    #[must_use]
    pub fn print_beside(&self, named: &FxHashMap<Id, Formula>, roots: &[Id], reserved: &[String]) -> Printed {
        let ids = self.reachable(roots);
        let mut uses: FxHashMap<Id, usize> = FxHashMap::default();
        // Only names are indexed.
        let mut must_name: FxHashSet<Id> = FxHashSet::default();
        for &id in &ids {
            let (children, indexed) = self.written(id);
            for child in children {
                *uses.entry(child).or_default() += 1;
                if indexed {
                    must_name.insert(child);
                }
            }
        }
        // A part that is the whole is one formula.
        for root in roots.iter().collect::<FxHashSet<_>>() {
            *uses.entry(*root).or_default() += 1;
        }
        let only_roots: FxHashSet<Id> = roots.iter().copied().filter(|r| uses[r] == 1).collect();
        let mut names = self.free_names(reserved);

        let parameters = self.parameters().map(|(name, _)| name).collect();
        let mut printer = Printer { pool: self, parameters, pieces: FxHashMap::default() };
        let mut own: FxHashMap<Id, Formula> = FxHashMap::default();
        let mut lets = Vec::new();
        for &id in &ids {
            let mut piece = printer.piece(id);
            let literal = match self.node(id) {
                Node::Stack(_) => true,
                Node::Data(d) => self.data()[*d as usize].name().is_empty(),
                _ => false,
            };
            let children = self.children(id);
            let leaf = children.is_empty() && !literal;
            piece.reading = printer.reading(id, &children);
            piece.lettered = children.iter().any(|child| printer.pieces[child].lettered);
            let used = uses.get(&id).copied().unwrap_or(0);
            let entry = matches!(self.node(id), Node::Index(..));
            let shared = piece.reading >= SHORTEST_NAMED
                && used * piece.reading > piece.reading + DEFINITION + used
                && !entry
                && !piece.lettered;
            let large = piece.reading > MAX_READ || piece.magnitude().depth(Binding::Sum) > MAX_DEPTH;
            let name = named.get(&id);
            if let Some(name) = name.filter(|_| leaf && matches!(self.node(id), Node::Symbol(_))) {
                // A symbol that stands for something: it is written so everywhere.
                piece = Piece::new(name.clone());
            } else if let Some(name) = name.filter(|_| !leaf) {
                own.insert(id, piece.formula());
                piece = Piece { lettered: true, ..Piece::new(name.clone()) };
            } else if !leaf
                && (shared || must_name.contains(&id) || large && used > 0 && !only_roots.contains(&id))
                && let Some(name) = names.next()
            {
                lets.push((name.clone(), piece.formula()));
                piece = Piece::new(Formula::name(name));
            }
            printer.pieces.insert(id, piece);
        }
        let written = |root: &Id| own.get(root).cloned().unwrap_or_else(|| printer.pieces[root].formula());
        let expressions = roots.iter().map(written).collect();
        Printed { lets, expressions }
    }
}

impl Pool {
    /// Names that neither the loss nor `reserved` uses, `s1, s2, …`: for what is written of its expressions.
    pub(crate) fn free_names(&self, reserved: &[String]) -> impl Iterator<Item = String> + use<> {
        // As LaTeX shows them: `s_1` and `s1` are one there, and so are `s1` and the entry `s[1]`.
        let taken: FxHashSet<String> = (self.parameters().map(|(name, _)| name))
            .chain(self.symbols().iter().map(String::as_str))
            .chain(self.data().iter().map(super::Data::name))
            .chain(reserved.iter().map(String::as_str))
            .map(|name| name.replace('_', ""))
            .collect();
        let stem = ('s'..='z').find(|stem| !taken.contains(&stem.to_string())).unwrap_or('s');
        (1u64..).map(move |k| format!("{stem}{k}")).filter(move |name| !taken.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::{random_loss, read};
    use crate::expr::{Function, Shape};
    use proptest::prelude::*;

    /// Reads what was printed, and says what it read to.
    fn reread(pool: &mut Pool, printed: &Printed) -> Vec<Id> {
        let mut names: FxHashMap<String, Id> = FxHashMap::default();
        for (name, text) in &printed.lets {
            let value = read(pool, &names, &text.to_string());
            assert!(names.insert(name.clone(), value).is_none(), "{name} twice");
        }
        printed.expressions.iter().map(|text| read(pool, &names, &text.to_string())).collect()
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
            assert_eq!(printed.expressions[0].to_string(), text);
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
        let printed = check(&mut p, &[nested, chain]);
        assert!(printed.lets.iter().all(|(name, _)| name != "s2"));
        let texts: Vec<String> = (printed.expressions.iter().chain(printed.lets.iter().map(|(_, text)| text)))
            .map(ToString::to_string)
            .collect();
        let depth = |text: &str| {
            text.chars()
                .scan(0usize, |open, c| {
                    *open = if c == '(' { *open + 1 } else { *open - usize::from(c == ')') };
                    Some(*open)
                })
                .max()
        };
        assert!(texts.iter().all(|text| text.len() < 9_000 && depth(text) <= Some(60)));
        assert!(texts.iter().map(String::len).sum::<usize>() < 100_000);
    }

    #[test]
    fn names_stay_clear_of_the_reserved() {
        let mut p = Pool::new();
        let x = p.declare_parameter("s1", Shape::scalar());
        p.declare_symbol("s3");
        let e = p.apply(Function::Tanh, x);
        let f = p.apply(Function::Exp, e);
        let product = p.mul(e, f);
        let total = p.add(product, e);
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
        let g = p.mul(e, f);
        assert_eq!(p.print(&[f, e, g], &[]).lets[0].0, "s2");
    }

    #[test]
    fn only_what_saves_reading_is_named() {
        let mut p = Pool::new();
        let x = p.declare_parameter("x", Shape::scalar());
        let tanh = p.apply(Function::Tanh, x);
        let cube = p.pow(tanh, &3.into());
        // Twice tanh(x) is 8 to read, and 9 with a name; what is written once is never named.
        assert!(p.print(&[tanh, cube], &[]).lets.is_empty());
        let sum = p.add(tanh, cube);
        assert_eq!(p.print(&[tanh, cube, sum], &[]).lets.len(), 1);
        assert!(p.print(&[sum], &[]).lets.is_empty());
    }
}
