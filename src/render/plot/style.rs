//! One colour, dash and marker for each flow and optimizer, in every picture.

use super::ink::Ink;
use crate::formula::Symbols;

/// How a line is broken, from the least to the most: where lines lie on each other, the one with more gaps is above and shows the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Dash {
    Solid,
    Wide,
    Long,
    Mixed,
    Short,
    Dots,
}

impl Dash {
    /// Lengths drawn and left out in turn, in units.
    pub(super) fn lengths(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Wide => &[17.0, 3.2],
            Self::Long => &[10.0, 4.0],
            Self::Mixed => &[8.0, 3.0, 1.6, 3.0],
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
const FLOWS: [(&str, Style); 12] = [
    ("ngf", style(0x07_6e_ab, 0x45_a0_e3, Dash::Solid, Marker::Square)),
    ("igr", style(0xc2_87_0c, 0xfe_cf_88, Dash::Long, Marker::Triangle)),
    ("third", style(0x05_97_6e, 0x5d_d8_aa, Dash::Mixed, Marker::Diamond)),
    ("pf", style(0xd4_5e_00, 0xf8_93_5e, Dash::Wide, Marker::Circle)),
    ("pf+np3", style(0x6b_24_8e, 0xb5_7d_d6, Dash::Short, Marker::Down)),
    ("rpf", style(0xcc_79_a7, 0xff_c3_e2, Dash::Mixed, Marker::Square)),
    ("rpf:4", style(0x7b_08_67, 0xc7_6e_b1, Dash::Dots, Marker::Triangle)),
    ("rpf2", style(0x76_7b_05, 0xbd_c3_50, Dash::Long, Marker::Diamond)),
    ("exact", style(0x66_6c_76, 0xcb_d1_dd, Dash::Dots, Marker::Plus)),
    ("pgf", style(0x46_56_6d, 0x97_a9_c2, Dash::Long, Marker::Cross)),
    ("edge", style(0x86_66_2c, 0xcb_a8_6e, Dash::Short, Marker::Down)),
    ("central", style(0x01_41_44, 0x3b_9c_a2, Dash::Long, Marker::Diamond)),
];

/// The flows whose names end in a number or more, each family with a colour.
const FAMILIES: [(&str, Style); 5] = [
    ("bea", style(0x35_96_ca, 0x8f_d4_ff, Dash::Short, Marker::Plus)),
    ("principal", style(0xae_28_43, 0xef_7d_89, Dash::Mixed, Marker::Cross)),
    ("p2", style(0x41_26_96, 0xc5_c3_ff, Dash::Solid, Marker::Circle)),
    ("flip", style(0x57_a2_2b, 0x86_c5_69, Dash::Dots, Marker::Triangle)),
    ("alpha", style(0x27_55_00, 0x6c_a0_51, Dash::Mixed, Marker::Diamond)),
];

/// The optimizers: dark, or light on dark paper, so that they stand out from flows.
const OPTIMIZERS: [(&[&str], Style); 7] = [
    (&["gd", "gradient-descent"], optimizer(0x1a_1c_20, 0xe7_e5_df, Marker::Circle)),
    (&["sgd"], optimizer(0x4c_52_5c, 0xb8_bd_c6, Marker::Square)),
    (&["momentum", "heavy-ball"], optimizer(0x1c_2f_6b, 0xbc_cc_ff, Marker::Triangle)),
    (&["nesterov"], optimizer(0x5c_1a_66, 0xee_c0_f6, Marker::Diamond)),
    (&["dal"], optimizer(0x0f_4d_3a, 0xb4_ec_d4, Marker::Down)),
    (&["dal-per-parameter"], optimizer(0x6b_2a_10, 0xf8_ca_b4, Marker::Plus)),
    (&["implicit-euler"], optimizer(0x4d_42_00, 0xec_e0_a0, Marker::Cross)),
];

/// What has no name of its own, by its place.
const OTHERS: [Style; 8] = [
    style(0x07_6e_ab, 0x45_a0_e3, Dash::Solid, Marker::Circle),
    style(0xd4_5e_00, 0xf8_93_5e, Dash::Long, Marker::Square),
    style(0x05_97_6e, 0x5d_d8_aa, Dash::Mixed, Marker::Triangle),
    style(0xcc_79_a7, 0xff_c3_e2, Dash::Short, Marker::Diamond),
    style(0x76_7b_05, 0xbd_c3_50, Dash::Dots, Marker::Down),
    style(0x6b_24_8e, 0xb5_7d_d6, Dash::Solid, Marker::Plus),
    style(0xae_28_43, 0xef_7d_89, Dash::Long, Marker::Cross),
    style(0x66_6c_76, 0xcb_d1_dd, Dash::Mixed, Marker::Circle),
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
        const DASHES: [Dash; 5] = [Dash::Short, Dash::Solid, Dash::Dots, Dash::Long, Dash::Mixed];
        let ink = match n % 4 {
            0 => self.ink,
            1 => self.ink.stronger(0.62),
            2 => self.ink.on_paper(0.74),
            _ => self.ink.stronger(0.36),
        };
        let first = DASHES.iter().position(|d| *d == self.dash).unwrap_or(0);
        // The place 4 is the family's own.
        let dash = DASHES[(first + n + 1) % DASHES.len()];
        let own = MARKERS.iter().position(|m| *m == self.marker).unwrap_or(0);
        Self { ink, dash, marker: MARKERS[(own + n + 3) % MARKERS.len()] }
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

#[cfg(test)]
mod tests {
    use super::*;

    type Rgb = [f64; 3];

    fn linear(color: u32) -> Rgb {
        [16, 8, 0].map(|shift| {
            let c = f64::from(color >> shift & 0xff) / 255.0;
            if c > 0.040_45 { ((c + 0.055) / 1.055).powf(2.4) } else { c / 12.92 }
        })
    }

    fn times(m: &[Rgb; 3], v: Rgb) -> Rgb {
        m.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    /// Lightness and two hues in which distances are those that are seen (B. Ottosson 2020).
    fn oklab(color: Rgb) -> Rgb {
        const CONES: [Rgb; 3] = [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ];
        const LAB: [Rgb; 3] = [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ];
        times(&LAB, times(&CONES, color.map(|c| c.clamp(0.0, 1.0))).map(f64::cbrt))
    }

    /// What readers see: all colours, or without one kind of cones (G. Machado, M. Oliveira & L. Fernandes 2009, severity 1).
    const READERS: [[Rgb; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ];

    fn distance(a: Rgb, b: Rgb) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn flows_are_told_apart_by_all_readers_in_grey_and_on_dark_paper() {
        let known = FLOWS.iter().chain(&FAMILIES);
        let flows: Vec<&(&str, Style)> = known.collect();
        for (k, (name, one)) in flows.iter().enumerate() {
            for (other_name, other) in flows.iter().take(k) {
                for of in [|ink: Ink| ink.light, |ink: Ink| ink.dark] {
                    let pair = [linear(of(one.ink)), linear(of(other.ink))];
                    let seen =
                        READERS.map(|reader| distance(oklab(times(&reader, pair[0])), oklab(times(&reader, pair[1]))));
                    let grey = (oklab(pair[0])[0] - oklab(pair[1])[0]).abs();
                    assert!(seen[0] > 0.058, "{name} and {other_name} have one colour: {seen:?}");
                    // Where dashes do not tell them, all readers see the difference, and lightness alone shows it.
                    let apart = seen.iter().all(|d| *d > 0.058) && grey > 0.058;
                    assert!(one.dash != other.dash || apart, "{name} and {other_name}: {seen:?}, {grey}");
                }
            }
        }
    }

    /// In black and white, the flows that are drawn unless others are asked for have dashes of their own.
    #[test]
    fn usual_flows_have_dashes_of_their_own() {
        let usual = ["ngf", "igr", "third", "pf", "pf+np3"].map(|name| Style::flow(name).dash);
        assert!(usual.iter().enumerate().all(|(k, dash)| !usual[..k].contains(dash)), "{usual:?}");
    }

    /// The ratio of luminances of WCAG 2, of which marks in pictures should have 3.
    #[test]
    fn every_style_stands_out_from_its_paper() {
        let luminance =
            |color: u32| linear(color).iter().zip([0.2126, 0.7152, 0.0722]).map(|(a, b)| a * b).sum::<f64>() + 0.05;
        let named = FLOWS.iter().chain(&FAMILIES).map(|(_, style)| *style);
        for style in named.chain(OTHERS).chain(OPTIMIZERS.map(|(_, style)| style)) {
            let light = luminance(Ink::PAPER.light) / luminance(style.ink.light);
            let dark = luminance(style.ink.dark) / luminance(Ink::PAPER.dark);
            assert!(light > 3.0 && dark > 3.0, "{style:?}: {light} {dark}");
        }
    }

    #[test]
    fn orders_of_a_family_and_names_of_a_picture_differ() {
        let orders: Vec<Style> = (0..12).map(|n| Style::flow(&format!("bea:{n}"))).collect();
        assert!(orders.iter().enumerate().all(|(k, style)| !orders[..k].contains(style)));
        assert_eq!((Style::flow("bea:4"), Style::flow("p2:0")), (FAMILIES[0].1, FAMILIES[2].1));
        let names: Vec<String> = (0..30).map(|k| format!("alpha:z^{k}")).chain(["pf".to_owned()]).collect();
        let styles = Style::of_flows(names.iter().map(String::as_str));
        assert!(styles.iter().enumerate().all(|(k, style)| !styles[..k].contains(style)));
        assert_eq!(styles.last(), Some(&Style::flow("pf")));
        let things: Vec<Style> = (0..24).map(Style::nth).collect();
        assert!(things.iter().enumerate().all(|(k, style)| !things[..k].contains(style)));
        assert_ne!(Style::optimizer("gd"), Style::optimizer("mine"));
    }

    #[test]
    fn numbers_are_short_and_exact_enough() {
        let cases = [
            (0.0, "0"),
            (-3.0, "−3"),
            (0.25, "0.25"),
            (0.012_345_6, "0.01235"),
            (1e-9, "$10^{-9}$"),
            (-2.5e7, "$-2.5·10^{7}$"),
            (0.000_123, "$1.23·10^{-4}$"),
        ];
        for (x, text) in cases {
            assert_eq!(short(x), text);
        }
    }
}
