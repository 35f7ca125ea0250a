//! The first line and rows of CSV.

use super::column::{BRANCH, FROM, H_SETTING, OPTIMIZER, SEED, STEP, WORDS, taken_apart};
use super::error::RecordError;
use super::read::{Belongs, Reading};

/// What a field of a CSV row is.
pub(super) enum Cell {
    /// A number, at its place.
    Number(usize),
    /// A word that tells where the row belongs, or that nobody reads.
    Word(&'static str),
}

/// Characters of a name that a message repeats.
const MOST_OF_NAME: usize = 40;

/// A name for a message, which what is no record may have made long.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(MOST_OF_NAME) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_owned(),
    }
}

impl Reading<'_> {
    /// The first line of a CSV file: what each field is.
    pub(super) fn header(&mut self, text: &str) -> Result<Vec<(String, Cell)>, RecordError> {
        let names = cells(text).map_err(|before| self.fault(before, UNCLOSED.to_owned()))?;
        let mut fields: Vec<(String, Cell)> = Vec::new();
        for (name, before) in names {
            let name = name.trim().to_owned();
            if name.is_empty() {
                return Err(self.fault(before, "a column without a name".to_owned()));
            }
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(self.fault(before, format!("two columns are called `{name}`")));
            }
            let cell = match WORDS.into_iter().find(|word| *word == name) {
                Some(word) => Cell::Word(word),
                None => {
                    let (column, key, part) = taken_apart(&name);
                    Cell::Number(self.field(column, key, part))
                }
            };
            fields.push((name, cell));
        }
        if fields.iter().all(|(name, _)| name != STEP) {
            let known: Vec<String> = fields.iter().take(12).map(|(name, _)| shortened(name)).collect();
            let message = format!(
                "no record of training: its first line names no column `{STEP}`, but {}; a record is CSV with names in its first line, or JSON lines",
                known.join(", ")
            );
            return Err(self.fault(0, message));
        }
        Ok(fields)
    }

    /// One row of a CSV file.
    pub(super) fn csv(&mut self, text: &str, fields: &[(String, Cell)]) -> Result<(), RecordError> {
        let values = cells(text).map_err(|before| self.fault(before, UNCLOSED.to_owned()))?;
        if values.len() != fields.len() {
            let end = text.chars().count();
            let before = values.get(fields.len()).map_or(end, |(_, before)| *before);
            let message = format!("{} fields where the first line names {} columns", values.len(), fields.len());
            return Err(self.fault(before, message));
        }
        let mut belongs = Belongs::default();
        for ((value, before), (name, cell)) in values.into_iter().zip(fields) {
            let value = value.trim();
            match cell {
                _ if value.is_empty() => {}
                Cell::Word(word) => {
                    let value = Some(value.to_owned());
                    match *word {
                        OPTIMIZER => belongs.run[0] = value,
                        H_SETTING => belongs.run[1] = value,
                        SEED => belongs.run[2] = value,
                        BRANCH => belongs.branch = value,
                        _ => {}
                    }
                }
                Cell::Number(place) => {
                    let number = match value {
                        "true" => 1.0,
                        "false" => 0.0,
                        _ => value.parse::<f64>().map_err(|_| {
                            let short: String = value.chars().take(40).collect();
                            let again = if value == name {
                                ", but its name: the first line again, so that two records were put together"
                            } else {
                                ""
                            };
                            self.fault(before, format!("`{short}` in column `{name}` is no number{again}"))
                        })?,
                    };
                    if name == FROM {
                        belongs.from = Some(number);
                    }
                    if name == STEP {
                        (belongs.step, belongs.step_at) = (Some(number), before);
                    }
                    self.put(*place, number);
                }
            }
        }
        self.end(belongs)
    }
}

const UNCLOSED: &str = "a quotation mark opens here and is not closed on this line";

/// The fields of a CSV row, each with the number of characters before it; an error is where a quotation mark is not closed.
fn cells(text: &str) -> Result<Vec<(String, usize)>, usize> {
    let mut all = Vec::new();
    let (mut field, mut start, mut quoted) = (String::new(), 0, None);
    let mut characters = text.chars().enumerate().peekable();
    while let Some((k, c)) = characters.next() {
        match (c, quoted) {
            ('"', Some(_)) if characters.next_if(|(_, next)| *next == '"').is_some() => field.push('"'),
            ('"', Some(_)) => quoted = None,
            ('"', None) if field.trim().is_empty() => quoted = Some(k),
            (',', None) => {
                all.push((std::mem::take(&mut field), start));
                start = k + 1;
            }
            (c, _) => field.push(c),
        }
    }
    if let Some(at) = quoted {
        return Err(at);
    }
    all.push((field, start));
    Ok(all)
}
