//! Random numbers for starts: the same doubles on every machine.
//!
//! Everything here is integer arithmetic modulo 2^64 and the four operations, comparisons and square roots of doubles, which IEEE 754
//! fixes to the bit; no function of a mathematical library is called. `docs/language.md` states it all.

/// A stream of random numbers: xoshiro256++ (D. Blackman and S. Vigna, *Scrambled linear pseudorandom number generators*, ACM Trans.
/// Math. Softw. 47(4), 36, 2021), its state drawn by `SplitMix64` from a seed and a name.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    state: [u64; 4],
}

/// The next number of `SplitMix64`.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The 64-bit FNV-1a hash of a text's bytes.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

impl Stream {
    /// The stream of a name: another one for every seed and every name.
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let mut first = seed;
        let mut key = split_mix(&mut first) ^ fnv(name);
        Self { state: std::array::from_fn(|_| split_mix(&mut key)) }
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A multiple of 2^−53 from 0 to below 1, each as likely.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// A number of the normal distribution with mean 0 and deviation 1, by comparisons of uniform ones: algorithm N of C. F. F. Karney,
    /// *Sampling exactly from the normal distribution*, ACM Trans. Math. Softw. 42(1), 3, 2016.
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            // k has probability proportional to e^{-k/2}, and is kept with e^{-k(k-1)/2}: e^{-k²/2} in all.
            let mut k = 0_u32;
            while self.half() {
                k += 1;
            }
            if !(0..k.saturating_mul(k.saturating_sub(1))).all(|_| self.half()) {
                continue;
            }
            // x is kept with e^{-x(2k+x)/2}, in k + 1 factors.
            let whole = f64::from(k);
            let x = self.uniform();
            if !(0..=k).all(|_| self.factor(whole, x)) {
                continue;
            }
            let size = whole + x;
            return if self.next() >> 63 == 0 { size } else { -size };
        }
    }

    /// True with probability `e^{−1/2}`: whether a run `1/2 > u_1 > u_2 > …` of uniform numbers has even length.
    fn half(&mut self) -> bool {
        let (mut last, mut even) = (0.5, true);
        loop {
            let u = self.uniform();
            if u >= last {
                return even;
            }
            (last, even) = (u, !even);
        }
    }

    /// True with probability e^{−x(2k+x)/(2k+2)}: likewise, with x in place of 1/2, where each number is taken into the run with
    /// probability (2k + x)/(2k + 2) only.
    fn factor(&mut self, k: f64, x: f64) -> bool {
        let (mut last, mut even) = (x, true);
        loop {
            let u = self.uniform();
            if u >= last || self.uniform() * (2.0 * k + 2.0) >= 2.0 * k + x {
                return even;
            }
            (last, even) = (u, !even);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_distribution() {
        let mut stream = Stream::new("W", 0);
        let n = 100_000;
        let mut normal: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        let mean = |f: &dyn Fn(f64) -> f64| normal.iter().map(|x| f(*x)).sum::<f64>() / f64::from(n);
        // Five deviations of each mean: of x^{2k} it is (4k−1)!! less the square of (2k−1)!!, over n.
        assert!(mean(&|x| x).abs() < 5.0 * (1.0 / f64::from(n)).sqrt());
        assert!((mean(&|x| x * x) - 1.0).abs() < 5.0 * (2.0 / f64::from(n)).sqrt());
        assert!(mean(&|x| x.powi(3)).abs() < 5.0 * (15.0 / f64::from(n)).sqrt());
        assert!((mean(&|x| x.powi(4)) - 3.0).abs() < 5.0 * (96.0 / f64::from(n)).sqrt());
        assert!((mean(&|x| x.powi(6)) - 15.0).abs() < 5.0 * (10170.0 / f64::from(n)).sqrt());
        normal.sort_by(f64::total_cmp);
        // Quantiles of the normal distribution, with the deviation of a sample's share below each.
        for (quantile, share) in
            [(-2.326_347_874, 0.01), (-1.0, 0.158_655_254), (0.25, 0.598_706_326), (1.644_853_627, 0.95)]
        {
            let below = normal.partition_point(|x| *x < quantile) as f64 / f64::from(n);
            let deviation = (share * (1.0 - share) / f64::from(n)).sqrt();
            assert!((below - share).abs() < 5.0 * deviation, "{quantile}: {below}");
        }
        let uniform: Vec<f64> = (0..n).map(|_| stream.uniform()).collect();
        assert!(uniform.iter().all(|u| (0.0..1.0).contains(u)));
        let mean = uniform.iter().sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 5.0 * (1.0 / 12.0 / f64::from(n)).sqrt());
    }
}
