//! Parses lines of a web server's access log without copying them.
//!
//! The format is the one that nginx and Apache call "combined":
//!
//! ```text
//! CLIENT - USER [TIME] "METHOD TARGET HTTP/VERSION" STATUS BYTES "REFERER" "AGENT"
//! ```
//!
//! Text is borrowed from the line as it was logged: the server's backslash
//! escapes, such as `\"` and `\xC3`, are respected but not decoded.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// One request, as the log records it.
///
/// A field logged as `-` is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The address that the request came from.
    pub client: IpAddr,
    /// The name that the client authenticated with.
    pub user: Option<&'a str>,
    /// The time of the request, always of the shape `24/Nov/2026:06:25:24 +0000`.
    pub time: &'a str,
    /// What the client asked for.
    pub request: Request<'a>,
    /// The status code of the response.
    pub status: u16,
    /// The size of the response's body.
    pub bytes: Option<u64>,
    /// The page that led to the request, in the client's words.
    pub referer: Option<&'a str>,
    /// The software that made the request, in the client's words.
    pub agent: Option<&'a str>,
}

/// The first line of an HTTP request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// What to do with the target.
    pub method: Method,
    /// The target up to its first `?`.
    pub path: &'a str,
    /// The target after its first `?`, if there is one.
    pub query: Option<&'a str>,
    /// The version of the protocol: `1.1`, not `HTTP/1.1`.
    pub version: &'a str,
}

/// A request method of RFC 9110, or `PATCH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// `CONNECT`
    Connect,
    /// `TRACE`
    Trace,
}

