//! Lists of step sizes as users write them.

use crate::number::Rational;

/// The most step sizes of one range.
const MOST: usize = 1_000_000;

/// Why a text is no list of step sizes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepSizeError {
    /// The form is another.
    #[error(
        "`{0}` is neither a step size, such as 0.1 or 1/8, nor a range FROM:TO:COUNT or FROM:TO:COUNT:log, such as 0.01:1:20:log"
    )]
    Form(String),
    /// A number is none, or not above 0.
    #[error("`{text}` in `{range}`: {reason}")]
    Number {
        /// The number given.
        text: String,
        /// The range or number that it stands in.
        range: String,
        /// What is wrong.
        reason: String,
    },
    /// The number of step sizes does not fit.
    #[error("`{range}`: {reason}")]
    Count {
        /// The range.
        range: String,
        /// What is expected.
        reason: &'static str,
    },
}

/// Reads step sizes: exact numbers and ranges, separated by commas.
///
/// `A:B:N` are N numbers from A to B at equal distances, exact: `A + k(B − A)/(N − 1)`. `A:B:N:log` are N numbers at equal ratios, both ends exact and those
/// between them `A (B/A)^{k/(N−1)}` rounded to 15 digits. One number is `A:A:1`.
///
/// ```
/// use shadowflow::sweep::step_sizes;
/// let text = |text: &str| step_sizes(text).map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
/// assert_eq!(text("0.1:0.4:4").unwrap(), "1/10 1/5 3/10 2/5");
/// assert_eq!(text("1/100:1:3:log,2").unwrap(), "1/100 1/10 1 2");
/// assert!(text("0.1:0.4").unwrap_err().to_string().contains("FROM:TO:COUNT"));
/// ```
///
/// # Errors
/// [`StepSizeError`], which names the piece that is wrong.
pub fn step_sizes(text: &str) -> Result<Vec<Rational>, StepSizeError> {
    let mut found = Vec::new();
    for piece in text.split(',').map(str::trim) {
        let fields: Vec<&str> = piece.split(':').map(str::trim).collect();
        match fields.as_slice() {
            [one] if !one.is_empty() => found.push(positive(one, piece)?),
            [from, to, count] => range((from, to), count, false, piece, &mut found)?,
            [from, to, count, "log"] => range((from, to), count, true, piece, &mut found)?,
            _ => return Err(StepSizeError::Form(piece.to_owned())),
        }
    }
    Ok(found)
}

fn range(
    (from, to): (&str, &str),
    count: &str,
    logarithmic: bool,
    piece: &str,
    found: &mut Vec<Rational>,
) -> Result<(), StepSizeError> {
    let refuse = |reason| StepSizeError::Count { range: piece.to_owned(), reason };
    let (from, to) = (positive(from, piece)?, positive(to, piece)?);
    let count = count.parse::<usize>().ok().filter(|n| (1..=MOST).contains(n));
    let count = count.ok_or_else(|| refuse("the number of step sizes is a whole number from 1 to 1,000,000"))?;
    if count == 1 && from != to {
        return Err(refuse("one step size cannot be both ends of a range; ask for 2 or more"));
    }
    let gaps = count.saturating_sub(1).max(1);
    let distance = &to - &from;
    for k in 0..count {
        found.push(match k {
            0 => from.clone(),
            k if k == gaps => to.clone(),
            k if logarithmic => between(&from, &to, k as f64 / gaps as f64)
                .ok_or_else(|| refuse("its step sizes are beyond double precision"))?,
            k => {
                &from
                    + &(&distance
                        * &Rational::from_integers(k as i128, gaps as i128)
                            .ok_or_else(|| refuse("its step sizes cannot be counted"))?)
            }
        });
    }
    Ok(())
}

/// `A (B/A)^s`, to 15 digits.
fn between(from: &Rational, to: &Rational, share: f64) -> Option<Rational> {
    let (from, to) = (from.to_f64().ln(), to.to_f64().ln());
    let h = (from * (1.0 - share) + to * share).exp();
    // Logarithms are off by a bit or two, where a power of ten should come out.
    format!("{h:.14e}").parse().ok()
}

fn positive(text: &str, range: &str) -> Result<Rational, StepSizeError> {
    let refuse = |reason: String| StepSizeError::Number { text: text.to_owned(), range: range.to_owned(), reason };
    let number = text.parse::<Rational>().map_err(|e| refuse(e.to_string()))?;
    let h = number.to_f64();
    if number.is_zero() || number.is_negative() {
        return Err(refuse("a step size is above 0".to_owned()));
    }
    if h > 0.0 && h.is_finite() {
        Ok(number)
    } else {
        Err(refuse("a step size is between 1e-307 and 1e308".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match step_sizes(text) {
            Ok(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn ranges() {
        assert_eq!(shown("0.1"), "1/10");
        assert_eq!(shown("1:1:1"), "1");
        assert_eq!(shown("1:0:3"), "`0` in `1:0:3`: a step size is above 0");
        assert_eq!(shown("1/2:1/4:3"), "1/2 3/8 1/4");
        // 10^{-5/2} and 10^{-3/2} to 15 digits.
        assert_eq!(
            shown("0.001:0.1:5:log"),
            "1/1000 158113883008419/50000000000000000 1/100 158113883008419/5000000000000000 1/10"
        );
        assert_eq!(shown("0.1, 1:2:2"), "1/10 1 2");
    }

    #[test]
    fn refusals() {
        for (text, words) in [
            ("", "is neither a step size"),
            ("1:2", "FROM:TO:COUNT"),
            ("1:2:3:linear", "FROM:TO:COUNT:log"),
            ("1:2:0", "whole number from 1"),
            ("1:2:1", "both ends"),
            ("1:2:1e3", "whole number"),
            ("-1:2:3", "`-1` in `-1:2:3`: a step size is above 0"),
            ("1e-400", "between 1e-307"),
            ("x:2:3", "`x` in `x:2:3`"),
        ] {
            assert!(shown(text).contains(words), "{text}: {}", shown(text));
        }
    }
}
