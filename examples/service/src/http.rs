//! As much of HTTP/1.1 as a store needs: requests are borrowed from the bytes that came, responses
//! are written into a buffer that is kept.

use std::io::Write as _;

use hotbench::{bench_case, hot, no_alloc};

/// The longest head and the longest body that are taken.
const MAX_HEAD: usize = 8 << 10;
const MAX_BODY: usize = 1 << 20;

/// What is to be done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Put,
    Delete,
}

/// A request, as it stands in the bytes that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// The target without its first `/`, not decoded.
    pub(crate) key: &'a str,
    pub(crate) body: &'a [u8],
    /// Whether another request may follow on the same connection.
    pub(crate) keep_alive: bool,
}

/// Why something is no request that this server takes. The connection ends with it, for where the
/// next request would begin is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Malformed,
    HeadTooLong,
    BodyTooLong,
    /// A method other than those three, another version of HTTP, or a body that comes in chunks.
    NotImplemented,
}

/// The first request of these bytes and its length, or nothing while it isn't all there.
#[no_alloc]
#[bench_case("get", args(samples::GET), check = |parsed| assert!(parsed.is_ok()), throughput = Bytes(samples::GET.len()), no_alloc)]
#[bench_case("put", args(samples::PUT), check = |parsed| assert!(parsed.is_ok()), throughput = Bytes(samples::PUT.len()), no_alloc)]
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Request<'_>, usize)>, Refusal> {
    let searched = &bytes[..bytes.len().min(MAX_HEAD)];
    let Some(head) = searched.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        let too_long = bytes.len() >= MAX_HEAD;
        return if too_long {
            Err(Refusal::HeadTooLong)
        } else {
            Ok(None)
        };
    };
    let text = std::str::from_utf8(&bytes[..head]).map_err(|_| Refusal::Malformed)?;
    let mut lines = text.split("\r\n");
    let (method, key) = request_line(lines.next().unwrap_or_default())?;
    let Headers { length, keep_alive } = headers(lines)?;
    let (start, end) = (head + 4, head + 4 + length);
    let Some(body) = bytes.get(start..end) else {
        return Ok(None);
    };
    let request = Request {
        method,
        key,
        body,
        keep_alive,
    };
    Ok(Some((request, end)))
}

fn request_line(line: &str) -> Result<(Method, &str), Refusal> {
    let mut parts = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Malformed);
    };
    let method = match method {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => return Err(Refusal::NotImplemented),
    };
    if version != "HTTP/1.1" {
        return Err(Refusal::NotImplemented);
    }
    let key = target.strip_prefix('/').ok_or(Refusal::Malformed)?;
    Ok((method, key))
}

/// What matters of a request's headers.
struct Headers {
    length: usize,
    keep_alive: bool,
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Headers, Refusal> {
    let mut length = None;
    let mut keep_alive = true;
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Refusal::Malformed)?;
        let value = value.trim_matches([' ', '\t']);
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("content-length") {
            // Two lengths that differ have been used to hide a request in another one's body.
            let said = body_length(value)?;
            if length.is_some_and(|length| length != said) {
                return Err(Refusal::Malformed);
            }
            length = Some(said);
        } else if is("transfer-encoding") {
            return Err(Refusal::NotImplemented);
        } else if is("connection") {
            let mut options = value.split(',').map(str::trim);
            keep_alive &= !options.any(|option| option.eq_ignore_ascii_case("close"));
        } else if name.is_empty() || name.contains([' ', '\t']) {
            return Err(Refusal::Malformed);
        }
    }
    Ok(Headers {
        length: length.unwrap_or(0),
        keep_alive,
    })
}

fn body_length(text: &str) -> Result<usize, Refusal> {
    // On its own, `parse` would take a leading `+` as well.
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Malformed);
    }
    let length = text.parse().map_err(|_| Refusal::BodyTooLong)?;
    if length > MAX_BODY {
        return Err(Refusal::BodyTooLong);
    }
    Ok(length)
}

/// What a request is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Response<'a> {
    Value(&'a [u8]),
    Created,
    Done,
    NotFound,
    Refused(Refusal),
}

impl<'a> Response<'a> {
    fn status(self) -> &'static str {
        match self {
            Self::Value(_) => "200 OK",
            Self::Created => "201 Created",
            Self::Done => "204 No Content",
            Self::NotFound => "404 Not Found",
            Self::Refused(Refusal::Malformed) => "400 Bad Request",
            Self::Refused(Refusal::HeadTooLong) => "431 Request Header Fields Too Large",
            Self::Refused(Refusal::BodyTooLong) => "413 Content Too Large",
            Self::Refused(Refusal::NotImplemented) => "501 Not Implemented",
        }
    }

    fn body(self) -> &'a [u8] {
        match self {
            Self::Value(value) => value,
            _ => b"",
        }
    }
}