impl Method {
    /// The method's name, as requests spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Connect => "CONNECT",
            Self::Trace => "TRACE",
        }
    }

    // The names of methods are case-sensitive.
    fn from_name(name: &str) -> Option<Self> {
        let method = match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            "CONNECT" => Self::Connect,
            "TRACE" => Self::Trace,
            _ => return None,
        };
        Some(method)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a line is not an [`Entry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParseError {
    /// The line is empty.
    Empty,
    /// The line does not start with an IP address.
    Client,
    /// The line ends before its user.
    User,
    /// The time is missing, or not of the shape `24/Nov/2026:06:25:24 +0000`.
    Time,
    /// A quoted field is missing, or not set off by quotes and spaces.
    Quote,
    /// The request is not a method, a target and a version of HTTP.
    Request,
    /// The request's method is not a [`Method`].
    Method,
    /// The status is not a number of three digits.
    Status,
    /// The size is neither a number nor `-`.
    Bytes,
    /// The line goes on after its last field.
    Trailing,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the line is empty",
            Self::Client => "no IP address starts the line",
            Self::User => "the line ends before its user",
            Self::Time => "the time is missing or malformed",
            Self::Quote => "a quoted field is missing or not set off",
            Self::Request => "the request is not a method, a target and a version",
            Self::Method => "the method is unknown",
            Self::Status => "the status is not a number of three digits",
            Self::Bytes => "the size is not a number",
            Self::Trailing => "the line goes on after its last field",
        })
    }
}

impl Error for ParseError {}

/// The entries of a log in their order; malformed lines are skipped.
pub fn entries(log: &str) -> impl Iterator<Item = Entry<'_>> + Clone {
    log.lines().filter_map(|line| parse_line(line).ok())
}

/// Parses one line, which comes without its line ending.
///
/// Neither allocates nor panics, whatever the line.
///
/// # Errors
///
/// The error names the first thing, from the left, that is missing or malformed.
pub fn parse_line(line: &str) -> Result<Entry<'_>, ParseError> {
    if line.is_empty() {
        return Err(ParseError::Empty);
    }

    let mut rest = Rest(line);
    let client = parse_client(rest.until(" ", ParseError::Client)?)?;
    let _identity = rest.until(" ", ParseError::User)?;
    // A user's name may hold spaces, so only the time's bracket ends it.
    let user = present(rest.until(" [", ParseError::Time)?);
    let time = parse_time(rest.until("] ", ParseError::Time)?)?;
    let request = parse_request(rest.quoted(" ")?)?;
    let status = parse_status(rest.until(" ", ParseError::Status)?)?;
    let bytes = parse_bytes(rest.until(" ", ParseError::Bytes)?)?;
    let referer = present(rest.quoted(" ")?);
    let agent = present(rest.quoted("")?);
    rest.end()?;

    Ok(Entry {
        client,
        user,
        time,
        request,
        status,
        bytes,
        referer,
        agent,
    })
}

/// The part of a line that is still to be split.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes what comes before `delimiter`, and drops the delimiter.
    fn until(&mut self, delimiter: &str, missing: ParseError) -> Result<&'a str, ParseError> {
        let (field, rest) = self.0.split_once(delimiter).ok_or(missing)?;
        self.0 = rest;
        Ok(field)
    }

    /// Takes what is in quotes, and drops the `delimiter` that follows them.
    fn quoted(&mut self, delimiter: &str) -> Result<&'a str, ParseError> {
        let (field, rest) = split_quoted(self.0).ok_or(ParseError::Quote)?;
        self.0 = rest.strip_prefix(delimiter).ok_or(ParseError::Quote)?;
        Ok(field)
    }

    fn end(self) -> Result<(), ParseError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ParseError::Trailing)
        }
    }
}

fn split_quoted(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    text.strip_prefix('"')?.split_once(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })
}

fn present(field: &str) -> Option<&str> {
    (field != "-").then_some(field)
}

fn parse_client(text: &str) -> Result<IpAddr, ParseError> {
    text.parse().map_err(|_| ParseError::Client)
}

fn parse_time(text: &str) -> Result<&str, ParseError> {
    const SHAPE: &[u8] = b"00/Aaa/0000:00:00:00 +0000";

    let fits = |(byte, shape): (u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        b'a' => byte.is_ascii_lowercase(),
        b'+' => matches!(byte, b'+' | b'-'),
        literal => byte == *literal,
    };
    if text.len() == SHAPE.len() && text.bytes().zip(SHAPE).all(fits) {
        Ok(text)
    } else {
        Err(ParseError::Time)
    }
}

fn parse_request(text: &str) -> Result<Request<'_>, ParseError> {
    let mut parts = text.split(' ');
    let (Some(method), Some(target), Some(protocol), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ParseError::Request);
    };
    let version = protocol.strip_prefix("HTTP/").ok_or(ParseError::Request)?;
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    Ok(Request {
        method: Method::from_name(method).ok_or(ParseError::Method)?,
        path,
        query,
        version,
    })
}

fn parse_status(text: &str) -> Result<u16, ParseError> {
    if text.len() != 3 {
        return Err(ParseError::Status);
    }
    parse_digits(text).ok_or(ParseError::Status)
}

fn parse_bytes(text: &str) -> Result<Option<u64>, ParseError> {
    let parse = |digits| parse_digits(digits).ok_or(ParseError::Bytes);
    present(text).map(parse).transpose()
}

fn parse_digits<N: FromStr>(text: &str) -> Option<N> {
    // On its own, `parse` would take a leading `+` as well.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../data/access.log");

    const LINE: &str = concat!(
        r#"2001:db8::7 - Jane Doe [24/Nov/2026:06:25:24 +0000] "#,
        r#""GET /search?q=\"wool\"&page=2 HTTP/1.1" 200 5120 "#,
        r#""https://example.org/?q=\"wool\"" "Café \"X\" \xC3\xA9 C:\\""#,
    );

    /// A line in which only the quoted request varies.
    fn requesting(request: &str) -> String {
        format!(r#"192.0.2.1 - - [24/Nov/2026:06:25:24 +0000] "{request}" 200 1 "-" "-""#)
    }

    #[test]
    fn every_field_is_borrowed_as_logged() {
        let expected = Entry {
            client: "2001:db8::7".parse().unwrap(),
            user: Some("Jane Doe"),
            time: "24/Nov/2026:06:25:24 +0000",
            request: Request {
                method: Method::Get,
                path: "/search",
                query: Some(r#"q=\"wool\"&page=2"#),
                version: "1.1",
            },
            status: 200,
            bytes: Some(5120),
            referer: Some(r#"https://example.org/?q=\"wool\""#),
            agent: Some(r#"Café \"X\" \xC3\xA9 C:\\"#),
        };
        assert_eq!(parse_line(LINE), Ok(expected));
    }

    #[test]
    fn a_dash_stands_for_no_value() {
        let line = r#"192.0.2.1 - - [24/Nov/2026:06:25:24 -0330] "HEAD / HTTP/2.0" 304 - "-" "-""#;
        let expected = Entry {
            client: "192.0.2.1".parse().unwrap(),
            user: None,
            time: "24/Nov/2026:06:25:24 -0330",
            request: Request {
                method: Method::Head,
                path: "/",
                query: None,
                version: "2.0",
            },
            status: 304,
            bytes: None,
            referer: None,
            agent: None,
        };
        assert_eq!(parse_line(line), Ok(expected));
    }

    #[test]
    fn clients_are_addresses_of_either_family() {
        for address in [
            "203.0.113.255",
            "2001:db8::",
            "2001:db8:0:1::2:3",
            "2001:db8:85a3:8d3:1319:8a2e:370:7348",
            "::ffff:192.0.2.128",
        ] {
            let line = LINE.replace("2001:db8::7", address);
            let client = parse_line(&line).map(|entry| entry.client);
            assert_eq!(client, Ok(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn targets_split_at_their_first_question_mark() {
        for (target, path, query) in [
            ("/", "/", None),
            ("*", "*", None),
            ("/shop?", "/shop", Some("")),
            ("/shop?page=2&sort=new", "/shop", Some("page=2&sort=new")),
            ("/search?q=a?b", "/search", Some("q=a?b")),
            ("/caf%C3%A9/é", "/caf%C3%A9/é", None),
            (r#"/\"quoted\""#, r#"/\"quoted\""#, None),
        ] {
            let line = requesting(&format!("GET {target} HTTP/1.0"));
            let request = parse_line(&line).map(|entry| entry.request);
            let expected = Request {
                method: Method::Get,
                path,
                query,
                version: "1.0",
            };
            assert_eq!(request, Ok(expected), "{target}");
        }
    }

    #[test]
    fn methods_keep_their_names() {
        for name in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
        ] {
            let line = requesting(&format!("{name} / HTTP/1.1"));
            let method = parse_line(&line).map(|entry| entry.request.method.as_str());
            assert_eq!(method, Ok(name));
        }
    }

    #[test]
    fn malformed_requests_are_rejected() {
        for (request, error) in [
            ("", ParseError::Request),
            ("-", ParseError::Request),
            ("GET /", ParseError::Request),
            ("GET / SPDY/3", ParseError::Request),
            ("GET /two words HTTP/1.1", ParseError::Request),
            (r"\x16\x03\x01\x02\x00\x01", ParseError::Request),
            ("get / HTTP/1.1", ParseError::Method),
            ("BREW /pot HTTP/1.1", ParseError::Method),
        ] {
            assert_eq!(parse_line(&requesting(request)), Err(error), "{request}");
        }
    }

    #[test]
    fn malformed_lines_are_rejected() {
        for (line, error) in [
            ("", ParseError::Empty),
            (" ", ParseError::Client),
            ("-- MARK --", ParseError::Client),
            ("\u{fffd}\u{fffd} \u{1f9e6}", ParseError::Client),
            ("192.0.2.256 - -", ParseError::Client),
            ("192.0.2.1 -", ParseError::User),
            ("192.0.2.1 - Jane Doe", ParseError::Time),
        ] {
            assert_eq!(parse_line(line), Err(error), "{line}");
        }
    }

    #[test]
    fn damage_is_blamed_on_its_field() {
        for (intact, damaged, error) in [
            ("2001:db8::7", "example.com", ParseError::Client),
            ("2001:db8::7", "192.0.2.256", ParseError::Client),
            ("24/Nov", "2026-11-24", ParseError::Time),
            ("Nov", "nov", ParseError::Time),
            ("+0000]", "+0000", ParseError::Time),
            ("] \"GET", "] GET", ParseError::Quote),
            ("HTTP/1.1\" ", "HTTP/1.1\"", ParseError::Quote),
            (" 200 ", " 20 ", ParseError::Status),
            (" 200 ", " +20 ", ParseError::Status),
            (" 200 ", " - ", ParseError::Status),
            (" 5120 ", " +5120 ", ParseError::Bytes),
            (" 5120 ", "  ", ParseError::Bytes),
            (" 5120 ", " 18446744073709551616 ", ParseError::Bytes),
            (r#"wool\"" "#, r#"wool\" "#, ParseError::Quote),
            (r"C:\\", r"C:\", ParseError::Quote),
            (r"C:\\", r#"C:" "-"#, ParseError::Trailing),
        ] {
            let line = LINE.replace(intact, damaged);
            assert_eq!(parse_line(&line), Err(error), "{damaged}");
        }
    }

    #[test]
    fn no_truncated_line_is_an_entry() {
        for (end, _) in LINE.char_indices() {
            let truncated = &LINE[..end];
            assert!(parse_line(truncated).is_err(), "{truncated}");
        }
    }

    #[test]
    fn entries_skips_malformed_lines_only() {
        let log = format!("{LINE}\n\n-- MARK --\r\n{LINE}\r\n{LINE}");
        let entry = parse_line(LINE).unwrap();
        assert!(entries(&log).eq([entry; 3]));
    }

    #[test]
    fn nearly_all_of_the_sample_parses() {
        let lines = SAMPLE.lines().count();
        let parsed = entries(SAMPLE).count();
        assert!(lines >= 10_000, "{lines} lines");
        assert!(parsed * 100 >= lines * 99, "{parsed} of {lines} lines");
        assert!(parsed < lines, "nothing is malformed");
    }
}
