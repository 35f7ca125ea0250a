//! Exact coefficients as people write them: `-(1+m)`, `1/4+sqrt(3)/6`, `0.9`.

use super::{Coefficient, Rational};

/// The longest text accepted, which bounds all work.
const MAX_LENGTH: usize = 4000;
/// The deepest nesting accepted.
const MAX_DEPTH: usize = 64;
/// The largest exponent accepted.
const MAX_EXPONENT: i64 = 64;

/// What names and roots mean in some ring; an error says what may stand there instead.
pub(crate) struct Names<'a, C> {
    pub(crate) symbol: &'a dyn Fn(&str) -> Result<C, String>,
    pub(crate) sqrt: &'a dyn Fn(u32) -> Result<C, String>,
}

/// Where a text goes wrong, in characters from 1, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) position: usize,
    pub(crate) message: String,
}

/// Reads an expression of numbers, names, `sqrt(n)`, `+ - * / ^` and parentheses, to an element of the ring.
pub(crate) fn read_coefficient<C: Coefficient>(text: &str, names: &Names<'_, C>) -> Result<C, Problem> {
    if text.len() > MAX_LENGTH {
        let message = format!("a coefficient has at most {MAX_LENGTH} characters, this one {}", text.len());
        return Err(Problem { position: 1, message });
    }
    let mut reader = Reader { rest: text.trim_start(), names, depth: 0 };
    let value = reader.sum().and_then(Factors::value).and_then(|value| {
        if reader.rest.is_empty() { Ok(value) } else { Err(reader.unexpected("an operator or the end")) }
    });
    let consumed = text.len() - reader.rest.len();
    value.map_err(|message| Problem { position: text[..consumed].chars().count() + 1, message })
}

/// A product not yet carried out: the ring divides by linear factors one at a time, not by their product.
struct Factors<C>(Vec<(C, i64)>);

impl<C: Coefficient> Factors<C> {
    fn value(self) -> Result<C, String> {
        let mut value = C::one();
        for (base, exponent) in self.0.iter().filter(|(_, e)| *e > 0) {
            value = (0..*exponent).fold(value, |value, _| value.times(base));
        }
        for (base, exponent) in self.0.iter().filter(|(_, e)| *e < 0) {
            for _ in *exponent..0 {
                value = value.divided(base).ok_or_else(|| {
                    if base.is_zero() {
                        return "division by zero".to_owned();
                    }
                    format!(
                        "division by {base}: denominators must be products of factors that are linear in the symbols"
                    )
                })?;
            }
        }
        Ok(value)
    }
}

struct Reader<'a, 'n, C> {
    rest: &'a str,
    names: &'a Names<'n, C>,
    depth: usize,
}

