//! The pages that `build.rs` has packed: texts with their names.

/// What is packed so: how many bytes stand as they are, these, how many are taken from before, and how far before; and so on.
fn unpacked(mut packed: &[u8]) -> Option<String> {
    let mut res: Vec<u8> = Vec::new();
    loop {
        let plain = number(&mut packed)?;
        let (own, rest) = packed.split_at_checked(plain)?;
        res.extend_from_slice(own);
        packed = rest;
        if packed.is_empty() {
            return String::from_utf8(res).ok();
        }
        let (length, back) = (number(&mut packed)?, number(&mut packed)?);
        let from = res.len().checked_sub(back)?;
        // it may reach into what it makes
        for at in from..from + length {
            let byte = *res.get(at)?;
            res.push(byte);
        }
    }
}

fn number(packed: &mut &[u8]) -> Option<usize> {
    let mut res = 0;
    for place in 0..4 {
        let (first, rest) = packed.split_first()?;
        *packed = rest;
        res |= usize::from(first & 127) << (7 * place);
        if *first < 128 {
            return Some(res);
        }
    }
    None
}

/// Packed pages, once they are asked for.
#[derive(Debug)]
pub struct PackedPages(std::sync::LazyLock<String>);

impl PackedPages {
    /// Those of docs/errors, or of docs/verbs.
    pub const fn new(of: fn() -> String) -> Self {
        Self(std::sync::LazyLock::new(of))
    }

    /// What is packed.
    pub fn text(packed: &[u8]) -> String {
        unpacked(packed).unwrap_or_default()
    }

    /// The page of that name.
    pub fn page(&self, name: &str) -> Option<&str> {
        let mut parts = self.0.split('\0');
        while let (Some(named), Some(text)) = (parts.next(), parts.next()) {
            if named == name {
                return Some(text);
            }
        }
        None
    }
}
