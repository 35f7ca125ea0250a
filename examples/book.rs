//! What mdBook asks before it renders the book (docs/book.toml): formulas become MathML by the program's own printer, and links
//! that lead out of the book become the paths of the files.
//!
//! `cargo run --example book < PAGE.md` shows one page as the book has it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a filter")]

#[path = "book/formulas.rs"]
mod formulas;
#[path = "book/page.rs"]
mod page;

use serde_json::Value;
use std::io::Read as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|word| word == "supports") {
        return ExitCode::SUCCESS;
    }
    let mut input = String::new();
    if std::io::stdin().read_to_string(&mut input).is_err() {
        eprintln!("expected a book of mdBook, or a page, on standard input");
        return ExitCode::FAILURE;
    }
    let done = match serde_json::from_str::<Value>(&input) {
        // The context, and the book.
        Ok(Value::Array(mut parts)) if parts.len() == 2 => {
            let mut book = parts.remove(1);
            chapters(&mut book).map(|()| book.to_string())
        }
        _ => page::in_the_book(&input, "page.md"),
    };
    match done {
        Ok(text) => println!("{text}"),
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Every chapter, wherever the book has it.
fn chapters(value: &mut Value) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(chapters),
        Value::Object(members) => {
            let place = members.get("path").and_then(Value::as_str).map(str::to_owned);
            if let (Some(place), Some(Value::String(content))) = (place, members.get_mut("content")) {
                *content = page::in_the_book(content, &place)?;
            }
            members.values_mut().try_for_each(chapters)
        }
        _ => Ok(()),
    }
}
