//! What an expression reads of its own row.

use super::{Association, AssociationId, AttributeId, Expression};
use smol_str::SmolStr;

/// Something that a row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnRead {
    /// An attribute.
    Attribute(AttributeId),
    /// What a query has given a name.
    Name(SmolStr),
}

impl Expression {
    /// What it reads of its own row: the keys by which associations lead elsewhere included, each once.
    pub fn own_reads(&self, associations: &[Association]) -> Vec<OwnRead> {
        let mut found = Vec::new();
        let mut add = |it| {
            if !found.contains(&it) {
                found.push(it);
            }
        };
        // With the number of associations that lead from the row to that of a part.
        let mut rest = vec![(self, 0_usize)];
        while let Some((it, away)) = rest.pop() {
            rest.extend(it.parts().into_iter().map(|it| (it, away)));
            match it {
                Self::Around(back, of) => {
                    rest.extend(away.checked_sub(*back).map(|it| (&**of, it)));
                }
                Self::AggregateOf { path, of: Some(of), .. } => {
                    rest.push((of, away + path.len()));
                }
                Self::Quantified { path, condition, .. } if path.is_empty() => {
                    rest.push((condition, away));
                }
                _ => {}
            }
            if away > 0 {
                continue;
            }
            match it {
                Self::Attribute(id) => add(OwnRead::Attribute(*id)),
                Self::Alias(name) => add(OwnRead::Name(name.clone())),
                Self::Related(path, _)
                | Self::OfLink { path, .. }
                | Self::Quantified { from: None, path, .. }
                | Self::AggregateOf { from: None, path, .. } => {
                    for key in key_of(associations, path) {
                        add(OwnRead::Attribute(key));
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// The attributes by which the first association of a path finds rows.
pub fn key_of(associations: &[Association], path: &[AssociationId]) -> Vec<AttributeId> {
    let first = path.first().and_then(|it| associations.get(it.0 as usize));
    first.map(|it| it.own_key().collect()).unwrap_or_default()
}
