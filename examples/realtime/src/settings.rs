//! Settings on their way from the user to the callback: a queue for one thread at each end, of
//! atomics, which neither of them ever waits at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What the user may change while it plays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// How loud it is: 1 is as it comes.
    Gain(f32),
    /// The cutoff of the low-pass filter, in hertz.
    Cutoff(f32),
    /// How much of an echo is heard again.
    Feedback(f32),
}

impl Change {
    fn value(self) -> f32 {
        match self {
            Self::Gain(value) | Self::Cutoff(value) | Self::Feedback(value) => value,
        }
    }

    fn pack(self) -> u64 {
        let kind = match self {
            Self::Gain(_) => 0,
            Self::Cutoff(_) => 1,
            Self::Feedback(_) => 2,
        };
        kind << 32 | u64::from(self.value().to_bits())
    }

    fn unpack(packed: u64) -> Self {
        let value = f32::from_bits(packed as u32);
        match packed >> 32 {
            0 => Self::Gain(value),
            1 => Self::Cutoff(value),
            _ => Self::Feedback(value),
        }
    }
}

struct Queue {
    slots: Box<[AtomicU64]>,
    /// Changes ever sent, and ever received. They differ by no more than there are slots.
    sent: AtomicUsize,
    received: AtomicUsize,
}

impl Queue {
    fn slot(&self, number: usize) -> &AtomicU64 {
        &self.slots[number & (self.slots.len() - 1)]
    }
}

/// The user's end.
pub struct Sender(Arc<Queue>);

/// The callback's end.
pub struct Receiver(Arc<Queue>);

/// A queue with room for so many changes, and more up to the next power of two.
#[must_use]
pub fn channel(capacity: usize) -> (Sender, Receiver) {
    let slots = (0..capacity.next_power_of_two()).map(|_| AtomicU64::new(0));
    let queue = Arc::new(Queue {
        slots: slots.collect(),
        sent: AtomicUsize::new(0),
        received: AtomicUsize::new(0),
    });
    (Sender(Arc::clone(&queue)), Receiver(queue))
}

impl Sender {
    /// Sends a change.
    ///
    /// # Errors
    ///
    /// The change, where the queue is full: the callback has not been called for long. And where its value is no
    /// finite number, which no filter would ever get rid of.
    // `&mut`, so that no second thread sends meanwhile.
    pub fn send(&mut self, change: Change) -> Result<(), Change> {
        if !change.value().is_finite() {
            return Err(change);
        }
        let sent = self.0.sent.load(Ordering::Relaxed);
        // Paired with the callback's release: it has read the slot before it is used again.
        let received = self.0.received.load(Ordering::Acquire);
        if sent.wrapping_sub(received) == self.0.slots.len() {
            return Err(change);
        }
        self.0.slot(sent).store(change.pack(), Ordering::Relaxed);
        self.0.sent.store(sent.wrapping_add(1), Ordering::Release);
        Ok(())
    }
}

impl Receiver {
    /// How many changes there are to be received.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let sent = self.0.sent.load(Ordering::Acquire);
        sent.wrapping_sub(self.0.received.load(Ordering::Relaxed))
    }

    /// The next change, if there is one.
    pub fn receive(&mut self) -> Option<Change> {
        let received = self.0.received.load(Ordering::Relaxed);
        if received == self.0.sent.load(Ordering::Acquire) {
            return None;
        }
        let change = Change::unpack(self.0.slot(received).load(Ordering::Relaxed));
        let next = received.wrapping_add(1);
        self.0.received.store(next, Ordering::Release);
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{Change, channel};

    #[test]
    fn changes_arrive_in_their_order_and_a_full_queue_says_so() {
        let (mut sender, mut receiver) = channel(2);
        let changes = [Change::Gain(0.5), Change::Cutoff(-0.0)];
        assert_eq!(receiver.receive(), None);
        for change in changes {
            assert_eq!(sender.send(change), Ok(()));
        }
        let third = Change::Feedback(0.25);
        assert_eq!(sender.send(third), Err(third));
        for change in changes {
            assert_eq!(receiver.receive(), Some(change));
        }
        assert_eq!((sender.send(third), receiver.waiting()), (Ok(()), 1));
        assert_eq!(receiver.receive(), Some(third));
        assert_eq!((receiver.receive(), receiver.waiting()), (None, 0));
    }

    #[test]
    fn what_is_no_finite_number_is_not_sent() {
        let (mut sender, receiver) = channel(2);
        assert!(sender.send(Change::Gain(f32::NAN)).is_err());
        assert!(sender.send(Change::Cutoff(f32::INFINITY)).is_err());
        assert_eq!(receiver.waiting(), 0);
    }

    #[test]
    fn no_change_is_lost_between_threads() {
        const CHANGES: u16 = 10_000;
        let (mut sender, mut receiver) = channel(8);
        let user = thread::spawn(move || {
            for number in 0..CHANGES {
                while sender.send(Change::Gain(f32::from(number))).is_err() {
                    thread::yield_now();
                }
            }
        });
        let mut expected = 0;
        while expected < CHANGES {
            match receiver.receive() {
                Some(change) => {
                    assert_eq!(change, Change::Gain(f32::from(expected)));
                    expected += 1;
                }
                None => thread::yield_now(),
            }
        }
        user.join().unwrap();
    }
}
