//! Comma-separated values: lines of fields, with every fault's place.

use super::{Fault, shown};
use crate::budget;
use rayon::prelude::*;
use std::ops::Range;

/// A file's text and where its rows are.
#[derive(Debug)]
pub(super) struct Table {
    text: String,
    /// Where each row starts, and where the text ends.
    starts: Vec<usize>,
    /// The line, from 1, of the first row: 2 below a header.
    first_line: usize,
    columns: usize,
    /// What is odd of the header: a row with a misspelt number would be one, too.
    doubt: Option<Doubt>,
}

/// A header that looks like a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    /// The character, from 1, of the field that makes it a header.
    pub(super) column: usize,
    pub(super) reason: String,
}

/// A field and the byte of its line where it starts.
struct Field<'a> {
    at: usize,
    text: &'a str,
}

/// The fields of a line in order.
struct Fields<'a> {
    line: &'a str,
    next: Option<usize>,
}

/// A quote that does not end as it should, and the byte of its line where that is seen.
struct BadQuote {
    at: usize,
    reason: &'static str,
}

const BLANK: [char; 2] = [' ', '\t'];

/// As many rows are read by one thread at a time.
const BLOCK: usize = 1024;

impl Table {
    /// Finds the rows of a file; the numbers are read where they are asked for.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, Fault> {
        let text = text(bytes)?;
        if text.contains('\r') && !text.contains('\n') && text.trim_end().contains('\r') {
            let at = text.find('\r').unwrap_or_default();
            return Err(place(
                &text[..at],
                "lines end in a carriage return alone here; save the file with line feeds".to_owned(),
            ));
        }
        // Empty lines at the end are no rows.
        let end = text.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let mut table = Self { text, starts: Vec::new(), first_line: 1, columns: 0, doubt: None };
        if end == 0 {
            return Err(table.fault(
                1,
                "",
                0,
                "the file is empty; expected lines of numbers with commas between".to_owned(),
            ));
        }
        let mut start = 0;
        while start < end {
            let next = table.text[start..].find('\n').map_or(table.text.len(), |n| start + n + 1);
            let line = content(&table.text[start..next]);
            if start == 0 && is_header(line) {
                table.first_line = 2;
                table.doubt = doubt(line);
            } else {
                budget::tick();
                let number = table.first_line + table.starts.len();
                let fields = table.count(number, line)?;
                if table.starts.is_empty() {
                    table.columns = fields;
                } else if fields != table.columns {
                    return Err(table.ragged(number, line, fields));
                }
                table.starts.push(start);
            }
            start = next;
        }
        table.starts.push(start);
        Ok(table)
    }

    pub(super) fn doubt(&self) -> Option<&Doubt> {
        self.doubt.as_ref()
    }

    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The numbers of rows and columns that the file has, row-major, each the double nearest to what is written.
    pub(super) fn numbers(&self, rows: Range<usize>, columns: Range<usize>) -> Result<Vec<f64>, Fault> {
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        let together = BLOCK * rayon::current_num_threads().max(1);
        for start in rows.clone().step_by(together) {
            budget::tick();
            let blocks: Vec<Range<usize>> = (start..rows.end.min(start + together))
                .step_by(BLOCK)
                .map(|from| from..rows.end.min(from + BLOCK))
                .collect();
            // In order, so that the first fault is the one that is told.
            let read: Vec<_> = blocks.into_par_iter().map(|rows| self.block(rows, columns.clone())).collect();
            for block in read {
                values.extend(block?);
            }
        }
        Ok(values)
    }

    /// The same of a few rows.
    fn block(&self, rows: Range<usize>, columns: Range<usize>) -> Result<Vec<f64>, Fault> {
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            let line = content(&self.text[self.starts[row]..self.starts[row + 1]]);
            for (column, field) in Fields::of(line).take(columns.end).enumerate().skip(columns.start) {
                let number = self.first_line + row;
                let field = field.map_err(|bad| self.fault(number, line, bad.at, bad.reason.to_owned()))?;
                match decimal(field.text) {
                    Some(x) if x.is_finite() => values.push(x),
                    read => {
                        let reason = wrong(field.text, read.is_some());
                        let place = format!("{reason} (row {row}, column {column}, counted from 0)");
                        return Err(self.fault(number, line, field.at, place));
                    }
                }
            }
        }
        Ok(values)
    }

    fn fault(&self, line: usize, content: &str, at: usize, reason: String) -> Fault {
        let column = content[..at].chars().count() + 1;
        Fault::Place { line, column, reason }
    }

    fn count(&self, number: usize, line: &str) -> Result<usize, Fault> {
        if !line.contains('"') {
            return Ok(line.bytes().filter(|byte| *byte == b',').count() + 1);
        }
        let mut count = 0;
        for field in Fields::of(line) {
            field.map_err(|bad| self.fault(number, line, bad.at, bad.reason.to_owned()))?;
            count += 1;
        }
        Ok(count)
    }

    /// A line with more or fewer fields than the first row.
    fn ragged(&self, number: usize, line: &str, fields: usize) -> Fault {
        let (first, columns) = (self.first_line, self.columns);
        if line.trim_matches(BLANK).is_empty() {
            return self.fault(number, line, 0, format!("an empty line between lines of {columns} fields"));
        }
        let extra = Fields::of(line).nth(columns).and_then(Result::ok);
        let at = extra.map_or(line.len(), |field| field.at);
        let counted = if fields == 1 { "1 field".to_owned() } else { format!("{fields} fields") };
        self.fault(
            number,
            line,
            at,
            format!("{counted}, where line {first} has {columns}: all lines have one number of fields"),
        )
    }
}

