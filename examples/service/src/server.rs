//! Connections: bytes come, requests are answered, bytes go.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hotbench::hot;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::http::{Method, Request, Response, parse, write};
use crate::store::Store;

/// Connections at once; who comes later waits until one of them ends.
const CONNECTIONS: usize = 1024;
/// How long a connection may say nothing, and how long it may not listen.
const IDLE: Duration = Duration::from_secs(30);
/// How long nobody is let in after that has failed: there are no more files to open, for one.
const RELIEF: Duration = Duration::from_millis(50);
/// So many bytes of answers are sent before more requests are answered.
const FULL: usize = 64 << 10;

/// Takes connections until it is dropped.
pub(crate) async fn serve(listener: TcpListener, store: Arc<Store>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        let Ok((stream, _)) = listener.accept().await else {
            sleep(RELIEF).await;
            continue;
        };
        let store = Arc::clone(&store);
        // Whoever hangs up in the middle of a request harms nobody else.
        tokio::spawn(async move {
            let _place = place;
            connection(stream, &store).await
        });
    }
}

/// Answers what one connection asks, as many requests at once as have come.
#[hot]
async fn connection(mut stream: TcpStream, store: &Store) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut input, mut output) = (Vec::with_capacity(4 << 10), Vec::with_capacity(4 << 10));
    let mut next = Next::Read;
    while next != Next::Close {
        if next == Next::Read && timeout(IDLE, stream.read_buf(&mut input)).await?? == 0 {
            break;
        }
        let answered;
        (answered, next) = answer_some(&input, store, &mut output);
        input.drain(..answered);
        timeout(IDLE, stream.write_all(&output)).await??;
        output.clear();
    }
    Ok(())
}

/// What a connection does once its answers are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It answers more of what has come.
    Answer,
    Read,
    Close,
}

/// Answers the requests that are all there, until there is enough to be sent; how many bytes those were, and what is
/// next.
fn answer_some(input: &[u8], store: &Store, output: &mut Vec<u8>) -> (usize, Next) {
    let mut answered = 0;
    while output.len() < FULL {
        match parse(&input[answered..]) {
            Ok(Some((request, length))) => {
                answer(&request, store, output);
                answered += length;
                if !request.keep_alive {
                    return (answered, Next::Close);
                }
            }
            Ok(None) => return (answered, Next::Read),
            Err(refusal) => {
                write(Response::Refused(refusal), false, output);
                return (input.len(), Next::Close);
            }
        }
    }
    (answered, Next::Answer)
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

    use super::{FULL, Next, answer_some, serve};
    use crate::load;
    use crate::store::Store;

    #[test]
    fn a_few_connections_at_once_leave_nothing_behind() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
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
        let (answered, next) = answer_some(input, &store, &mut output);
        assert_eq!(&input[answered..], b"GET /a HTTP/1.1\r\n");
        assert_eq!(next, Next::Read);
        let responses = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n\
            HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1\
            HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(String::from_utf8(output).unwrap(), responses);
    }

    #[test]
    fn what_is_to_be_sent_is_bounded_however_much_is_asked() {
        let (store, mut output) = (Store::default(), Vec::new());
        store.put("a", &[b'v'; FULL / 2]);
        let input = b"GET /a HTTP/1.1\r\n\r\n".repeat(1_000);
        let (answered, next) = answer_some(&input, &store, &mut output);
        assert_eq!((answered, next), (2 * input.len() / 1_000, Next::Answer));
    }

    #[test]
    fn nothing_is_answered_after_what_is_no_request() {
        let (store, mut output) = (Store::default(), Vec::new());
        let (_, next) = answer_some(b"?\r\n\r\nGET /a HTTP/1.1\r\n\r\n", &store, &mut output);
        assert_eq!(next, Next::Close);
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
