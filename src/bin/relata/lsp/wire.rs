//! Messages, as they come in and go out: JSON-RPC with the protocol's headers.
//!
//! The crates for this end their connection at the first message that is no JSON; here it costs that message, and the next is read.

use super::checks::FinishedCheck;
use gen_lsp_types::ErrorCodes;
use gen_lsp_types::json_rpc::{Error, Id};
use serde_json::{Value, json};
use std::io::{self, BufRead, Read, Write};

/// The longest message that is taken.
const LONGEST: usize = 256 * 1024 * 1024;

/// The longest line of a header.
const LONGEST_LINE: u64 = 64 * 1024;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A question, which gets an answer.
    Request { id: Id, method: String, params: Value },
    /// What is told.
    Notification { method: String, params: Value },
    /// An answer to what was asked of the client, by the question's number; null where it is an error.
    Response { number: Option<i64>, result: Value },
    /// A script that a request had run has ended; what it has printed.
    Ran { id: Id, printed: String },
    /// A check beside the talk is over.
    Checked(Box<FinishedCheck>),
    /// There are no more.
    End,
    /// What is none of these, and why; to which question, where that can be seen.
    Malformed { id: Id, code: ErrorCodes, why: String },
}

/// Reads the next message; none where there are no more.
pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let Some(length) = length else {
        return Ok(Some(malformed(ErrorCodes::ParseError, "a message has a Content-Length")));
    };
    if length > LONGEST {
        io::copy(&mut from.take(length as u64), &mut io::sink())?;
        return Ok(Some(malformed(ErrorCodes::InvalidRequest, "the message is too long")));
    }
    let mut bytes = Vec::new();
    if from.take(length as u64).read_to_end(&mut bytes)? < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&bytes) {
        Ok(message) => sorted(message),
        Err(error) => malformed(ErrorCodes::ParseError, &error.to_string()),
    }))
}

fn malformed(code: ErrorCodes, why: &str) -> Incoming {
    Incoming::Malformed { id: Id::Null, code, why: why.to_owned() }
}

/// Which kind of message it is.
fn sorted(message: Value) -> Incoming {
    let Value::Object(mut message) = message else {
        return malformed(ErrorCodes::InvalidRequest, "a message is an object");
    };
    let params = message.remove("params").unwrap_or_default();
    let id = message.remove("id").map(serde_json::from_value::<Id>);
    let method = match message.remove("method") {
        Some(Value::String(method)) => method,
        None if message.contains_key("result") || message.contains_key("error") => {
            let number = match id {
                Some(Ok(Id::Number(number))) => Some(number),
                Some(Ok(Id::String(_) | Id::Null) | Err(_)) | None => None,
            };
            return Incoming::Response {
                number,
                result: message.remove("result").unwrap_or_default(),
            };
        }
        Some(_) | None => {
            let id = id.and_then(Result::ok).unwrap_or(Id::Null);
            let why = "a message has a method".to_owned();
            return Incoming::Malformed { id, code: ErrorCodes::InvalidRequest, why };
        }
    };
    match id {
        None => Incoming::Notification { method, params },
        Some(Ok(id)) => Incoming::Request { id, method, params },
        Some(Err(_)) => malformed(ErrorCodes::InvalidRequest, "an id is a number or a text"),
    }
}

/// Writes a message.
fn write(to: &mut impl Write, text: &str) -> io::Result<()> {
    // In one piece: another thread may write, too.
    to.write_all(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes())?;
    to.flush()
}

/// Writes an answer, which is JSON.
pub(super) fn answer(to: &mut impl Write, id: &Id, result: &str) -> io::Result<()> {
    // It may be long, so it isn't read once more to be written.
    let id = json!(id);
    write(to, &format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}"))
}

/// Writes why there is no answer.
pub(super) fn refuse(to: &mut impl Write, id: &Id, error: &Error) -> io::Result<()> {
    write(to, &json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string())
}

/// Tells the client something.
pub(super) fn notify(to: &mut impl Write, method: &str, params: &Value) -> io::Result<()> {
    write(to, &json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string())
}

/// Asks the client for something; without parameters where they are null.
pub(super) fn ask(to: &mut impl Write, id: i64, method: &str, params: &Value) -> io::Result<()> {
    let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method });
    if let (Value::Object(message), false) = (&mut message, params.is_null()) {
        message.insert("params".to_owned(), params.clone());
    }
    write(to, &message.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Incoming> {
        let mut from = bytes;
        let next = || read(&mut from).unwrap_or_default();
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn what_is_no_message_costs_one_message() {
        let good = b"Content-Length: 14\r\n\r\n{\"method\":\"a\"}".as_slice();
        for bad in [
            b"Content-Length: 3\r\n\r\n{]}".as_slice(),
            b"Nonsense\r\n\r\n",
            b"Content-Length: -1\r\n\r\n",
            b"Content-Length: 4\r\n\r\n\xFF\xFF\xFF\xFF",
            b"Content-Length: 2\r\n\r\n[]",
            b"Content-Length: 2\r\n\r\n{}",
        ] {
            let found = all(&[bad, good].concat());
            assert!(
                matches!(found.as_slice(), [
                Incoming::Malformed { .. },
                Incoming::Notification { method, .. }
            ] if method == "a"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn messages_are_told_apart() {
        let each = [
            "{\"id\":1,\"method\":\"a\",\"params\":[]}",
            "{\"id\":\"x\",\"result\":null}",
            "{\"id\":[],\"method\":\"a\"}",
        ];
        let bytes: Vec<u8> = each
            .iter()
            .flat_map(|it| format!("content-length:{}\r\n\r\n{it}", it.len()).into_bytes())
            .collect();
        assert!(matches!(
            all(&bytes).as_slice(),
            [Incoming::Request { .. }, Incoming::Response { .. }, Incoming::Malformed { .. }]
        ));
    }
}