/// The text of a file, without a byte order mark.
fn text(bytes: Vec<u8>) -> Result<String, Fault> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let before = String::from_utf8_lossy(&bytes[..at]).into_owned();
        let byte = bytes.get(at).copied().unwrap_or_default();
        place(&before, format!("byte {byte:#04x} is not UTF-8 text; save the file as UTF-8"))
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    match text.find('\0') {
        Some(at) => Err(place(&text[..at], "a byte 0, which is in no text".to_owned())),
        None => Ok(text),
    }
}

/// A fault at the end of what is before it.
fn place(before: &str, reason: String) -> Fault {
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Fault::Place { line, column: before[start..].chars().count() + 1, reason }
}

/// A line without its end.
fn content(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Whether a first line has a field that is no number; `nan` and `inf` are faulty ones.
fn is_header(line: &str) -> bool {
    Fields::of(line).any(|field| match field {
        Ok(field) => decimal(field.text).is_none() && !is_not_finite(field.text),
        Err(_) => true,
    })
}

/// Whether a header could as well be a row with a mistake in it: the first field that is no number begins as one or is empty, or most fields are numbers.
fn doubt(line: &str) -> Option<Doubt> {
    let fields: Vec<Field<'_>> = Fields::of(line).filter_map(Result::ok).collect();
    let (numbers, words): (Vec<_>, Vec<_>) = fields.iter().partition(|field| decimal(field.text).is_some());
    let begins = |field: &&Field<'_>| {
        field.text.is_empty() || field.text.starts_with(|c: char| c.is_ascii_digit() || ".+-".contains(c))
    };
    let first = words.iter().copied().find(begins).or_else(|| words.first().copied())?;
    let is_odd = !numbers.is_empty() && (begins(&first) || numbers.len() > words.len());
    let reason = format!(
        "the field `{}` is no number, so that the first line is a header and no row of the data, though {} of its {} fields are numbers",
        shown(first.text),
        numbers.len(),
        fields.len()
    );
    is_odd.then(|| Doubt { column: line[..first.at].chars().count() + 1, reason })
}

/// The double nearest to a decimal number, infinite beyond all doubles; `None` for anything else.
fn decimal(field: &str) -> Option<f64> {
    let x: f64 = field.parse().ok()?;
    // The standard library reads `inf` and `nan`, too.
    let written = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    (x.is_finite() || field.bytes().all(written)).then_some(x)
}

