//! Files of claims: one a line, `#` comments, `[method=…, momentum=…, notation=h=η, expect=false]` in front.

use super::{Claim, ClaimError, Letters, LettersError};
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, MOMENTUM, UnknownOptimizer};

/// A line of a file of claims.
#[derive(Debug, Clone)]
pub struct ClaimLine {
    /// Its number, from 1.
    pub line: usize,
    /// Where it begins, in bytes of the file.
    pub start: usize,
    /// The claim.
    pub claim: Claim,
    /// The optimizer.
    pub optimizer: BoundOptimizer,
    /// Whether a right claim is expected.
    pub expected: bool,
}

/// Reads a file of claims, about `optimizer` where a line names no other. All errors are reported.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::claim::read_claims;
/// let file = "# a misprint\n[expect=false] f_1 = 1/2 H g\n[method=heavy-ball] f_0 = -g/(1-m)\n";
/// let lines = read_claims(file, &BoundOptimizer::gradient_descent()).unwrap();
/// assert_eq!(lines.len(), 2);
/// for line in lines {
///     let verdict = line.claim.judge(&line.optimizer).unwrap();
///     assert_eq!(verdict.ok(), line.expected);
/// }
/// ```
///
/// # Errors
/// Every [`ClaimError`], with places in the file.
pub fn read_claims(text: &str, optimizer: &BoundOptimizer) -> Result<Vec<ClaimLine>, Vec<ClaimError>> {
    read_claims_with(text, optimizer, &Letters::default())
}

/// Reads a file of claims in letters of the user's own; lines may add their own with `notation=OURS=THEIRS`.
///
/// # Errors
/// Every [`ClaimError`], with places in the file.
pub fn read_claims_with(
    text: &str,
    optimizer: &BoundOptimizer,
    letters: &Letters,
) -> Result<Vec<ClaimLine>, Vec<ClaimError>> {
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    // A mark of the encoding at the beginning is no text.
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for (number, whole) in (1..).zip(text[start..].split_inclusive('\n')) {
        let line = whole.trim_end_matches(['\n', '\r']);
        let line = line.split_once('#').map_or(line, |(before, _)| before);
        if !line.trim().is_empty() {
            match read_line(line, optimizer, letters) {
                Ok(read) => lines.push(ClaimLine { line: number, start, ..read }),
                Err(error) => errors.push(error.moved(start).placed(text)),
            }
        }
        start += whole.len();
    }
    if errors.is_empty() { Ok(lines) } else { Err(errors) }
}

fn read_line(line: &str, optimizer: &BoundOptimizer, letters: &Letters) -> Result<ClaimLine, ClaimError> {
    let (mut algorithm, mut letters) = (optimizer.optimizer().clone(), letters.clone());
    let mut values = optimizer.values().to_vec();
    let mut expected = true;
    let mut given = 0..0;
    let mut at = line.len() - line.trim_start().len();
    while line[at..].starts_with('[') {
        let Some(length) = line[at..].find(']') else {
            return Err(ClaimError::new(at..at + 1, "this bracket is never closed").expecting("`]`"));
        };
        let mut place = at + 1;
        for setting in line[at + 1..at + length].split(',') {
            let indent = setting.len() - setting.trim_start().len();
            let span = place + indent..(place + setting.trim_end().len()).max(place + indent);
            let error = |message: String| ClaimError::new(span.clone(), message);
            let known = "method=METHOD, momentum=NUMBER, notation=OURS=THEIRS, expect=true or expect=false";
            let Some((name, value)) = setting.split_once('=') else {
                return Err(error(format!("`{}` is no setting", setting.trim())).expecting(known));
            };
            match (name.trim(), value.trim()) {
                ("method", value) => {
                    algorithm = value.parse().map_err(|e: UnknownOptimizer| error(e.to_string()))?;
                    values.retain(|(name, _)| algorithm.symbols().contains(name));
                }
                ("momentum", value) => {
                    given = span.clone();
                    let momentum = value.parse::<Rational>().map_err(|e| error(e.to_string()))?;
                    values.retain(|(name, _)| name != MOMENTUM);
                    values.push((MOMENTUM.to_owned(), momentum));
                }
                ("notation", pair) => {
                    letters = letters.and(&pair.parse().map_err(|e: LettersError| error(e.to_string()))?);
                }
                ("expect", "true") => expected = true,
                ("expect", "false") => expected = false,
                (name, value) => return Err(error(format!("`{name}={value}` is no setting")).expecting(known)),
            }
            place += setting.len() + 1;
        }
        at += length + 1;
        at += line[at..].len() - line[at..].trim_start().len();
    }
    let values: Vec<(&str, Rational)> = values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let bound = algorithm.bind(&values);
    let optimizer = bound.map_err(|e| ClaimError::new(given, e.to_string()).expecting("another momentum"))?;
    let claim = Claim::parse_with(&line[at..], &optimizer, &letters).map_err(|e| e.moved(at))?;
    Ok(ClaimLine { line: 0, start: 0, claim, optimizer, expected })
}