/// Appends a response. The buffer grows at most once.
#[hot(max_allocs = 1)]
#[bench_case("value", args(Response::Value(&[b'v'; 200]), true, &mut Vec::with_capacity(512)), no_alloc)]
#[bench_case("grown", args(Response::Value(&[b'v'; 200]), true, &mut Vec::new()), max_allocs = 1)]
pub(crate) fn write(response: Response<'_>, keep_alive: bool, out: &mut Vec<u8>) {
    const LONGEST_HEAD: usize = 128;

    let body = response.body();
    out.reserve(LONGEST_HEAD + body.len());
    let status = response.status();
    // Writing into a `Vec` can't fail.
    let _ = write!(out, "HTTP/1.1 {status}\r\n");
    // A response without content must not say its length.
    if response != Response::Done {
        let _ = write!(out, "content-length: {}\r\n", body.len());
    }
    if !keep_alive {
        out.extend_from_slice(b"connection: close\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
}

#[hotbench::bench_only]
mod samples {
    pub(super) const GET: &[u8] = b"GET /user/4711/name HTTP/1.1\r\n\
        host: localhost:8080\r\n\
        user-agent: curl/8.17.0\r\n\
        accept: */*\r\n\r\n";

    pub(super) const PUT: &[u8] = b"PUT /user/4711/name HTTP/1.1\r\n\
        Host: localhost:8080\r\n\
        Content-Type: text/plain\r\n\
        Content-Length: 12\r\n\
        Connection: TE, Close\r\n\r\nAda Lovelace";
}

#[cfg(test)]
mod tests {
    use super::{MAX_HEAD, Method, Refusal, Request, Response, parse, samples, write};

    #[test]
    fn requests_are_borrowed_from_what_came() {
        let get = Request {
            method: Method::Get,
            key: "user/4711/name",
            body: b"",
            keep_alive: true,
        };
        assert_eq!(parse(samples::GET), Ok(Some((get, samples::GET.len()))));
        let put = Request {
            method: Method::Put,
            body: b"Ada Lovelace",
            keep_alive: false,
            ..get
        };
        assert_eq!(parse(samples::PUT), Ok(Some((put, samples::PUT.len()))));
    }

    #[test]
    fn part_of_a_request_is_none_yet() {
        for end in 0..samples::PUT.len() {
            assert_eq!(parse(&samples::PUT[..end]), Ok(None), "{end} bytes");
        }
    }

    #[test]
    fn what_follows_is_the_next_request() {
        let both = [samples::PUT, samples::GET].concat();
        let (_, length) = parse(&both).unwrap().unwrap();
        assert_eq!(&both[length..], samples::GET);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for (request, refusal) in [
            ("GET /\r\n\r\n", Refusal::Malformed),
            ("GET key HTTP/1.1\r\n\r\n", Refusal::Malformed),
            ("GET /a b HTTP/1.1\r\n\r\n", Refusal::Malformed),
            ("GET / HTTP/1.1\r\nhost\r\n\r\n", Refusal::Malformed),
            ("GET / HTTP/1.1\r\nhost : a\r\n\r\n", Refusal::Malformed),
            (
                "PUT / HTTP/1.1\r\ncontent-length: +1\r\n\r\n",
                Refusal::Malformed,
            ),
            (
                "PUT / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
                Refusal::Malformed,
            ),
            (
                "PUT / HTTP/1.1\r\ncontent-length: 1048577\r\n\r\n",
                Refusal::BodyTooLong,
            ),
            ("POST / HTTP/1.1\r\n\r\n", Refusal::NotImplemented),
            ("GET / HTTP/1.0\r\n\r\n", Refusal::NotImplemented),
            (
                "PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
                Refusal::NotImplemented,
            ),
        ] {
            assert_eq!(parse(request.as_bytes()), Err(refusal), "{request}");
        }
        assert_eq!(parse(&[b'a'; MAX_HEAD]), Err(Refusal::HeadTooLong));
        assert_eq!(
            parse(b"GET /\xff HTTP/1.1\r\n\r\n"),
            Err(Refusal::Malformed)
        );
    }

    #[test]
    fn responses_say_how_long_they_are() {
        let mut out = Vec::new();
        write(Response::Value(b"Ada"), true, &mut out);
        assert_eq!(out, b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nAda");
        out.clear();
        write(Response::Refused(Refusal::Malformed), false, &mut out);
        let refused = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        assert_eq!(out, refused);
    }
}
