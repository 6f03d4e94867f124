//! Which columns are shown, and how wide.

/// What stands between two columns.
pub(super) const GAP: usize = 2;

/// With fewer columns than this, a table that leaves some out says too little.
const TOO_FEW: usize = 3;

/// What a column asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// All that it holds, and its name.
    pub(super) natural: usize,
    /// The same, with moments in their short form.
    pub(super) short: usize,
    /// So narrow that it still tells something.
    pub(super) least: usize,
    /// How telling it is: the lowest goes first.
    pub(super) telling: Telling,
}

/// How much a column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Telling {
    /// There are only nulls in it.
    Empty,
    /// When a row was written.
    Written,
    /// JSON, bytes.
    Document,
    Value,
    /// It says which row it is.
    Key,
}

/// How wide each column is, none where it is left out; none at all where a table would be too narrow.
pub(super) fn fit(needs: &[Need], width: Option<usize>) -> Option<Vec<Option<usize>>> {
    let Some(width) = width else {
        return Some(needs.iter().map(|it| Some(it.natural)).collect());
    };
    let sum = |widths: &mut dyn Iterator<Item = usize>| {
        widths.map(|it| it + GAP).sum::<usize>().saturating_sub(GAP)
    };
    if sum(&mut needs.iter().map(|it| it.natural)) <= width {
        return Some(needs.iter().map(|it| Some(it.natural)).collect());
    }
    let mut kept = vec![true; needs.len()];
    while sum(&mut needs.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(it, _)| it.least))
        > width
    {
        let all = needs.iter().zip(kept.iter_mut()).filter(|(_, kept)| **kept);
        // Of those that tell the same the last goes.
        let (_, gone) = all.rev().min_by_key(|(it, _)| it.telling)?;
        *gone = false;
    }
    let number = kept.iter().filter(|it| **it).count();
    if number < needs.len() && number < TOO_FEW {
        return None;
    }
    let mut widths: Vec<Option<usize>> =
        needs.iter().zip(&kept).map(|(it, kept)| kept.then_some(it.short.min(width))).collect();
    while sum(&mut widths.iter().flatten().copied()) > width {
        let shown =
            widths.iter_mut().zip(needs).filter_map(|(it, need)| Some((it.as_mut()?, need)));
        let (widest, _) =
            shown.filter(|(it, need)| **it > need.least).max_by_key(|(it, _)| **it)?;
        *widest -= 1;
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Need = Need { natural: 3, short: 3, least: 3, telling: Telling::Key };
    const TEXT: Need = Need { natural: 30, short: 30, least: 10, telling: Telling::Value };
    const MOMENT: Need = Need { natural: 24, short: 16, least: 16, telling: Telling::Written };

    #[test]
    fn texts_shrink_then_columns_go() {
        for (needs, width, expected) in [
            (vec![KEY, TEXT], 40, Some(vec![Some(3), Some(30)])),
            (vec![KEY, TEXT], 30, Some(vec![Some(3), Some(25)])),
            (vec![KEY, TEXT, MOMENT], 53, Some(vec![Some(3), Some(30), Some(16)])),
            (vec![KEY, TEXT, MOMENT], 33, Some(vec![Some(3), Some(10), Some(16)])),
            (vec![KEY, TEXT, TEXT, MOMENT], 30, Some(vec![Some(3), Some(12), Some(11), None])),
            (vec![KEY, TEXT, MOMENT], 32, None),
            (vec![TEXT], 12, Some(vec![Some(12)])),
            (vec![TEXT], 9, None),
        ] {
            assert_eq!(fit(&needs, Some(width)), expected, "{width}");
        }
        assert_eq!(fit(&[TEXT, MOMENT], None), Some(vec![Some(30), Some(24)]));
    }
}
