//! Connections: bytes come, requests are answered, bytes go.

use std::io;
use std::sync::Arc;

use hotbench::hot;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http::{Method, Request, Response, parse, write};
use crate::store::Store;

/// Takes connections until it is dropped.
pub(crate) async fn serve(listener: TcpListener, store: Arc<Store>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let store = Arc::clone(&store);
        // Whoever hangs up in the middle of a request harms nobody else.
        tokio::spawn(async move { connection(stream, &store).await });
    }
}

/// Answers what one connection asks, all requests that have come before anything is sent.
#[hot]
async fn connection(mut stream: TcpStream, store: &Store) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut input, mut output) = (Vec::with_capacity(4 << 10), Vec::with_capacity(4 << 10));
    while stream.read_buf(&mut input).await? > 0 {
        let (answered, keep_alive) = answer_all(&input, store, &mut output);
        input.drain(..answered);
        stream.write_all(&output).await?;
        output.clear();
        if !keep_alive {
            break;
        }
    }
    Ok(())
}

/// Answers the requests that are all there; how many bytes those were, and whether more may follow.
fn answer_all(input: &[u8], store: &Store, output: &mut Vec<u8>) -> (usize, bool) {
    let mut answered = 0;
    loop {
        match parse(&input[answered..]) {
            Ok(Some((request, length))) => {
                answer(&request, store, output);
                answered += length;
                if !request.keep_alive {
                    return (answered, false);
                }
            }
            Ok(None) => return (answered, true),
            Err(refusal) => {
                write(Response::Refused(refusal), false, output);
                return (input.len(), false);
            }
        }
    }
}

/// Answers a request: what the store allocates for a new key, and the output's growth.
#[hot(max_allocs = 4)]
fn answer(request: &Request<'_>, store: &Store, output: &mut Vec<u8>) {
    let &Request {
        method,
        key,
        body,
        keep_alive,
    } = request;
    let value;
    let response = match method {
        Method::Get => {
            value = store.get(key);
            value.as_deref().map_or(Response::NotFound, Response::Value)
        }
        Method::Put if store.put(key, body) => Response::Created,
        Method::Put => Response::Done,
        Method::Delete if store.delete(key) => Response::Done,
        Method::Delete => Response::NotFound,
    };
    write(response, keep_alive, output);
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use tokio::net::TcpListener;

    use super::{answer_all, serve};
    use crate::load;
    use crate::store::Store;

    #[test]
    fn a_few_connections_at_once_leave_nothing_behind() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        let store = Arc::new(Store::default());
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(serve(listener, Arc::clone(&store)));
            assert_eq!(load::run(address, 320).await.unwrap(), 320);
        });
        assert_eq!(store.get("client/0/0"), None);
    }

    #[test]
    fn requests_that_came_together_are_answered_together() {
        let (store, mut output) = (Store::default(), Vec::new());
        let input = b"PUT /a HTTP/1.1\r\ncontent-length: 1\r\n\r\n1\
            GET /a HTTP/1.1\r\n\r\n\
            DELETE /a HTTP/1.1\r\n\r\n\
            GET /a HTTP/1.1\r\n";
        let (answered, keep_alive) = answer_all(input, &store, &mut output);
        assert_eq!(&input[answered..], b"GET /a HTTP/1.1\r\n");
        assert!(keep_alive);
        let responses = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n\
            HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1\
            HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(String::from_utf8(output).unwrap(), responses);
    }

    #[test]
    fn nothing_is_answered_after_what_is_no_request() {
        let (store, mut output) = (Store::default(), Vec::new());
        let (_, keep_alive) = answer_all(b"?\r\n\r\nGET /a HTTP/1.1\r\n\r\n", &store, &mut output);
        assert!(!keep_alive);
        assert!(output.starts_with(b"HTTP/1.1 400 "));
        assert_eq!(
            output
                .windows(8)
                .filter(|bytes| bytes == b"HTTP/1.1")
                .count(),
            1
        );
    }
}
