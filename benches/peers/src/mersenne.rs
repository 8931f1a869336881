//! The Mersenne Twister (MT19937, after Matsumoto and Nishimura, 1998), and draws from it in the way of Python's `random`: the cases are
//! defined by these draws, so that they are the same in whatever language they are made.

const LONG: usize = 624;
const SHIFT: usize = 397;

/// A stream of draws.
pub struct Random {
    state: Vec<u32>,
    used: usize,
}

impl Random {
    /// The stream of a seed below 2^32.
    pub fn new(seed: u32) -> Self {
        let mut state = vec![19_650_218_u32; LONG];
        for i in 1..LONG {
            let before = state[i - 1];
            state[i] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        // The seed is a key of one word, mixed in twice.
        let mut i = 1;
        for _ in 0..LONG {
            state[i] = (state[i] ^ mix(state[i - 1], 1_664_525)).wrapping_add(seed);
            i = next(i, &mut state);
        }
        for _ in 1..LONG {
            state[i] = (state[i] ^ mix(state[i - 1], 1_566_083_941)).wrapping_sub(i as u32);
            i = next(i, &mut state);
        }
        state[0] = 1 << 31;
        Self { state, used: LONG }
    }

    fn word(&mut self) -> u32 {
        if self.used == LONG {
            for i in 0..LONG {
                let joined = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % LONG] & 0x7fff_ffff);
                let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[i] = self.state[(i + SHIFT) % LONG] ^ (joined >> 1) ^ odd;
            }
            self.used = 0;
        }
        let mut word = self.state[self.used];
        self.used += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// From 0 up to 1, excluded.
    pub fn unit(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// Between two numbers.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Between two numbers, most often near a third.
    pub fn triangular(&mut self, low: f64, high: f64, mode: f64) -> f64 {
        let (draw, peak) = (self.unit(), (mode - low) / (high - low));
        if draw > peak { high + (low - high) * ((1.0 - draw) * (1.0 - peak)).sqrt() } else { low + (high - low) * (draw * peak).sqrt() }
    }

    /// A whole number below another.
    pub fn below(&mut self, end: usize) -> usize {
        let bits = usize::BITS - end.leading_zeros();
        loop {
            let draw = (self.word() >> (32 - bits)) as usize;
            if draw < end {
                return draw;
            }
        }
    }

    /// A whole number from one up to another, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// One of a list.
    pub fn choice<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// One of a list, each so often as its weight says.
    pub fn weighted<T: Copy>(&mut self, list: &[T], weights: &[f64]) -> T {
        let draw = self.unit() * weights.iter().sum::<f64>();
        let mut sum = 0.0;
        let chosen = weights.iter().position(|weight| {
            sum += weight;
            draw < sum
        });
        list[chosen.unwrap_or(list.len() - 1)]
    }

    /// Some of a short list, each at most once.
    pub fn sample_short<T: Copy>(&mut self, list: &[T], count: usize) -> Vec<T> {
        let mut pool = list.to_vec();
        (0..count)
            .map(|taken| {
                let left = pool.len() - taken;
                let at = self.below(left);
                let chosen = pool[at];
                pool[at] = pool[left - 1];
                chosen
            })
            .collect()
    }

    /// Two different numbers below another that is large enough for Python to draw again rather than keep a pool.
    pub fn two_below(&mut self, end: usize) -> (usize, usize) {
        let first = self.below(end);
        loop {
            let second = self.below(end);
            if second != first {
                return (first, second);
            }
        }
    }

    /// Puts a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            let other = self.below(end + 1);
            list.swap(end, other);
        }
    }
}

fn mix(before: u32, factor: u32) -> u32 {
    (before ^ (before >> 30)).wrapping_mul(factor)
}

/// The place after one, the first word taking over the last when the end is reached.
fn next(i: usize, state: &mut [u32]) -> usize {
    if i + 1 < LONG {
        return i + 1;
    }
    state[0] = state[LONG - 1];
    1
}

#[cfg(test)]
mod tests {
    use super::Random;

    /// The first words for the key {1}, as Python gives them: `random.seed(1)`.
    #[test]
    fn draws_are_those_of_python() {
        let mut random = Random::new(1);
        let draws: Vec<String> = (0..3).map(|_| format!("{:?}", random.unit())).collect();
        assert_eq!(draws, ["0.13436424411240122", "0.8474337369372327", "0.763774618976614"]);
    }
}
