//! The rule file's reader.

use super::Domain;
use super::pattern::{Condition, Exact, NUMBERS, Pattern, Relation, Rule, VARIABLES};
use crate::expr::Function;
use crate::expr::fold::exact_power;
use crate::number::Rational;

/// Brackets inside each other that a rule may have.
const MAX_DEPTH: usize = 16;

/// What is wrong with a rule file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The line is no rule.
    #[error(
        "line {line}: expected {expected}, found {found}: rules read `name: left => right if a > 0  # sound: real`"
    )]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A name that is neither a variable nor a function.
    #[error(
        "line {line}: unknown name `{name}`: variables are a, b, c, d, numbers p, q, functions those of the loss language"
    )]
    Name {
        /// The line.
        line: usize,
        /// The name.
        name: String,
    },
    /// Nothing says where the rule is sound.
    #[error("line {line}: the rule `{name}` does not end with `# sound: real` or `# sound: complex`")]
    Soundness {
        /// The line.
        line: usize,
        /// The rule.
        name: String,
    },
    /// The right side or a condition speaks of what the left side does not have.
    #[error("line {line}: `{variable}` is not on the left side of the rule `{name}`")]
    Unbound {
        /// The line.
        line: usize,
        /// The rule.
        name: String,
        /// The variable.
        variable: &'static str,
    },
    /// The left side matches everything.
    #[error("line {line}: the left side of the rule `{name}` is a variable or a number: it must name an operation")]
    Bare {
        /// The line.
        line: usize,
        /// The rule.
        name: String,
    },
    /// Two rules of one name.
    #[error("line {line}: the name `{name}` is taken by the rule in line {first}")]
    Duplicate {
        /// The line.
        line: usize,
        /// The name.
        name: String,
        /// Where it is taken.
        first: usize,
    },
}

