//! Generates every figure from a seed, a purpose and an index, so that nothing has to be stored.

use fastrand::Rng;

/// A generator that always draws the same for the same three arguments.
///
/// The purpose keeps draws apart: asking for one more figure of a mailbox must not change all others.
pub(crate) fn draw(seed: u64, purpose: &str, index: usize) -> Rng {
    Rng::with_seed(derive(seed, purpose, index))
}

/// A seed for the next level down, for example of an organization within a fleet.
pub(crate) fn derive(seed: u64, purpose: &str, index: usize) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let bytes = seed.to_le_bytes().into_iter().chain(purpose.bytes()).chain(index.to_le_bytes());
    bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// One element of a list that must not be empty.
pub(crate) fn pick<T: Copy>(random: &mut Rng, choices: &[T]) -> T {
    choices[random.usize(..choices.len())]
}

/// A token in the form of a UUID, the form of most of the vendor's tokens.
pub(crate) fn uuid(random: &mut Rng) -> String {
    let (high, low) = (random.u64(..), random.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

/// Letters and digits, for the parts of links and encrypted tokens.
pub(crate) fn letters(random: &mut Rng, length: usize) -> String {
    std::iter::repeat_with(|| random.alphanumeric()).take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_for_equal_arguments_and_differ_for_others() {
        let token = |seed, purpose, index| uuid(&mut draw(seed, purpose, index));
        assert_eq!(token(1, "login", 2), token(1, "login", 2));
        assert_ne!(token(1, "login", 2), token(2, "login", 2));
        assert_ne!(token(1, "login", 2), token(1, "mailbox", 2));
        assert_ne!(token(1, "login", 2), token(1, "login", 3));
        assert_eq!(token(1, "login", 2).len(), 36);
    }
}
