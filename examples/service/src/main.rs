// A store of keys and values behind HTTP/1.1. The bench target includes this file, so it begins with
// neither `//!` nor `#![…]`.

mod http;
mod load;
mod server;
mod store;

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::store::Store;

const USAGE: &str = "service [--port N]    serves on 127.0.0.1, on port 8080 if none is said
service --load N      serves N requests of its own, and ends";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Serve { port: u16 },
    Load { requests: usize },
}

impl Command {
    fn parse(arguments: &[&str]) -> Result<Self, String> {
        let usage = |_| USAGE.to_owned();
        match arguments {
            [] => Ok(Self::Serve { port: 8080 }),
            ["--port", port] => Ok(Self::Serve {
                port: port.parse().map_err(usage)?,
            }),
            ["--load", requests] => Ok(Self::Load {
                requests: requests.parse().map_err(usage)?,
            }),
            _ => Err(USAGE.to_owned()),
        }
    }
}

#[hotbench::main]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let command = Command::parse(&arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let _profile = hotbench::profile();
    runtime.block_on(run(command))
}

async fn run(command: Command) -> Result<(), Box<dyn Error>> {
    let store = Arc::new(Store::default());
    match command {
        Command::Serve { port } => {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
            println!("listening on {}", listener.local_addr()?);
            server::serve(listener, store).await;
        }
        Command::Load { requests } => {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = listener.local_addr()?;
            tokio::spawn(server::serve(listener, store));
            let answered = load::run(address, requests).await?;
            println!("{answered} requests answered");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn the_command_line_is_one_of_three() {
        assert_eq!(Command::parse(&[]), Ok(Command::Serve { port: 8080 }));
        assert_eq!(
            Command::parse(&["--port", "0"]),
            Ok(Command::Serve { port: 0 })
        );
        assert_eq!(
            Command::parse(&["--load", "10000"]),
            Ok(Command::Load { requests: 10_000 })
        );
        for wrong in [&["--port"][..], &["--load", "many"], &["--help"]] {
            assert!(Command::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
