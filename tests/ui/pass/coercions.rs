//! What a function returns is coerced to its type, as without the attribute.

#![deny(warnings)]

use std::error::Error;
use std::fmt::Debug;
use std::future::{Future, Ready, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use hotbench::{allow_alloc, hot, no_alloc};

#[hot]
async fn boxed() -> Box<dyn Debug> {
    Box::new(1)
}

#[allow_alloc]
async fn exempt() -> Box<dyn Debug> {
    Box::new(1)
}

#[hot]
async fn pinned() -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(async { 2 })
}

#[hot]
async fn some() -> Option<Box<dyn Debug>> {
    Some(Box::new(1))
}

#[no_alloc]
async fn pointer() -> fn(u8) -> u8 {
    |n| n + 1
}

#[no_alloc]
async fn slice(n: &[u8; 2]) -> &[u8] {
    n
}

#[no_alloc]
async fn text(n: &String) -> &str {
    n
}

#[no_alloc]
async fn shared(n: &mut u8) -> &u8 {
    n
}

#[no_alloc]
async fn mutable(n: &mut u8) -> &mut u8 {
    n
}

#[hot]
async fn fallible(n: u8) -> Result<u8, Box<dyn Error>> {
    if n == 1 {
        return Err(Box::new(std::fmt::Error));
    }
    let n: u8 = "x".parse::<u8>().or(Ok::<u8, std::num::ParseIntError>(n))?;
    Ok(n)
}

#[no_alloc]
async fn ready_later() -> Ready<u8> {
    ready(1)
}

#[no_alloc]
async fn forever() -> ! {
    loop {
        std::future::pending::<()>().await;
    }
}

#[hot]
async fn some_of_a_trait(n: u8) -> Result<impl Iterator<Item = u8>, Box<dyn Error>> {
    if n == 0 {
        return Err(Box::new(std::fmt::Error));
    }
    Err("text").or(Ok::<_, Box<dyn Error>>(()))?;
    Ok(0..n)
}

#[hot]
fn counter(k: usize) -> impl Fn(&str) -> usize {
    move |text| text.len() + k
}

#[no_alloc]
fn same() -> impl Fn(&str) -> &str {
    |text| text
}

#[hot]
fn made() -> impl Fn() -> Option<Box<dyn Debug>> {
    || Some(Box::new(1))
}

#[no_alloc]
fn early(n: u64) -> impl Iterator<Item = u64> {
    if n == 0 {
        return 0..0;
    }
    0..n
}

struct Owner {
    numbers: Vec<u8>,
}

impl Owner {
    #[hot]
    fn numbers(self) -> Result<impl Iterator<Item = u8>, Box<dyn Error>> {
        if self.numbers.is_empty() {
            return Err(Box::new(std::fmt::Error));
        }
        Ok(self.numbers.into_iter())
    }

    #[hot]
    fn both(self) -> (impl Debug, Box<dyn Debug>) {
        (self.numbers.len(), Box::new(2))
    }

    #[no_alloc]
    async fn by_value(self, more: &[u8]) -> (usize, &[u8]) {
        (self.numbers.len(), more)
    }

    #[no_alloc]
    fn at(&self) -> impl Fn(usize) -> u8 {
        |index| self.numbers[index]
    }

    #[no_alloc]
    async fn by_reference(&self) -> &[u8] {
        &self.numbers
    }

    #[no_alloc]
    async fn by_mutable_reference(&mut self, n: u8) -> &mut u8 {
        self.numbers[0] = n;
        &mut self.numbers[0]
    }
}

trait Later {
    #[no_alloc]
    async fn later(&self) -> Option<&dyn Debug> {
        None
    }
}

impl Later for Owner {
    #[no_alloc]
    async fn later(&self) -> Option<&dyn Debug> {
        Some(&self.numbers)
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

fn main() {
    assert_eq!(format!("{:?}", run(boxed())), "1");
    assert_eq!(format!("{:?}", run(exempt())), "1");
    assert_eq!(run(run(pinned())), 2);
    assert!(run(some()).is_some());
    assert_eq!(run(is_send(pointer()))(1), 2);
    assert_eq!(run(is_send(slice(&[1, 2]))), [1, 2]);
    assert_eq!(run(is_send(text(&"text".to_owned()))), "text");
    assert_eq!(*run(is_send(shared(&mut 1))), 1);
    *run(is_send(mutable(&mut 1))) += 1;
    assert_eq!(run(fallible(2)).unwrap(), 2);
    assert!(run(fallible(1)).is_err());
    assert_eq!(run(run(ready_later())), 1);
    assert!(run(some_of_a_trait(0)).is_err());
    assert!(run(some_of_a_trait(2)).unwrap().eq([0, 1]));
    let mut waits = pin!(is_send(forever()));
    let mut context = Context::from_waker(Waker::noop());
    assert!(waits.as_mut().poll(&mut context).is_pending());

    let mut owner = Owner { numbers: vec![1] };
    assert_eq!(
        (
            counter(1)("ab"),
            same()("ab"),
            early(0).chain(early(2)).count()
        ),
        (3, "ab", 2)
    );
    assert!(made()().is_some());
    assert_eq!(owner.at()(0), 1);
    assert!(
        Owner {
            numbers: Vec::new()
        }
        .numbers()
        .is_err()
    );
    assert!(Owner { numbers: vec![1] }.numbers().unwrap().eq([1]));
    assert_eq!(format!("{:?}", Owner { numbers: vec![1] }.both()), "(1, 2)");
    assert_eq!(
        run(Owner { numbers: vec![1] }.by_value(&[2])),
        (1, &[2][..])
    );
    assert_eq!(run(owner.by_reference()), [1]);
    *run(owner.by_mutable_reference(3)) += 1;
    assert_eq!(format!("{:?}", run(owner.later())), "Some([4])");
}