/// Reads rules; see the head of the rule file for the syntax.
///
/// # Errors
/// The first line that is no rule, with the reason.
pub fn parse(text: &str) -> Result<Vec<Rule>, RuleError> {
    let mut rules: Vec<Rule> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let rule = parse_rule(line, text)?;
        if let Some(first) = rules.iter().find(|r| r.name == rule.name) {
            return Err(RuleError::Duplicate { line, name: rule.name, first: first.line });
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn parse_rule(line: usize, text: &str) -> Result<Rule, RuleError> {
    let missing = |expected| RuleError::Syntax { line, expected, found: format!("`{text}`") };
    let (name, rest) = text.split_once(':').ok_or_else(|| missing("`:` after a name"))?;
    let name = name.trim().to_owned();
    let (law, comment) = rest.split_once('#').unwrap_or((rest, ""));
    let sound = match comment.trim().strip_prefix("sound:").map(str::trim) {
        Some("real") => Domain::Real,
        Some("complex") => Domain::Complex,
        _ => return Err(RuleError::Soundness { line, name }),
    };
    let (left, rest) = law.split_once("=>").ok_or_else(|| missing("`=>`"))?;
    let (right, conditions) = match rest.split_once(" if ") {
        Some((right, conditions)) => (right, conditions.split(" and ").collect()),
        None => (rest, Vec::new()),
    };
    let (left, right) = (Reader::side(line, left)?, Reader::side(line, right)?);
    if matches!(left, Pattern::Variable(_) | Pattern::Pi) || matches!(&left, Pattern::Sum(_, terms) if terms.is_empty())
    {
        return Err(RuleError::Bare { line, name });
    }
    let conditions = conditions.into_iter().map(|c| condition(line, c)).collect::<Result<Vec<_>, _>>()?;

    let (bound, numbers) = left.variables();
    let (mut used, mut used_numbers) = right.variables();
    for condition in &conditions {
        match condition {
            Condition::Value(v, ..) => used |= 1 << v,
            Condition::Integer(n) | Condition::PositiveNumber(n) => used_numbers |= 1 << n,
        }
    }
    let unbound = |names: &[&'static str], used: u8, bound: u8| {
        names.iter().enumerate().find(|(k, _)| used & !bound & (1 << k) != 0).map(|(_, name)| *name)
    };
    if let Some(variable) = unbound(&VARIABLES, used, bound).or_else(|| unbound(&NUMBERS, used_numbers, numbers)) {
        return Err(RuleError::Unbound { line, name, variable });
    }
    Ok(Rule { name, left, right, conditions, sound, line })
}

fn condition(line: usize, text: &str) -> Result<Condition, RuleError> {
    let text = text.trim();
    let syntax = |expected| RuleError::Syntax { line, expected, found: format!("`{text}`") };
    let variable = |name: &str| VARIABLES.iter().position(|v| *v == name);
    let number = |name: &str| NUMBERS.iter().position(|v| *v == name);
    let unknown = |name: &str| RuleError::Name { line, name: name.to_owned() };
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [name, "is", "integer"] => Ok(Condition::Integer(number(name).ok_or_else(|| unknown(name))?)),
        [name, relation, at] => {
            let relation = match relation {
                ">" => Relation::Above,
                ">=" => Relation::AtLeast,
                "<" => Relation::Below,
                "<=" => Relation::AtMost,
                "!=" => Relation::Not,
                _ => return Err(syntax("one of > >= < <= != in a condition")),
            };
            let at: Rational = at.parse().map_err(|_| syntax("an exact number in a condition"))?;
            match (variable(name), number(name)) {
                (Some(v), _) => Ok(Condition::Value(v, relation, at)),
                (_, Some(n)) if relation == Relation::Above && at.is_zero() => Ok(Condition::PositiveNumber(n)),
                (_, Some(_)) => Err(syntax("`> 0` or `is integer` after a number")),
                _ => Err(unknown(name)),
            }
        }
        _ => Err(syntax("a condition such as `a > 0` or `q is integer`")),
    }
}

/// What has been read: a pattern, or a variable for a number, which may only multiply or be an exponent.
enum Value {
    Pattern(Pattern),
    Number(usize),
}

struct Reader<'a> {
    line: usize,
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn side(line: usize, text: &'a str) -> Result<Pattern, RuleError> {
        let mut reader = Self { line, text: text.as_bytes(), at: 0, depth: 0 };
        let side = reader.sum()?;
        if reader.peek().is_some() {
            return Err(reader.syntax("the end of the side"));
        }
        Ok(side)
    }

    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, c: u8) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn syntax(&mut self, expected: &'static str) -> RuleError {
        self.peek();
        let rest = String::from_utf8_lossy(self.text.get(self.at..).unwrap_or_default());
        let found = if rest.trim().is_empty() { "nothing".to_owned() } else { format!("`{}`", rest.trim()) };
        RuleError::Syntax { line: self.line, expected, found }
    }

    fn sum(&mut self) -> Result<Pattern, RuleError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.syntax("fewer brackets inside each other"));
        }
        let mut sum = self.product()?;
        loop {
            if self.take(b'+') {
                sum = add(sum, self.product()?);
            } else if self.take(b'-') {
                let minus = scale(&Rational::MINUS_ONE, self.product()?).ok_or_else(|| self.syntax("one number"))?;
                sum = add(sum, minus);
            } else {
                self.depth -= 1;
                return Ok(sum);
            }
        }
    }

    fn product(&mut self) -> Result<Pattern, RuleError> {
        let negative = self.take(b'-');
        let mut product = self.power()?;
        loop {
            let inverse = if self.take(b'*') {
                false
            } else if self.take(b'/') {
                true
            } else {
                break;
            };
            let factor = self.power()?;
            let (Value::Pattern(factor), inverse) = (factor, inverse) else {
                return Err(self.syntax("a number variable in front of its factor"));
            };
            let factor = if inverse { power(factor, Exact::Number(Rational::MINUS_ONE)) } else { Some(factor) };
            let factor = factor.ok_or_else(|| self.syntax("a divisor other than zero"))?;
            let next = match product {
                Value::Pattern(p) => multiply(p, factor),
                Value::Number(n) => Some(Pattern::Sum(Rational::ZERO, vec![(Exact::Variable(n), factor)])),
            };
            product = Value::Pattern(next.ok_or_else(|| self.syntax("one number variable in a product"))?);
        }
        match product {
            Value::Pattern(p) if negative => scale(&Rational::MINUS_ONE, p).ok_or_else(|| self.syntax("one number")),
            Value::Pattern(p) => Ok(p),
            Value::Number(_) => Err(self.syntax("a factor after a number variable")),
        }
    }

    fn power(&mut self) -> Result<Value, RuleError> {
        let base = self.atom()?;
        if !self.take(b'^') {
            return Ok(base);
        }
        let Value::Pattern(base) = base else { return Err(self.syntax("an expression under an exponent")) };
        let exponent = if let Some(c) = self.peek().filter(u8::is_ascii_lowercase) {
            let name = [c];
            let n = NUMBERS.iter().position(|n| n.as_bytes() == name);
            self.at += 1;
            Exact::Variable(n.ok_or_else(|| self.unknown(&String::from_utf8_lossy(&name)))?)
        } else {
            let negative = self.take(b'-');
            let q = self.digits()?;
            Exact::Number(if negative { -q } else { q })
        };
        let power = power(base, exponent).ok_or_else(|| self.syntax("an exponent that has a value"))?;
        Ok(Value::Pattern(power))
    }

    fn digits(&mut self) -> Result<Rational, RuleError> {
        self.peek();
        let end =
            self.text[self.at..].iter().position(|c| !c.is_ascii_digit()).map_or(self.text.len(), |n| self.at + n);
        let digits = String::from_utf8_lossy(&self.text[self.at..end]).into_owned();
        let number = digits.parse().map_err(|_| self.syntax("a number"))?;
        self.at = end;
        Ok(number)
    }

    fn unknown(&self, name: &str) -> RuleError {
        RuleError::Name { line: self.line, name: name.to_owned() }
    }

    fn atom(&mut self) -> Result<Value, RuleError> {
        if self.take(b'(') {
            let inner = self.sum()?;
            return self.close(inner);
        }
        match self.peek() {
            Some(c) if c.is_ascii_digit() => {
                let q = self.digits()?;
                return Ok(Value::Pattern(Pattern::Sum(q, Vec::new())));
            }
            Some(c) if c.is_ascii_lowercase() => {}
            _ => return Err(self.syntax("an expression")),
        }
        let word = |c: &u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let end = self.text[self.at..].iter().position(|c| !word(c)).map_or(self.text.len(), |n| self.at + n);
        let name = String::from_utf8_lossy(&self.text[self.at..end]).into_owned();
        self.at = end;
        if self.take(b'(') {
            let root = name == "sqrt";
            let function = Function::ALL.into_iter().find(|f| f.name() == name);
            if !root && function.is_none() {
                return Err(self.unknown(&name));
            }
            let argument = self.sum()?;
            let value = match function {
                Some(f) => Pattern::Apply(f, Box::new(argument)),
                None => power(argument, Exact::Number(Rational::new(1, 2))).ok_or_else(|| self.syntax("a root"))?,
            };
            return self.close(value);
        }
        if name == "pi" {
            return Ok(Value::Pattern(Pattern::Pi));
        }
        if let Some(v) = VARIABLES.iter().position(|v| *v == name) {
            return Ok(Value::Pattern(Pattern::Variable(v)));
        }
        match NUMBERS.iter().position(|v| *v == name) {
            Some(n) => Ok(Value::Number(n)),
            None => Err(self.unknown(&name)),
        }
    }

    fn close(&mut self, value: Pattern) -> Result<Value, RuleError> {
        if self.take(b')') { Ok(Value::Pattern(value)) } else { Err(self.syntax("`)`")) }
    }
}