impl<'a, C: Coefficient> Reader<'a, '_, C> {
    fn unexpected(&self, expected: &str) -> String {
        match self.rest.chars().next() {
            None => format!("the coefficient ends where {expected} was expected"),
            Some(_) => format!("`{}` where {expected} was expected", self.rest),
        }
    }

    fn eat(&mut self, token: char) -> bool {
        let found = self.rest.strip_prefix(token);
        if let Some(rest) = found {
            self.rest = rest.trim_start();
        }
        found.is_some()
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        taken
    }

    fn sum(&mut self) -> Result<Factors<C>, String> {
        let first = self.product()?;
        if !self.rest.starts_with(['+', '-']) {
            return Ok(first);
        }
        let mut value = first.value()?;
        loop {
            if self.eat('+') {
                value = value.plus(&self.product()?.value()?);
            } else if self.eat('-') {
                value = value.plus(&self.product()?.value()?.negated());
            } else {
                return Ok(Factors(vec![(value, 1)]));
            }
        }
    }

    fn product(&mut self) -> Result<Factors<C>, String> {
        let mut factors = self.signed()?;
        loop {
            if self.eat('*') {
                factors.0.extend(self.signed()?.0);
            } else if self.eat('/') {
                factors.0.extend(self.signed()?.0.into_iter().map(|(base, exponent)| (base, -exponent)));
            } else {
                return Ok(factors);
            }
        }
    }

    fn signed(&mut self) -> Result<Factors<C>, String> {
        let mut negative = false;
        while self.rest.starts_with(['+', '-']) {
            negative ^= self.eat('-') || !self.eat('+');
        }
        let mut factors = self.power()?;
        if negative {
            factors.0.push((C::one().negated(), 1));
        }
        Ok(factors)
    }

    fn power(&mut self) -> Result<Factors<C>, String> {
        let mut base = self.atom()?;
        if self.eat('^') {
            let exponent = self.take(|c| c.is_ascii_digit()).parse::<i64>().ok().filter(|e| *e <= MAX_EXPONENT);
            let exponent = exponent.ok_or_else(|| format!("an exponent is a whole number up to {MAX_EXPONENT}"))?;
            for factor in &mut base.0 {
                factor.1 *= exponent;
                if factor.1.abs() > MAX_EXPONENT {
                    return Err(format!("an exponent is a whole number up to {MAX_EXPONENT}"));
                }
            }
        }
        Ok(base)
    }

    fn atom(&mut self) -> Result<Factors<C>, String> {
        let single = |value: C| Factors(vec![(value, 1)]);
        if self.eat('(') {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(format!("parentheses nest at most {MAX_DEPTH} deep"));
            }
            let value = self.sum()?;
            self.depth -= 1;
            return if self.eat(')') { Ok(value) } else { Err(self.unexpected("`)`")) };
        }
        if self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Ok(single(C::from_rational(&self.number()?)));
        }
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        match name {
            "" => Err(self.unexpected("a number, a name or `(`")),
            "sqrt" => {
                let opened = self.eat('(');
                let radicand = self.take(|c| c.is_ascii_digit()).parse::<u32>().ok();
                let closed = self.eat(')');
                let radicand = radicand.filter(|d| opened && closed && *d <= 1_000_000);
                let radicand = radicand.ok_or("a root is `sqrt(n)` of a whole number up to 1000000")?;
                (self.names.sqrt)(radicand).map(single)
            }
            _ => (self.names.symbol)(name).map(single),
        }
    }

    fn number(&mut self) -> Result<Rational, String> {
        let bytes = self.rest.as_bytes();
        let digits =
            |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let mut end = digits(0);
        // An exponent belongs to the number only if digits follow.
        if bytes.get(end).is_some_and(|b| matches!(b, b'e' | b'E')) {
            let sign = usize::from(bytes.get(end + 1).is_some_and(|b| matches!(b, b'+' | b'-')));
            let after = (end + 1 + sign).min(bytes.len());
            let stop = digits(after);
            end = if stop > after { stop } else { end };
        }
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        number.parse().map_err(|e: super::ParseRationalError| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Fraction, Quadratic};

    fn fraction(text: &str) -> Result<String, String> {
        let symbol = |name: &str| if name == "m" { Ok(Fraction::symbol("m")) } else { Err(format!("no `{name}`")) };
        let names = Names { symbol: &symbol, sqrt: &|n| Err(format!("no sqrt({n}) here")) };
        read_coefficient(text, &names).map(|c| c.to_string()).map_err(|p| p.message)
    }

    #[test]
    fn reads_fractions() {
        let cases = [
            ("-(1+m)", "-(1+m)"),
            ("2*m/(1 - m)^2 ", "2*m/(1-m)^2"),
            ("-(1+m)/(2*(1-m)^3)", "-(1+m)/(2*(1-m)^3)"),
            ("1/(m/(1-m))", "(1-m)/m"),
            ("0.9", "9/10"),
            ("1e-3", "1/1000"),
            ("-m^2", "-m^2"),
            ("--1", "1"),
            ("2-3-4", "-5"),
            ("8/2/2", "2"),
        ];
        for (text, expected) in cases {
            assert_eq!(fraction(text), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn errors_say_what_was_expected() {
        let deep = "(".repeat(80);
        let long = "1+".repeat(2400);
        let cases = [
            ("", "ends where a number"),
            ("1 2", "`2` where an operator"),
            ("k", "no `k`"),
            ("1/0", "division by zero"),
            ("(1", "ends where `)`"),
            ("1/(1+m^2)", "division by 1+m^2"),
            ("m^99", "up to 64"),
            ("sqrt(2)", "no sqrt(2) here"),
            ("sqrt(x)", "`sqrt(n)`"),
            ("1.2.3", "not an exact number"),
            ("é", "`é` where a number"),
            (&deep, "nest at most 64"),
            (&long, "at most 4000"),
        ];
        for (text, expected) in cases {
            let error = fraction(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn reads_roots() {
        let names = Names { symbol: &|name: &str| Err(name.to_owned()), sqrt: &|n| Ok(Quadratic::sqrt(n)) };
        assert_eq!(read_coefficient("1/4 - sqrt(3)/6", &names).unwrap().to_string(), "1/4-1/6*sqrt(3)");
    }
}
