//! One colour, dash and marker for each flow and optimizer, in every picture.

use super::ink::Ink;
use crate::formula::Symbols;

/// How a line is broken, from the least to the most: where lines lie on each other, the one with more gaps is above and shows the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Dash {
    Solid,
    Long,
    DashDot,
    Short,
    Dots,
}

impl Dash {
    /// Lengths drawn and left out in turn, in units.
    pub(super) fn lengths(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Long => &[10.0, 4.0],
            Self::DashDot => &[8.0, 3.0, 1.6, 3.0],
            Self::Short => &[4.5, 3.0],
            Self::Dots => &[1.6, 2.6],
        }
    }
}

/// A shape for points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Down,
    Plus,
    Cross,
}

/// The markers of settings, such as step sizes, in their order: filled ones, then outlines.
pub(super) const MARKERS: [Marker; 7] =
    [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond, Marker::Down, Marker::Plus, Marker::Cross];

/// How the lines and points of a flow, an optimizer or anything else look: the same in every picture.
///
/// Colours are apart for colour-blind readers too, and where they are not, or not in grey, dashes are: Okabe and Ito's (2008) as far as they go, darker where
/// they would be faint on white. Each has a lighter one for dark paper.
///
/// ```
/// use shadowflow::render::plot::Style;
/// assert_eq!(Style::flow("pf"), Style::flow("pf"));
/// assert_ne!(Style::flow("bea:2"), Style::flow("bea:4"));
/// assert_eq!(Style::optimizer("gd"), Style::optimizer("gradient-descent"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Style {
    pub(super) ink: Ink,
    pub(super) dash: Dash,
    pub(super) marker: Marker,
}

/// The flows with names of their own.
const FLOWS: [(&str, Style); 14] = [
    ("ngf", style(0x00_72_b2, 0x4f_a8_e0, Dash::Solid, Marker::Square)),
    ("igr", style(0xd5_84_00, 0xf0_b0_3c, Dash::Long, Marker::Triangle)),
    ("third", style(0x00_8f_68, 0x35_c7_9c, Dash::DashDot, Marker::Diamond)),
    ("pf", style(0xc8_3c_00, 0xff_7f_4d, Dash::Solid, Marker::Circle)),
    ("pf+np3", style(0x6a_2c_91, 0xb9_8a_f0, Dash::Short, Marker::Down)),
    ("rpf", style(0xc4_5a_97, 0xf0_96_c8, Dash::DashDot, Marker::Square)),
    ("rpf:4", style(0x7a_1e_4e, 0xd8_6a_a4, Dash::Dots, Marker::Triangle)),
    ("rpf2", style(0x7d_6b_00, 0xd0_c0_50, Dash::Long, Marker::Diamond)),
    ("exact", style(0x4a_50_5a, 0xc4_c8_cf, Dash::Dots, Marker::Plus)),
    ("pgf", style(0x8a_52_1f, 0xd0_9a_68, Dash::Long, Marker::Cross)),
    ("edge", style(0xa0_55_20, 0xd8_9a_6a, Dash::Short, Marker::Down)),
    ("central", style(0x2a_9d_c8, 0x7c_d4_f4, Dash::Long, Marker::Diamond)),
    // Of records that another program wrote.
    ("gf", style(0x00_72_b2, 0x4f_a8_e0, Dash::Solid, Marker::Square)),
    ("negative-gradient-flow", style(0x00_72_b2, 0x4f_a8_e0, Dash::Solid, Marker::Square)),
];

/// The flows whose names end in a number or more, each family with a colour.
const FAMILIES: [(&str, Style); 5] = [
    ("bea", style(0x2b_93_cf, 0x7c_cb_f2, Dash::Short, Marker::Plus)),
    ("principal", style(0x9a_3b_5a, 0xe8_8a_a8, Dash::Long, Marker::Cross)),
    ("p2", style(0x5a_3f_c0, 0xa8_98_f8, Dash::Solid, Marker::Circle)),
    ("flip", style(0x6b_7a_00, 0xb8_c8_40, Dash::Dots, Marker::Triangle)),
    ("alpha", style(0x0b_6b_4f, 0x58_c8_a4, Dash::DashDot, Marker::Diamond)),
];

/// The optimizers: dark, or light on dark paper, so that they stand out from flows.
const OPTIMIZERS: [(&[&str], Style); 7] = [
    (&["gd", "gradient-descent", "full-batch gradient descent"], optimizer(0x1a_1c_20, 0xe7_e5_df, Marker::Circle)),
    (&["sgd", "stochastic-gradient-descent"], optimizer(0x4c_52_5c, 0xb8_bd_c6, Marker::Square)),
    (&["momentum", "heavy-ball"], optimizer(0x1c_2f_6b, 0xbc_cc_ff, Marker::Triangle)),
    (&["nesterov"], optimizer(0x5c_1a_66, 0xee_c0_f6, Marker::Diamond)),
    (&["dal"], optimizer(0x0f_4d_3a, 0xb4_ec_d4, Marker::Down)),
    (&["dal-per-parameter"], optimizer(0x6b_2a_10, 0xf8_ca_b4, Marker::Plus)),
    (&["implicit-euler"], optimizer(0x4d_42_00, 0xec_e0_a0, Marker::Cross)),
];

