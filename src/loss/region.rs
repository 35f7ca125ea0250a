//! Boxes of parameter space as a user gives them: an interval of exact numbers by name.

use super::point::{entries_of, split_outside_brackets};
use crate::expr::Pool;
use crate::number::{ParseRationalError, Rational};
use std::ops::Range;

/// Why a text is not a box of a loss's parameter space, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{kind}")]
pub struct RegionError {
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
    /// The column where they begin, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub kind: RegionErrorKind,
}

/// What is wrong with a box.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum RegionErrorKind {
    #[error("`{0}` is not of the form NAME=LOW:HIGH")]
    NotAnInterval(String),
    #[error("`{name}` is not a parameter of this loss, whose parameters are {known}")]
    UnknownName { name: String, known: String, close: Option<String> },
    #[error("a bound of `{name}`: {source}")]
    Number { name: String, source: ParseRationalError },
    #[error("the interval of `{name}` is empty: {low} is not below {high}")]
    Empty { name: String, low: String, high: String, swapped: bool },
    #[error("`{0}` is given twice")]
    Twice(String),
    #[error("a bracket is not closed, or not opened")]
    Bracket,
}

impl RegionError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match &self.kind {
            RegionErrorKind::UnknownName { close: Some(close), .. } => format!("did you mean `{close}`?"),
            RegionErrorKind::Number { .. } => "bounds are exact numbers: decimal, exponent or p/q".to_owned(),
            RegionErrorKind::Empty { name, low, high, swapped: true } => {
                format!("the lower bound comes first: {name}={high}:{low}")
            }
            _ => "write for example x=-2:2,y=-1:3".to_owned(),
        }
    }

    /// The error drawn under the text, which is named `name` there.
    #[must_use]
    pub fn render(&self, name: &str, text: &str, color: bool) -> String {
        super::draw_located(name, text, &self.span, &self.to_string(), Some(&self.help()), color)
    }
}

/// Reads a box: `x=-2:2,w=-1:1,v[0]=0:1/2` with exact numbers; an array's interval is that of all its entries. Entries that are not
/// given are `None`.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::loss::parse_region;
/// let mut pool = Pool::new();
/// pool.declare_parameter("x", Shape::scalar());
/// pool.declare_parameter("w", Shape::vector(2));
/// let region = parse_region("w=-1:1/2", &pool)?;
/// assert_eq!(region[0], None);
/// assert_eq!(region[2], Some(("-1".parse().unwrap(), "1/2".parse().unwrap())));
/// assert_eq!(parse_region("x=0:1,y=0:1", &pool).unwrap_err().span, 6..7);
/// # Ok::<(), shadowflow::loss::RegionError>(())
/// ```
///
/// # Errors
/// [`RegionError`], which tells the place.
pub fn parse_region(text: &str, pool: &Pool) -> Result<Vec<Option<(Rational, Rational)>>, RegionError> {
    read(text, pool).map_err(|(span, kind)| {
        let column = text[..span.start].chars().count() + 1;
        RegionError { span, column, kind }
    })
}

type Located = (Range<usize>, RegionErrorKind);

fn read(text: &str, pool: &Pool) -> Result<Vec<Option<(Rational, Rational)>>, Located> {
    let mut region: Vec<Option<(Rational, Rational)>> = vec![None; pool.dimension()];
    let pieces = split_outside_brackets(text).map_err(|_| (0..text.len(), RegionErrorKind::Bracket))?;
    let mut start = 0;
    for piece in pieces {
        // The part of the piece that is no blank, at its place in the text.
        let within = |part: &str, offset: usize| {
            let from = start + offset + (part.len() - part.trim_start().len());
            from..from + part.trim().len()
        };
        let whole = || (within(piece, 0), RegionErrorKind::NotAnInterval(piece.trim().to_owned()));
        let (name, interval) = piece.split_once('=').ok_or_else(whole)?;
        let (low, high) = interval.split_once(':').ok_or_else(whole)?;
        let of_interval = name.len() + 1;
        let spans = [within(low, of_interval), within(high, of_interval + low.len() + 1)];
        let (span, name) = (within(name, 0), name.trim());
        let entries = entries_of(pool, name).ok_or_else(|| {
            let names: Vec<&str> = pool.parameters().map(|(n, _)| n).collect();
            let close = super::nearest(name, names.iter().copied());
            let (known, close) = (names.join(", "), close.map(str::to_owned));
            (span.clone(), RegionErrorKind::UnknownName { name: name.to_owned(), known, close })
        })?;
        let [low, high] = [(low, &spans[0]), (high, &spans[1])].map(|(bound, span)| {
            bound
                .trim()
                .parse::<Rational>()
                .map_err(|source| (span.clone(), RegionErrorKind::Number { name: name.to_owned(), source }))
        });
        let (low, high) = (low?, high?);
        if low >= high {
            let swapped = low > high;
            let (name, low, high) = (name.to_owned(), low.to_string(), high.to_string());
            let kind = RegionErrorKind::Empty { name, low, high, swapped };
            return Err((spans[0].start..spans[1].end, kind));
        }
        for entry in &mut region[entries] {
            if entry.replace((low.clone(), high.clone())).is_some() {
                return Err((span, RegionErrorKind::Twice(name.to_owned())));
            }
        }
        start += piece.len() + 1;
    }
    Ok(region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Shape;

    #[test]
    fn errors_tell_their_place() {
        let mut pool = Pool::new();
        pool.declare_parameter("xi", Shape::scalar());
        pool.declare_parameter("w", Shape::vector(2));
        for (text, place, words) in [
            ("xi=0:1, x=0:1", "x", "did you mean `xi`?"),
            ("xi=0:1,w", "w", "NAME=LOW:HIGH"),
            ("xi=0", "xi=0", "NAME=LOW:HIGH"),
            ("xi=a:1", "a", "exact numbers"),
            ("xi=0:b", "b", "exact numbers"),
            ("xi = 2 : -1", "2 : -1", "xi=-1:2"),
            ("xi=1:1", "1:1", "is empty"),
            ("w=0:1,w[1]=0:1", "w[1]", "twice"),
            ("w[0=0:1", "w[0=0:1", "bracket"),
            ("", "", "NAME=LOW:HIGH"),
            ("xi=0:1,", "", "NAME=LOW:HIGH"),
            ("日=0:1", "日", "xi, w"),
        ] {
            let error = parse_region(text, &pool).unwrap_err();
            assert_eq!(&text[error.span.clone()], place, "{text}");
            let message = format!("{error}; {}", error.help());
            assert!(message.contains(words), "{text}: {message}");
            assert!(error.render("box", text, false).contains("box:1:"), "{text}");
        }
    }

    #[test]
    fn entries_and_arrays() {
        let mut pool = Pool::new();
        pool.declare_parameter("x", Shape::scalar());
        pool.declare_parameter("w", Shape::vector(2));
        let region = parse_region("w[1]=-1e-1:1/3", &pool).unwrap();
        assert_eq!(region, [None, None, Some((Rational::new(-1, 10), Rational::new(1, 3)))]);
    }
}
