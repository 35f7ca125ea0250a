//! What a row of symbols is as a whole, gathered one after another.

use super::Binding;

/// What is known of markup.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Whole {
    pub(super) binding: Binding,
    /// Whether it is a list or a relation, which binds more loosely than any sum.
    pub(super) is_loose: bool,
    /// Whether what follows would be read as a part of it.
    pub(super) is_open: bool,
    pub(super) has_below: bool,
    pub(super) has_above: bool,
    pub(super) first: char,
    pub(super) is_tall: bool,
    pub(super) is_wide: bool,
    /// Whether it changes how all that follows is written, unless braces end that.
    pub(super) is_switched: bool,
    /// The letters that are seen.
    pub(super) shown: String,
    /// The same for all that look alike.
    pub(super) key: String,
}

impl Default for Whole {
    fn default() -> Self {
        Self {
            binding: Binding::Atom,
            is_loose: false,
            is_open: false,
            has_below: false,
            has_above: false,
            first: '\\',
            is_tall: false,
            is_wide: false,
            is_switched: false,
            shown: String::new(),
            key: String::new(),
        }
    }
}

impl Whole {
    /// One symbol.
    pub(super) fn symbol(key: impl Into<String>, shown: impl Into<String>) -> Self {
        let shown: String = shown.into();
        let first = shown.chars().next().filter(char::is_ascii_alphanumeric).unwrap_or('\\');
        Self { shown, key: key.into(), first, ..Self::default() }
    }

    /// What is in brackets of its own, or under an accent.
    pub(super) fn enclosed(self, key: String, shown: String) -> Self {
        Self { key, shown, is_tall: self.is_tall, is_switched: false, ..Self::default() }
    }

    /// Whether it shows nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.key.is_empty()
    }
}

/// What stood last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    /// An operator that wants something behind it.
    Operator,
    Item,
}

/// Gathers a row of symbols.
#[derive(Debug)]
pub(super) struct Row {
    whole: Whole,
    items: usize,
    last: Last,
    /// A sign before all else.
    signed: Option<char>,
    sum: bool,
    product: bool,
    /// Whether the last item may take the brackets behind it as arguments.
    callable: bool,
    calls: usize,
    /// Whether a function without brackets waits for its argument.
    function: bool,
    /// Whether the whole is a fraction.
    fraction: bool,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            whole: Whole::default(),
            items: 0,
            last: Last::Nothing,
            signed: None,
            sum: false,
            product: false,
            callable: false,
            calls: 0,
            function: false,
            fraction: false,
        }
    }
}

impl Row {
    /// Whether an operator would have nothing before it.
    pub(super) fn begins(&self) -> bool {
        self.last != Last::Item
    }

    /// Whether an operator waits for something.
    pub(super) fn waits(&self) -> bool {
        self.last == Last::Operator
    }

    fn push(&mut self, key: &str, shown: &str) {
        let word = |c: char| c.is_alphanumeric();
        if self.whole.key.ends_with(word) && key.starts_with(word) {
            self.whole.key.push(' ');
        }
        self.whole.key.push_str(key);
        self.whole.shown.push_str(shown);
    }

    /// A plus or a minus, or both.
    pub(super) fn sign(&mut self, key: &str, minus: bool) {
        match self.last {
            Last::Item => self.sum = true,
            Last::Nothing => self.signed = Some(if minus { '-' } else { '+' }),
            Last::Operator => {}
        }
        self.last = Last::Operator;
        self.callable = false;
        self.function = false;
        self.push(key, "+");
        self.whole.shown.push_str(if self.sum { "mm" } else { "" });
    }

    /// A dot, a cross; a slash, of which what follows would be a part.
    pub(super) fn operator(&mut self, key: &str, divides: bool) {
        self.product = true;
        self.whole.is_open |= divides;
        self.last = Last::Operator;
        self.callable = false;
        self.function = false;
        self.push(key, "m");
    }

    /// `=`, `<`, a comma.
    pub(super) fn relation(&mut self, key: &str) {
        self.whole.is_loose = true;
        self.last = Last::Operator;
        self.callable = false;
        self.push(key, "mm");
    }

    /// The name of a function, or a sum sign, which takes what follows unless that is in brackets.
    pub(super) fn function(&mut self, item: Whole) {
        self.item(item, false);
        self.function = true;
    }

    /// Something, in brackets or not.
    pub(super) fn item(&mut self, item: Whole, bracketed: bool) {
        if item.is_empty() {
            return;
        }
        if self.items == 0 {
            let plain = self.signed.is_none();
            let (has_below, has_above) = (item.has_below, item.has_above);
            self.whole = Whole {
                first: if plain { item.first } else { '-' },
                binding: item.binding,
                has_below,
                has_above,
                is_switched: self.whole.is_switched || item.is_switched,
                is_tall: item.is_tall,
                is_wide: item.is_wide,
                is_open: item.is_open,
                is_loose: self.whole.is_loose || item.is_loose,
                shown: std::mem::take(&mut self.whole.shown),
                key: std::mem::take(&mut self.whole.key),
            };
        } else {
            self.whole.is_tall |= item.is_tall;
            self.whole.is_wide |= item.is_wide;
            self.whole.is_switched |= item.is_switched;
            self.whole.is_loose |= item.is_loose;
            self.sum |= item.binding == Binding::Sum;
            self.whole.is_open |= item.is_open;
        }
        if bracketed && self.callable && self.last == Last::Item {
            self.calls += 1;
        } else if self.function {
            // `log x`: more letters would be read as more of the argument.
            self.whole.is_open = true;
        }
        self.callable = !bracketed && item.binding >= Binding::Power;
        if bracketed {
            self.function = false;
        }
        self.items += 1;
        self.last = Last::Item;
        self.push(&item.key, &item.shown);
    }

    /// Changes how all that follows is written.
    pub(super) fn switch(&mut self) {
        self.whole.is_switched = true;
    }

    /// A fraction that the row as a whole is.
    pub(super) fn infix(&mut self, key: &str) {
        self.fraction = true;
        self.whole.is_switched = true;
        self.whole.is_tall = true;
        self.last = Last::Operator;
        self.push(key, "");
    }

    /// The whole.
    pub(super) fn finish(self) -> Whole {
        let Self { mut whole, items, .. } = self;
        let first = whole.binding;
        whole.binding = match () {
            () if self.fraction => Binding::Product,
            () if self.sum || first == Binding::Sum || self.signed == Some('+') => Binding::Sum,
            () if self.signed == Some('-') || first == Binding::Negative && items == 1 => Binding::Negative,
            () if first == Binding::Negative => Binding::Sum,
            () if items == 2 && self.calls == 1 && !self.product => Binding::Power,
            () if items > 1 || self.product => Binding::Product,
            () if whole.has_above => first.min(Binding::Power),
            () => first,
        };
        if items > 1 {
            whole.has_below = true;
            whole.has_above = true;
        }
        whole
    }
}