type Parts = Vec<(Exact, Pattern)>;

fn one() -> Exact {
    Exact::Number(Rational::ONE)
}

/// Specific parts first, so that matching binds variables before it looks for what they repeat.
fn sorted(mut parts: Parts) -> Parts {
    parts.sort_by_key(|(_, p)| matches!(p, Pattern::Variable(_)));
    parts
}

fn add(a: Pattern, b: Pattern) -> Pattern {
    let terms = |p: Pattern| match p {
        Pattern::Sum(constant, terms) => (constant, terms),
        other => (Rational::ZERO, vec![(one(), other)]),
    };
    let ((p, mut left), (q, right)) = (terms(a), terms(b));
    left.extend(right);
    Pattern::Sum(p + q, sorted(left))
}

/// `q·x`; `None` if a factor of `x` is a number variable.
fn scale(q: &Rational, x: Pattern) -> Option<Pattern> {
    let (constant, terms) = match x {
        Pattern::Sum(constant, terms) => (&constant * q, terms),
        other => (Rational::ZERO, vec![(one(), other)]),
    };
    let scaled = terms.into_iter().map(|(c, p)| match c {
        Exact::Number(c) => Some((Exact::Number(&c * q), p)),
        Exact::Variable(_) => None,
    });
    let mut terms = scaled.collect::<Option<Parts>>()?;
    match &terms[..] {
        [(Exact::Number(c), _)] if c.is_one() && constant.is_zero() => terms.pop().map(|(_, p)| p),
        _ => Some(Pattern::Sum(constant, terms)),
    }
}

/// Splits `q·x` into `q` and `x`.
fn split(p: Pattern) -> (Rational, Option<Pattern>) {
    match p {
        Pattern::Sum(constant, terms) if terms.is_empty() => (constant, None),
        Pattern::Sum(constant, mut terms)
            if constant.is_zero() && terms.len() == 1 && matches!(terms[0].0, Exact::Number(_)) =>
        {
            match terms.pop() {
                Some((Exact::Number(c), p)) => (c, Some(p)),
                _ => (Rational::ONE, None),
            }
        }
        other => (Rational::ONE, Some(other)),
    }
}

