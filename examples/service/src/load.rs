//! A load of requests, by several connections at once, which is what the profile is of.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 16;

/// Sends so many requests and waits for all answers; how many there were.
pub(crate) async fn run(address: SocketAddr, requests: usize) -> io::Result<usize> {
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|client| {
            let share = (requests + client) / CONNECTIONS;
            tokio::spawn(send(address, client, share))
        })
        .collect();
    let mut answered = 0;
    for client in clients {
        answered += client.await.map_err(io::Error::other)??;
    }
    Ok(answered)
}

/// One client's requests, each when the one before was answered: of ten, two set a key, seven ask for
/// it, and one deletes it. With the last, the server ends the connection.
async fn send(address: SocketAddr, client: usize, requests: usize) -> io::Result<usize> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut input = Vec::with_capacity(4 << 10);
    for number in 0..requests {
        let close = match number + 1 == requests {
            true => "connection: close\r\n",
            false => "",
        };
        let key = format!("client/{client}/{}", number / 10);
        let request = match number % 10 {
            0 | 5 => format!("PUT /{key} HTTP/1.1\r\n{close}content-length: 11\r\n\r\nhello, load"),
            9 => format!("DELETE /{key} HTTP/1.1\r\n{close}\r\n"),
            _ => format!("GET /{key} HTTP/1.1\r\n{close}\r\n"),
        };
        stream.write_all(request.as_bytes()).await?;
        response(&mut stream, &mut input).await?;
    }
    if requests > 0 && stream.read_buf(&mut input).await? > 0 {
        return Err(io::Error::other("more was answered than asked"));
    }
    Ok(requests)
}

/// Reads one response that must be a success.
async fn response(stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<()> {
    input.clear();
    loop {
        if stream.read_buf(input).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(input);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        if !head.starts_with("HTTP/1.1 2") {
            return Err(io::Error::other(format!("answered with {head}")));
        }
        let length = head.split_once("content-length: ");
        let length = length.and_then(|(_, length)| length.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Ok(());
        }
    }
}
