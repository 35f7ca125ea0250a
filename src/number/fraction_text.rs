//! Rational functions as people and programs write them.

use super::{Coefficient, Fraction, Rational};
use std::str::FromStr;

/// The longest text accepted, the deepest nesting and the largest exponent: bounds on all work.
const MAX_LENGTH: usize = 4_000;
const MAX_DEPTH: usize = 64;
const MAX_EXPONENT: u32 = 64;

/// Why a text is no rational function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no rational function of symbols such as -(1+m)/(2*(1-m)^3): {problem} at character {position}")]
pub struct ParseFractionError {
    /// The text received.
    pub text: String,
    /// Where it goes wrong, in characters from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl FromStr for Fraction {
    type Err = ParseFractionError;

    /// Reads numbers, symbols, `+ - * / ^` and parentheses, as in the loss language.
    ///
    /// ```
    /// use shadowflow::number::Fraction;
    /// let fraction: Fraction = "(1+m) / (2*(1-m)^3)".parse()?;
    /// assert_eq!(fraction.to_string(), "(1+m)/(2*(1-m)^3)");
    /// assert!("1/(1+m^2)".parse::<Fraction>().is_err());
    /// # Ok::<(), shadowflow::number::ParseFractionError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseFractionError> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let result = if text.len() > MAX_LENGTH {
            Err("it is longer than 4000 bytes")
        } else {
            reader.sum().and_then(|value| if reader.peek().is_none() { Ok(value) } else { Err("expected an operator") })
        };
        result.map_err(|problem| ParseFractionError {
            text: text.chars().take(80).collect(),
            position: text[..reader.at.min(text.len())].chars().count() + 1,
            problem,
        })
    }
}

/// A product that is still factored, because only linear factors can be divided by.
type Factors = Vec<(Fraction, i64)>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    fn sum(&mut self) -> Result<Fraction, &'static str> {
        let negative = self.eat('-');
        let first = self.product()?;
        self.rest_of_sum(negative, first)
    }

    /// The sum whose first term is read already.
    fn rest_of_sum(&mut self, mut negative: bool, mut factors: Factors) -> Result<Fraction, &'static str> {
        let mut total = Fraction::zero();
        loop {
            let term = multiplied(factors)?;
            total = total.plus(&if negative { term.negated() } else { term });
            negative = self.eat('-');
            if !negative && !self.eat('+') {
                return Ok(total);
            }
            factors = self.product()?;
        }
    }

    fn product(&mut self) -> Result<Factors, &'static str> {
        let mut factors = self.power()?;
        loop {
            if self.eat('*') {
                factors.extend(self.power()?);
            } else if self.eat('/') {
                factors.extend(self.power()?.into_iter().map(|(base, exponent)| (base, -exponent)));
            } else {
                return Ok(factors);
            }
        }
    }

    fn power(&mut self) -> Result<Factors, &'static str> {
        let mut base = self.atom()?;
        if self.eat('^') {
            let exponent = self.digits().parse::<u32>().ok().filter(|e| *e <= MAX_EXPONENT);
            let exponent = i64::from(exponent.ok_or("expected an exponent up to 64")?);
            base.iter_mut().for_each(|factor| factor.1 *= exponent);
            if base.iter().any(|factor| factor.1.abs() > i64::from(MAX_EXPONENT)) {
                return Err("expected an exponent up to 64");
            }
        }
        Ok(base)
    }

    fn digits(&mut self) -> String {
        self.peek();
        let digits: String = self.text[self.at..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        self.at += digits.len();
        digits
    }

    fn atom(&mut self) -> Result<Factors, &'static str> {
        let single = |value| Ok(vec![(value, 1)]);
        match self.peek() {
            Some('(') => {
                self.at += 1;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("parentheses nest too deep");
                }
                let negative = self.eat('-');
                let mut factors = self.product()?;
                // A product in parentheses keeps its factors: a denominator is divided by one after the other.
                if matches!(self.peek(), Some('+' | '-')) {
                    factors = vec![(self.rest_of_sum(negative, factors)?, 1)];
                } else if negative {
                    factors.push((Fraction::one().negated(), 1));
                }
                self.depth -= 1;
                if self.eat(')') { Ok(factors) } else { Err("expected `)`") }
            }
            Some(c) if c.is_ascii_digit() || c == '.' => {
                let number = self.digits().parse::<Rational>().map_err(|_| "expected a number")?;
                single(Fraction::from_rational(&number))
            }
            Some(c) if c.is_ascii_alphabetic() => {
                let rest = self.text[self.at..].chars();
                let name: String = rest.take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                self.at += name.len();
                single(Fraction::symbol(&name))
            }
            _ => Err("expected a number, a symbol or `(`"),
        }
    }
}

fn multiplied(factors: Factors) -> Result<Fraction, &'static str> {
    let mut value = Fraction::one();
    for (base, exponent) in factors.iter().filter(|f| f.1 > 0) {
        value = (0..*exponent).fold(value, |product, _| product.times(base));
    }
    for (base, exponent) in factors.iter().filter(|f| f.1 < 0) {
        for _ in *exponent..0 {
            value = value.divided(base).ok_or("division by zero or by what is no product of linear factors")?;
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in
            ["0", "-3/2", "m", "-(1+m)/(2*(1-m)^3)", "6*m/(5*(1-m)^2)", "-(1-m+2*m^2)/(2*(1-m)^3)", "-m^2", "1-m"]
        {
            assert_eq!(text.parse::<Fraction>().map(|f| f.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("((2*m))/(-4)".parse::<Fraction>().unwrap().to_string(), "-m/2");
        assert_eq!(" 0.5 - m*(1-m)/(1-m)".parse::<Fraction>().unwrap().to_string(), "(1-2*m)/2");
    }

    #[test]
    fn says_where_it_goes_wrong() {
        let deep = "(".repeat(1000);
        for (text, position) in [
            ("", 1),
            ("1+", 3),
            ("(1", 3),
            ("1 2", 3),
            ("m^65", 5),
            ("1/0", 4),
            ("1/(1+m^2)", 10),
            ("é", 1),
            (&deep, 66),
        ] {
            assert_eq!(text.parse::<Fraction>().unwrap_err().position, position, "{text}");
        }
    }
}