fn multiply(a: Pattern, b: Pattern) -> Option<Pattern> {
    let ((p, x), (q, y)) = (split(a), split(b));
    let factors = |p: Pattern| match p {
        Pattern::Product(factors) => factors,
        other => vec![(one(), other)],
    };
    let product = match (x, y) {
        (Some(x), Some(y)) => {
            let mut all = factors(x);
            all.extend(factors(y));
            Pattern::Product(sorted(all))
        }
        (Some(x), None) | (None, Some(x)) => x,
        (None, None) => return Some(Pattern::Sum(p * q, Vec::new())),
    };
    scale(&(p * q), product)
}

fn power(base: Pattern, exponent: Exact) -> Option<Pattern> {
    match (base, exponent) {
        (Pattern::Sum(q, terms), Exact::Number(e)) if terms.is_empty() => {
            exact_power(&q, &e).map(|q| Pattern::Sum(q, Vec::new()))
        }
        // Integer powers of powers are one power, as in the DAG.
        (Pattern::Product(factors), Exact::Number(e)) if e.is_integer() => {
            let raised = factors.into_iter().map(|(p, x)| match p {
                Exact::Number(p) => Some((Exact::Number(p * &e), x)),
                Exact::Variable(_) => None,
            });
            raised.collect::<Option<Parts>>().map(Pattern::Product)
        }
        (base, e) => Some(Pattern::Product(vec![(e, base)])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_line_and_the_remedy() {
        let cases = [
            (
                "x",
                "line 1: expected `:` after a name, found `x`: rules read `name: left => right if a > 0  # sound: real`",
            ),
            ("\nx: exp(a) => a", "line 2: the rule `x` does not end with `# sound: real` or `# sound: complex`"),
            (
                "x: exp(a) => a # sound: often",
                "line 1: the rule `x` does not end with `# sound: real` or `# sound: complex`",
            ),
            ("x: exp(a) # sound: real", "line 1: expected `=>`, found `x: exp(a) # sound: real`"),
            ("x: exp(a => a # sound: real", "line 1: expected `)`, found nothing"),
            ("x: exp(a)) => a # sound: real", "line 1: expected the end of the side, found `)`"),
            ("x: exp(a) + => a # sound: real", "line 1: expected an expression, found nothing"),
            ("x: foo(a) => a # sound: real", "line 1: unknown name `foo`"),
            ("x: exp(z) => a # sound: real", "line 1: unknown name `z`"),
            ("x: exp(a) => b # sound: real", "line 1: `b` is not on the left side of the rule `x`"),
            ("x: exp(a) => a^q # sound: real", "line 1: `q` is not on the left side of the rule `x`"),
            ("x: exp(a) => a if b > 0 # sound: real", "line 1: `b` is not on the left side of the rule `x`"),
            (
                "x: exp(a) => a if a ~ 0 # sound: real",
                "line 1: expected one of > >= < <= != in a condition, found `a ~ 0`",
            ),
            ("x: exp(a) => a if a > o # sound: real", "line 1: expected an exact number in a condition"),
            ("x: exp(a) => a if positive # sound: real", "line 1: expected a condition such as `a > 0`"),
            ("x: a => exp(log(a)) # sound: real", "line 1: the left side of the rule `x` is a variable or a number"),
            ("x: exp(a)*q => a # sound: real", "line 1: expected a number variable in front of its factor"),
            ("x: 1/0 => 1 # sound: real", "line 1: expected a divisor other than zero"),
            (
                "x: sin(a) => 1 # sound: real\nx: cos(a) => 1 # sound: real",
                "line 2: the name `x` is taken by the rule in line 1",
            ),
        ];
        for (text, expected) in cases {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        let deep = format!("x: {}a{} => a # sound: real", "(".repeat(99), ")".repeat(99));
        assert!(matches!(parse(&deep), Err(RuleError::Syntax { .. })));
    }

    #[test]
    fn sides_read_as_they_are_written() {
        let text =
            "double: sin(a)*cos(a) => sin(2*a)/2 # sound: complex\npower: log(a^q) => q*log(a) if a > 0 # sound: real";
        let rules = parse(text).unwrap();
        let mut pool = Pool::new();
        let variables = ["x", "y", "z", "t"].map(|name| pool.declare_parameter(name, crate::expr::Shape::scalar()));
        let numbers = [Rational::from(3), Rational::from(5)];
        let printed: Vec<String> = rules
            .iter()
            .flat_map(|rule| {
                let (left, right) = rule.sides(&mut pool, &variables, &numbers);
                pool.print(&[left, right], &[]).expressions.into_iter().map(|f| f.to_string())
            })
            .collect();
        assert_eq!(printed, ["sin(x)*cos(x)", "sin(2*x)/2", "log(x^5)", "5*log(x)"]);
        assert_eq!(rules[1].conditions[0].to_string(), "a > 0");
        assert_eq!((rules[0].sound, rules[1].sound), (Domain::Complex, Domain::Real));
    }

    use crate::expr::Pool;
}
