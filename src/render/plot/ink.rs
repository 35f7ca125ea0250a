//! Colours, each for light and for dark paper.

/// A colour on light paper, and the one that stands for it on dark paper; `0xRRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Ink {
    pub(super) light: u32,
    pub(super) dark: u32,
}

impl Ink {
    /// The paper itself.
    pub(super) const PAPER: Self = Self::new(0xff_ff_ff, 0x16_18_1c);
    /// Titles, and what gradient descent does.
    pub(super) const TEXT: Self = Self::new(0x1a_1c_20, 0xe7_e5_df);
    /// Descriptions and axes.
    pub(super) const GREY: Self = Self::new(0x5c_62_6c, 0xa2_a7_b0);
    /// The lines of a grid.
    pub(super) const FAINT: Self = Self::new(0xe4_e7_ec, 0x2b_2f_36);
    /// Contours.
    pub(super) const CONTOUR: Self = Self::new(0x78_86_9c, 0x8a_96_ab);

    pub(super) const fn new(light: u32, dark: u32) -> Self {
        Self { light, dark }
    }

    /// One colour for both, such as a shade that means a number.
    pub(super) const fn fixed(color: u32) -> Self {
        Self { light: color, dark: color }
    }

    /// A share of it on paper. It is opaque: a line that crosses itself often would darken where it shone through.
    pub(super) fn on_paper(self, share: f64) -> Self {
        Self { light: mixed(self.light, Self::PAPER.light, share), dark: mixed(self.dark, Self::PAPER.dark, share) }
    }

    /// A share of it with the colour of text for the rest.
    pub(super) fn stronger(self, share: f64) -> Self {
        Self { light: mixed(self.light, Self::TEXT.light, share), dark: mixed(self.dark, Self::TEXT.dark, share) }
    }
}

/// So much of a colour, and another for the rest.
pub(super) fn mixed(color: u32, other: u32, share: f64) -> u32 {
    let part = |shift: u32| {
        let of = |c: u32| f64::from(c >> shift & 0xff);
        // Between 0 and 255, so that the cast keeps the value.
        ((share * of(color) + (1.0 - share) * of(other)).round() as u32) << shift
    };
    part(16) | part(8) | part(0)
}
