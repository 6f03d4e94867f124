//! Rows that are kept until they are asked for: so many bytes of them in memory, and all others in a file that has no name.

use crate::value::Value;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Error, ErrorKind, Read, Result, Seek as _, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// So many bytes are kept in memory.
const MEMORY: usize = 8 << 20;

/// What tells the files of a process apart.
static FILES: AtomicU64 = AtomicU64::new(0);

/// Rows in order: first written, then read.
#[derive(Default)]
pub(super) struct SpilledRows {
    /// Rows in memory, their values one after another.
    bytes: Vec<u8>,
    /// How far these have been read.
    place: usize,
    /// The rows behind them.
    writer: Option<BufWriter<File>>,
    reader: Option<BufReader<File>>,
    /// How many rows there are, and have been read.
    rows: (u64, u64),
    width: usize,
}

impl SpilledRows {
    /// One more row.
    pub(super) fn push(&mut self, row: &[Value]) -> Result<()> {
        self.rows.0 += 1;
        self.width = row.len();
        if let Some(file) = &mut self.writer {
            return row.iter().try_for_each(|it| write(it, file));
        }
        row.iter().try_for_each(|it| write(it, &mut self.bytes))?;
        if self.bytes.len() >= MEMORY {
            self.writer = Some(BufWriter::new(file()?));
        }
        Ok(())
    }

    /// From now on they are read.
    pub(super) fn rewind(&mut self) -> Result<()> {
        if let Some(file) = self.writer.take() {
            let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.seek(SeekFrom::Start(0))?;
            self.reader = Some(BufReader::new(file));
        }
        Ok(())
    }

    /// The next row; false where there is none.
    pub(super) fn next(&mut self, row: &mut Vec<Value>) -> Result<bool> {
        let (rows, read) = self.rows;
        if read == rows {
            return Ok(false);
        }
        self.rows.1 += 1;
        row.clear();
        for _ in 0..self.width {
            let rest = self.bytes.get(self.place..).unwrap_or_default();
            row.push(if rest.is_empty() {
                let file = self.reader.as_mut().ok_or(ErrorKind::UnexpectedEof)?;
                self::read(file)?
            } else {
                let mut unread = rest;
                let value = self::read(&mut unread)?;
                self.place += rest.len() - unread.len();
                value
            });
        }
        Ok(true)
    }
}

/// A file that nobody else sees, and that goes with whoever has it.
fn file() -> Result<File> {
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let name = format!("relata-rows-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    private(&mut options);
    let file = options.open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

/// A letter for its kind, and what it is.
fn write(value: &Value, out: &mut impl Write) -> Result<()> {
    let mut long = |kind: u8, bytes: &[u8]| {
        out.write_all(&[kind])?;
        out.write_all(&(bytes.len() as u64).to_le_bytes())?;
        out.write_all(bytes)
    };
    match value {
        Value::Text(it) => long(b't', it.as_bytes()),
        Value::Date(it) => long(b'm', it.as_bytes()),
        Value::Json(it) => long(b'j', it.as_bytes()),
        Value::Decimal(it) => long(b'd', it.as_bytes()),
        Value::Blob(it) => long(b'b', it),
        Value::Null => out.write_all(b"n"),
        Value::Bool(it) => out.write_all(if *it { b"y" } else { b"z" }),
        Value::Integer(it) => {
            out.write_all(b"i")?;
            out.write_all(&it.to_le_bytes())
        }
        Value::Float(it) => {
            out.write_all(b"f")?;
            out.write_all(&it.to_le_bytes())
        }
    }
}

fn read(from: &mut impl Read) -> Result<Value> {
    let [kind] = array(from)?;
    Ok(match kind {
        b'n' => Value::Null,
        b'y' => Value::Bool(true),
        b'z' => Value::Bool(false),
        b'i' => Value::Integer(i64::from_le_bytes(array(from)?)),
        b'f' => Value::Float(f64::from_le_bytes(array(from)?)),
        kind => {
            let length = u64::from_le_bytes(array(from)?);
            let mut bytes = Vec::new();
            from.by_ref().take(length).read_to_end(&mut bytes)?;
            if kind == b'b' {
                return Ok(Value::Blob(bytes.into()));
            }
            let text =
                String::from_utf8(bytes).map_err(|it| Error::new(ErrorKind::InvalidData, it))?;
            match kind {
                b't' => Value::Text(text.into()),
                b'm' => Value::Date(text.into()),
                b'j' => Value::Json(text.into()),
                b'd' => Value::Decimal(text.into()),
                _ => return Err(ErrorKind::InvalidData.into()),
            }
        }
    })
}

fn array<const N: usize>(from: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let text = "x".repeat(1 << 16);
        let row = |place: i64| {
            vec![
                Value::Integer(place),
                Value::Text(text.as_str().into()),
                Value::Null,
                Value::Blob([0, 255].into()),
                Value::Float(0.5),
                Value::Decimal("1.50".into()),
            ]
        };
        let mut kept = SpilledRows::default();
        // More than is kept in memory.
        let rows = 200;
        for place in 0..rows {
            kept.push(&row(place)).unwrap();
        }
        kept.rewind().unwrap();
        let mut found = Vec::new();
        for place in 0..rows {
            assert!(kept.next(&mut found).unwrap());
            assert_eq!(found, row(place));
        }
        assert!(!kept.next(&mut found).unwrap());
    }
}