/// What has no name of its own, by its place.
const OTHERS: [Style; 8] = [
    style(0x00_72_b2, 0x4f_a8_e0, Dash::Solid, Marker::Circle),
    style(0xc8_3c_00, 0xff_7f_4d, Dash::Long, Marker::Square),
    style(0x00_8f_68, 0x35_c7_9c, Dash::DashDot, Marker::Triangle),
    style(0xc4_5a_97, 0xf0_96_c8, Dash::Short, Marker::Diamond),
    style(0x7d_6b_00, 0xd0_c0_50, Dash::Dots, Marker::Down),
    style(0x6a_2c_91, 0xb9_8a_f0, Dash::Solid, Marker::Plus),
    style(0x2b_93_cf, 0x7c_cb_f2, Dash::Long, Marker::Cross),
    style(0x4a_50_5a, 0xc4_c8_cf, Dash::DashDot, Marker::Circle),
];

const fn style(light: u32, dark: u32, dash: Dash, marker: Marker) -> Style {
    Style { ink: Ink::new(light, dark), dash, marker }
}

const fn optimizer(light: u32, dark: u32, marker: Marker) -> Style {
    style(light, dark, Dash::Solid, marker)
}

impl Style {
    /// A flow's, by its name. Orders of one family, as in `bea:2` and `bea:4`, are shades of one colour with dashes of their own; a name that no flow has gets
    /// one by its letters.
    #[must_use]
    pub fn flow(name: &str) -> Self {
        if let Some((_, style)) = FLOWS.iter().find(|(known, _)| *known == name) {
            return *style;
        }
        let (head, argument) = name.split_once(':').unwrap_or((name, ""));
        match FAMILIES.iter().find(|(known, _)| *known == head) {
            // What is usually drawn has the family's own: the orders 4 of series, and 0 of what oscillates.
            Some((_, style)) => {
                let first = if matches!(head, "p2" | "flip") { 4 } else { 0 };
                style.shade(argument.parse().map_or_else(|_| hash(argument), |n: usize| n + first))
            }
            None => Self::nth(hash(name)),
        }
    }

    /// An optimizer's, by its name; one that is not known gets one by its letters.
    #[must_use]
    pub fn optimizer(name: &str) -> Self {
        let known = |style: &&(&[&str], Style)| style.0.contains(&name);
        if let Some((_, style)) = OPTIMIZERS.iter().find(known) {
            return *style;
        }
        let (_, base) = OPTIMIZERS[1 + hash(name) % (OPTIMIZERS.len() - 1)];
        Self { marker: MARKERS[hash(name) / OPTIMIZERS.len() % MARKERS.len()], ..base }
    }

    /// That of the k-th of several things without names of their own.
    #[must_use]
    pub fn nth(k: usize) -> Self {
        let base = OTHERS[k % OTHERS.len()];
        let round = k / OTHERS.len();
        if round == 0 { base } else { base.shade(4 + 5 * round) }
    }

    /// The same with dots for dashes, such as the imaginary part beside the real one.
    #[must_use]
    pub fn dotted(self) -> Self {
        Self { dash: Dash::Dots, ..self }
    }

    /// Those of the flows of one picture, all different: where two names without colours of their own would have one, the later takes the next.
    #[must_use]
    pub fn of_flows<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut known: Vec<(&str, Self)> = Vec::new();
        for name in names {
            let own = Self::flow(name);
            let taken = |style: &Self| known.iter().any(|(other, used)| *other != name && used == style);
            let free = std::iter::once(own).chain((0..40).map(Self::nth)).find(|style| !taken(style));
            known.push((name, free.unwrap_or(own)));
        }
        known.into_iter().map(|(_, style)| style).collect()
    }

    /// One of a family: another shade, and other dashes.
    fn shade(self, n: usize) -> Self {
        const DASHES: [Dash; 5] = [Dash::Short, Dash::Solid, Dash::Dots, Dash::Long, Dash::DashDot];
        let ink = match n % 4 {
            0 => self.ink,
            1 => self.ink.stronger(0.62),
            2 => self.ink.on_paper(0.74),
            _ => self.ink.stronger(0.36),
        };
        let first = DASHES.iter().position(|d| *d == self.dash).unwrap_or(0);
        // The place 4 is the family's own.
        let dash = DASHES[(first + n + 1) % DASHES.len()];
        Self { ink, dash, marker: MARKERS[(n + 1) % MARKERS.len()] }
    }
}

/// A small number that is the same for the same name everywhere (FNV-1a).
fn hash(name: &str) -> usize {
    let h = name.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    // Its high bits depend on all letters.
    (h >> 12) as usize
}

/// The step size in words where the loss has a parameter of its letter.
pub(super) fn step_size(parameters: &[String], h: f64) -> String {
    let plain = Symbols::beside(parameters.iter().map(String::as_str)).text("h") == "h";
    format!("{} {}", if plain { "$h =$" } else { "step size" }, short(h))
}

/// A number for an axis or a legend, to four digits: `0.25`, `−3`, and `$2·10^{−9}$` with the marks of mathematics.
pub(super) fn short(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || size < 1e-300 {
        return "0".to_owned();
    }
    if !(1e-3..1e5).contains(&size) {
        let text = format!("{x:.3e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa =
            if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        return match mantissa {
            "1" => format!("$10^{{{exponent}}}$"),
            "-1" => format!("$-10^{{{exponent}}}$"),
            _ => format!("${mantissa}·10^{{{exponent}}}$"),
        };
    }
    // Four digits, of numbers below 1 too.
    let places = if size < 1.0 { (3.0 - size.log10().floor()) as usize } else { 4 };
    let text = format!("{x:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}
