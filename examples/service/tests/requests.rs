//! The program, asked by several clients at once. What of its hot paths allocates too much panics in
//! the program, and a client misses its answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;

/// The program while it serves.
struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_service"))
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("it says where it listens");
        let address = line.trim().strip_prefix("listening on ");
        let address = address.expect("it listens").to_owned();
        Self { process, address }
    }

    /// What the program answers until it ends the connection.
    fn ask(&self, requests: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.write_all(requests.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended, which the test has seen then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const CLOSE: &str = "connection: close\r\n\r\n";

#[test]
fn clients_at_once_each_find_what_they_have_stored() {
    let service = Service::start();
    thread::scope(|scope| {
        for client in 0..8 {
            let service = &service;
            scope.spawn(move || {
                for round in 0..20 {
                    let value = "v".repeat(client * 700 + round);
                    let length = value.len();
                    let target = format!("/client/{client}/{round} HTTP/1.1\r\n");
                    let put = format!("PUT {target}content-length: {length}\r\n\r\n{value}");
                    let get = format!("GET {target}\r\n");
                    let delete = format!("DELETE {target}\r\n");
                    let answer = service.ask(&format!("{put}{get}{delete}GET {target}{CLOSE}"));
                    let expected = format!(
                        "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n\
                         HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{value}\
                         HTTP/1.1 204 No Content\r\n\r\n\
                         HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n{CLOSE}"
                    );
                    assert_eq!(answer, expected);
                }
            });
        }
    });
}

#[test]
fn who_sends_no_request_or_hangs_up_harms_nobody_else() {
    let service = Service::start();
    let answer = service.ask("BREW /pot HTTP/1.1\r\n\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 501 Not Implemented\r\n"),
        "{answer}"
    );
    drop(TcpStream::connect(&service.address).expect("it listens"));
    let answer = service.ask(&format!("GET /a HTTP/1.1\r\n{CLOSE}"));
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
}

#[test]
fn a_load_is_answered_to_the_last_request() {
    let output = Command::new(env!("CARGO_BIN_EXE_service"))
        .args(["--load", "500"])
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"500 requests answered\n", "{output:?}");
}
