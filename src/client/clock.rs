//! The present moment and chance, which a host may fix.

use super::Client;
use super::RunResult;
use crate::db::Database;
use crate::ir::{DataType, fit, milliseconds, moment_of};
use crate::source::Span;
use crate::value::Value;
use smol_str::{SmolStr, format_smolstr};
use std::fmt::Write as _;

/// The clock and the dice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    /// The moment of the sentence that runs.
    moment: Option<SmolStr>,
    /// The moment that the host has fixed.
    fixed: Option<i64>,
    /// The state of seeded chance.
    random: Option<u64>,
}

impl Clock {
    /// Begins a run: the moment may be fixed, and chance begins with a seed where one was given.
    pub(crate) fn begin(&mut self, now: Option<i64>, seed: Option<u64>) {
        self.fixed = now;
        self.moment = now.and_then(moment_of);
        if let (None, Some(seed)) = (self.random, seed) {
            self.random = Some(seed);
        }
    }

    /// Begins a sentence: time has passed.
    pub(crate) fn tick(&mut self) {
        if self.fixed.is_none() {
            self.moment = None;
        }
    }

    /// The present moment, in milliseconds since 1970.
    pub(crate) fn now(&self, database: &mut dyn Database) -> i64 {
        self.fixed.unwrap_or_else(|| database.now())
    }

    /// The moment of the sentence that runs: one for all of it.
    pub(crate) fn moment(&mut self, database: &mut dyn Database) -> SmolStr {
        let now = || moment_of(database.now()).unwrap_or_default();
        self.moment.get_or_insert_with(now).clone()
    }

    /// The same, for an attribute of that type.
    pub(crate) fn moment_as(&mut self, data_type: &DataType, database: &mut dyn Database) -> Value {
        let now = self.moment(database);
        if let DataType::Time = data_type {
            return Value::Text(now.get(11..19).unwrap_or_default().into());
        }
        fit(Value::Date(now), data_type).unwrap_or(Value::Null)
    }

    /// A UUID of chance.
    pub(crate) fn uuid(&mut self, client: &mut Client<'_>, at: Span) -> RunResult<Value> {
        let mut bytes = self.chance(client, at)?;
        set_version(&mut bytes, 4);
        Ok(Value::Text(hyphenated(bytes)))
    }

    /// A UUID of the present moment, and of chance in place of a machine's address.
    pub(crate) fn uuid_of_moment(&mut self, client: &mut Client<'_>, at: Span) -> RunResult<Value> {
        let mut bytes = self.chance(client, at)?;
        let now = milliseconds(&self.moment(client.database)).unwrap_or(0);
        let chance = u128::from_be_bytes(bytes);
        // Intervals of 100 nanoseconds since the Gregorian calendar began; below milliseconds it is chance.
        let below = (chance >> 64) % 10_000;
        let ticks = u128::from(now.unsigned_abs()) * 10_000 + 0x01b2_1dd2_1381_4000 + below;
        let (low, mid, high) = (ticks & 0xffff_ffff, (ticks >> 32) & 0xffff, (ticks >> 48) & 0xfff);
        // The bit that says that the rest is no machine's address.
        let rest = (chance & u128::from(u64::MAX)) | (1 << 40);
        bytes = ((low << 96) | (mid << 80) | (high << 64) | rest).to_be_bytes();
        set_version(&mut bytes, 1);
        Ok(Value::Text(hyphenated(bytes)))
    }

    fn chance(&mut self, client: &mut Client<'_>, at: Span) -> RunResult<[u8; 16]> {
        if let (Some(high), Some(low)) = (self.seeded(), self.seeded()) {
            let both = (u128::from(high) << 64) | u128::from(low);
            return Ok(both.to_be_bytes());
        }
        client.ask(at, |it| it.random())
    }

    /// The next random number, where a seed was given.
    fn seeded(&mut self) -> Option<u64> {
        let state = self.random.as_mut()?;
        // SplitMix64: small, and the same everywhere.
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = *state;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(it ^ (it >> 31))
    }
}

fn set_version(bytes: &mut [u8; 16], version: u8) {
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
}

fn hyphenated(bytes: [u8; 16]) -> SmolStr {
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    format_smolstr!("{text}")
}
