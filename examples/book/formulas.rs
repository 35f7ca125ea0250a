//! Formulas as the program writes them in text, read: what the book's blocks of formulas hold.

use shadowflow::formula::{Formula, Letter, Spelling, Symbol};

/// What stands in a formula.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(String),
    /// Letters, and what belongs to them: `f_0`, `μ_j`, `θ'`.
    Word(String),
    /// A bracket that follows a word without a space: arguments.
    Arguments(char),
    Sign(char),
}

/// The functions that may be called, besides α and g.
const FUNCTIONS: [&str; 4] = ["log", "exp", "sqrt", "D"];

/// Greek letters, and the names that they stand for.
const GREEK: [(char, &str); 8] = [
    ('β', "beta"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('φ', "phi"),
    ('η', "eta"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('ω', "omega"),
];

/// The text with Greek letters as the loss language has them.
pub(crate) fn plain(text: &str) -> String {
    GREEK.iter().fold(text.to_owned(), |text, (letter, name)| text.replace(*letter, name))
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let letters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '\u{303}');
    while let Some(&first) = letters.get(at) {
        let end = match first {
            ' ' => at + 1,
            '0'..='9' => letters[at..].iter().position(|c| !c.is_ascii_digit()).map_or(letters.len(), |n| at + n),
            c if c.is_alphabetic() => letters[at..].iter().position(|c| !belongs(*c)).map_or(letters.len(), |n| at + n),
            _ => at + 1,
        };
        let word: String = letters[at..end].iter().collect();
        tokens.push(match first {
            ' ' => {
                at = end;
                continue;
            }
            '0'..='9' => Token::Number(word),
            c if c.is_alphabetic() => Token::Word(word),
            '(' | '[' if at > 0 && belongs(letters[at - 1]) => Token::Arguments(first),
            '+' | '-' | '/' | '^' | '=' | '(' | ')' | '[' | ']' | ',' | '…' => Token::Sign(first),
            _ => return Err(format!("`{first}` has no meaning here")),
        });
        at = end;
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

/// Both sides of an equation, or a formula alone.
pub(crate) fn read(line: &str) -> Result<(Option<Formula>, Formula), String> {
    let mut reader = Reader { tokens: tokens(line)?, at: 0 };
    let left = reader.sum()?;
    let sides = if reader.takes('=') { (Some(left), reader.sum()?) } else { (None, left) };
    match reader.tokens.get(reader.at) {
        None => Ok(sides),
        Some(rest) => Err(format!("{rest:?} is too much")),
    }
}

/// The lines of a block as rows of a table, in MathML.
pub(crate) fn table(block: &str) -> Result<String, String> {
    let spelling = Spelling::default();
    let mut rows = String::new();
    for line in block.lines().filter(|line| !line.trim().is_empty()) {
        let (left, right) = read(line.trim()).map_err(|e| format!("`{line}`: {e}"))?;
        let left = left.map_or_else(String::new, |left| spelling.element(&left).equals().large());
        let right = spelling.element(&right).large();
        rows.push_str(&format!("<tr><td>{left}</td><td>{right}</td></tr>\n"));
    }
    Ok(format!("<table class=\"formulas\"><tbody>\n{rows}</tbody></table>\n"))
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn expects(&mut self, sign: char) -> Result<(), String> {
        if self.takes(sign) { Ok(()) } else { Err(format!("expected `{sign}`, found {:?}", self.peek())) }
    }

    fn sum(&mut self) -> Result<Formula, String> {
        let mut negative = self.takes('-');
        let mut terms = Vec::new();
        loop {
            terms.push((negative, self.term()?));
            negative = match (self.takes('+'), self.takes('-')) {
                (false, false) => return Ok(Formula::sum(terms)),
                (_, negative) => negative,
            };
        }
    }

    /// Factors beside each other.
    fn term(&mut self) -> Result<Formula, String> {
        let mut factors = vec![self.quotient()?];
        while matches!(self.peek(), Some(Token::Number(_) | Token::Word(_) | Token::Sign('(' | '…'))) {
            factors.push(self.quotient()?);
        }
        Ok(if factors.len() == 1 { factors.remove(0) } else { Formula::beside(factors) })
    }

    fn quotient(&mut self) -> Result<Formula, String> {
        let mut left = self.power()?;
        while self.takes('/') {
            left = left.over(self.power()?);
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<Formula, String> {
        let base = self.atom()?;
        if self.takes('^') { Ok(base.raised(self.atom()?)) } else { Ok(base) }
    }

    fn arguments(&mut self, close: char) -> Result<Vec<Formula>, String> {
        let mut arguments = vec![self.sum()?];
        while self.takes(',') {
            arguments.push(self.sum()?);
        }
        self.expects(close)?;
        Ok(arguments)
    }

    fn atom(&mut self) -> Result<Formula, String> {
        let token = self.peek().cloned().ok_or("the formula ends too early")?;
        self.at += 1;
        match token {
            Token::Number(digits) => Ok(Formula::digits(digits)),
            Token::Sign('…') => Ok(Letter::Dots.into()),
            Token::Sign('(') => {
                let inner = self.sum()?;
                self.expects(')')?;
                Ok(inner)
            }
            Token::Word(word) => match self.peek() {
                Some(Token::Arguments(bracket)) => {
                    let close = if *bracket == '(' { ')' } else { ']' };
                    self.at += 1;
                    let arguments = self.arguments(close)?;
                    called(&word, close, arguments)
                }
                _ => Ok(letter(&word)),
            },
            other => Err(format!("{other:?} cannot begin anything")),
        }
    }
}

fn called(word: &str, close: char, mut arguments: Vec<Formula>) -> Result<Formula, String> {
    if close == ']' {
        return match (word, arguments.len()) {
            ("T", 2) => Ok(Formula::contraction(arguments)),
            _ if word == format!("E{}", arguments.len() + 1) => Ok(Formula::contraction(arguments)),
            (_, count) => Err(format!("{word} does not take {count} arguments")),
        };
    }
    if let Some(name) = FUNCTIONS.iter().find(|name| **name == word) {
        return Ok(Formula::call(name, arguments));
    }
    let [place] = &mut arguments[..] else { return Err(format!("{word} takes one argument")) };
    match (word, place.to_string().as_str()) {
        ("θ\u{303}", "h") => Ok(Letter::Flow(1).into()),
        ("θ\u{303}", "-h") => Ok(Letter::Flow(-1).into()),
        ("θ\u{303}", _) => Err("the flow is taken at h and -h".to_owned()),
        _ => Ok(Formula::applied(letter(word), place.clone())),
    }
}

fn letter(word: &str) -> Formula {
    let field = word.strip_prefix("f_").and_then(|n| n.parse().ok());
    match word {
        "h" => Symbol::Step.into(),
        "g" => Symbol::Gradient.into(),
        "H" => Symbol::Hessian.into(),
        "T" => Symbol::Third.into(),
        "E" => Symbol::Loss.into(),
        "θ" => Symbol::Parameters.into(),
        "θ'" => Letter::Velocity.into(),
        "α" => Letter::Alpha.into(),
        _ => field.map_or_else(|| Formula::name(plain(word)), |n| Letter::Field(n).into()),
    }
}