/// Whether a field is written as a number that is none or not finite.
fn is_not_finite(field: &str) -> bool {
    let word = field.strip_prefix(['+', '-']).unwrap_or(field);
    ["nan", "inf", "infinity"].iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// What is wrong with a field that is no finite decimal number.
fn wrong(field: &str, too_large: bool) -> String {
    if too_large {
        return format!("`{}` is beyond the largest double, about 1.8e308", shown(field));
    }
    if field.is_empty() {
        return "the field is empty; expected a finite decimal number".to_owned();
    }
    let separated = field.contains([';', '\t']).then_some("; fields are separated by commas");
    format!("the field `{}` is not a finite decimal number{}", shown(field), separated.unwrap_or_default())
}

impl<'a> Fields<'a> {
    fn of(line: &'a str) -> Self {
        Self { line, next: Some(0) }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, BadQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next.take()?;
        let rest = &self.line[start..];
        let at = start + (rest.len() - rest.trim_start_matches(BLANK).len());
        if self.line[at..].starts_with('"') {
            return Some(self.quoted(at));
        }
        let end = rest.find(',').map(|n| start + n);
        self.next = end.map(|end| end + 1);
        let text = self.line[start..end.unwrap_or(self.line.len())].trim_matches(BLANK);
        // A field of blanks alone is where it starts.
        Some(Ok(Field { at: if text.is_empty() { start } else { at }, text }))
    }
}

impl<'a> Fields<'a> {
    /// A field in quotes, in which `""` is one quote.
    fn quoted(&mut self, at: usize) -> Result<Field<'a>, BadQuote> {
        let mut end = at + 1;
        loop {
            match self.line[end..].find('"') {
                None => return Err(BadQuote { at, reason: "this quote is not closed on its line" }),
                Some(n) if self.line[end + n + 1..].starts_with('"') => end += n + 2,
                Some(n) => {
                    end += n;
                    break;
                }
            }
        }
        let after = &self.line[end + 1..];
        let rest = after.trim_start_matches(BLANK);
        if rest.starts_with(',') {
            self.next = Some(self.line.len() - rest.len() + 1);
        } else if !rest.is_empty() {
            let at = self.line.len() - rest.len();
            return Err(BadQuote { at, reason: "expected a comma after the closing quote" });
        }
        Ok(Field { at, text: self.line[at + 1..end].trim_matches(BLANK) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(usize, usize, Vec<f64>), String> {
        let place = |fault| match fault {
            Fault::Place { line, column, reason } => format!("{line}:{column} {reason}"),
            other => format!("{other:?}"),
        };
        let table = Table::read(text.as_bytes().to_vec()).map_err(place)?;
        let numbers = table.numbers(0..table.rows(), 0..table.columns()).map_err(place)?;
        Ok((table.rows(), table.columns(), numbers))
    }

    #[test]
    fn what_is_a_table() {
        for (text, rows, columns, numbers) in [
            ("1,2\n3,4\n", 2, 2, vec![1.0, 2.0, 3.0, 4.0]),
            ("1,2\n3,4", 2, 2, vec![1.0, 2.0, 3.0, 4.0]),
            ("1,2\r\n3,4\r\n\r\n", 2, 2, vec![1.0, 2.0, 3.0, 4.0]),
            ("\u{feff}a,b\n1,2\n", 1, 2, vec![1.0, 2.0]),
            ("one header\n1,2\n", 1, 2, vec![1.0, 2.0]),
            ("\u{feff}1,2\n", 1, 2, vec![1.0, 2.0]),
            ("150,4,setosa,virginica\n5.1,0\n", 1, 2, vec![5.1, 0.0]),
            ("\"a, b\",c\n\"1\", \"2\" \n", 1, 2, vec![1.0, 2.0]),
            (" 1 ,\t2\n", 1, 2, vec![1.0, 2.0]),
            ("5\n\n \n", 1, 1, vec![5.0]),
            ("+1.5e-3\n-.5E+1\n7.\n1e-999\n", 4, 1, vec![0.0015, -5.0, 7.0, 0.0]),
            ("0.1000000000000000055511151231257827021181583404541015625\n", 1, 1, vec![0.1]),
        ] {
            assert_eq!(read(text), Ok((rows, columns, numbers)), "{text:?}");
        }
    }

    #[test]
    fn rows_that_are_taken_for_headers_are_doubted() {
        let doubt = |text: &str| Table::read(text.as_bytes().to_vec()).unwrap().doubt().cloned();
        for (text, column, field) in [
            ("1.0,2.x,3\n1,2,3\n", 5, "`2.x`"),
            ("1,,3\n1,2,3\n", 3, "``"),
            ("1,2,x\n1,2,3\n", 5, "`x`"),
            ("a,1,3;4\n1,2,3\n", 5, "`3;4`"),
            ("é, 2,+y\n1,2,3\n", 6, "`+y`"),
        ] {
            let found = doubt(text).unwrap();
            assert!(found.column == column && found.reason.contains(field), "{text:?}: {found:?}");
        }
        for text in [
            "150,4,setosa,versicolor,virginica\n1,2\n",
            "569,30,malignant,benign\n1\n",
            "a,b\n1,2\n",
            "x1,2y\n1,2\n",
            "1,2\n",
        ] {
            assert_eq!(doubt(text), None, "{text:?}");
        }
    }

    #[test]
    fn faults_have_places() {
        for (text, expected) in [
            ("", "1:1 the file is empty"),
            ("\n \r\n", "1:1 the file is empty"),
            ("1,2,3\n4,5\n", "2:4 2 fields, where line 1 has 3"),
            ("a\n1,2\n3,4,5\n", "3:5 3 fields, where line 2 has 2"),
            ("1,2\n\n3,4\n", "2:1 an empty line between lines of 2 fields"),
            ("1\n\n3\n", "2:1 the field is empty"),
            ("1,2\n3,é\n", "2:3 the field `é` is not a finite decimal number (row 1, column 1, counted from 0)"),
            ("é,b\n1, x\n", "2:4 the field `x` is not a finite decimal number (row 0, column 1"),
            ("1,nan\n", "1:3 the field `nan` is not a finite decimal number"),
            ("-Inf,1\n", "1:1 the field `-Inf` is not a finite decimal number"),
            ("1,1e999\n", "1:3 `1e999` is beyond the largest double"),
            ("1,2\n3, \n", "2:3 the field is empty"),
            ("1,2\n3,\n", "2:3 the field is empty"),
            ("1;2\n3;4\n", "2:1 the field `3;4` is not a finite decimal number; fields are separated by commas"),
            ("1\n0x10\n", "2:1 the field `0x10` is not"),
            ("1\n1_000\n", "2:1 the field `1_000` is not"),
            ("1\n1/2\n", "2:1 the field `1/2` is not"),
            ("1\n1e\n", "2:1 the field `1e` is not"),
            ("1,2\r3,4\r", "1:4 lines end in a carriage return alone"),
            ("1,2\n\"3,4\n", "2:1 this quote is not closed on its line"),
            ("1,2\n\"3\"4,5\n", "2:4 expected a comma after the closing quote"),
            ("1\n\"a\"\"b\"\n", "2:1 the field `a\"\"b` is not"),
            ("1\n2\0\n", "2:2 a byte 0"),
        ] {
            let found = read(text).unwrap_err();
            assert!(found.starts_with(expected), "{text:?}: {found}");
        }
        let bytes = |bytes: &[u8]| Table::read(bytes.to_vec()).unwrap_err();
        let expected = "byte 0xff is not UTF-8 text; save the file as UTF-8".to_owned();
        assert_eq!(bytes(b"\xef\xbb\xbf1\n\xc3\xa9,\xff"), Fault::Place { line: 2, column: 3, reason: expected });
        let long = format!("1\n{}\n", "9".repeat(100_000));
        assert!(read(&long).unwrap_err().len() < 200);
    }
}
