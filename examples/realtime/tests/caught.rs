//! The callback keeps to what it promises, and callbacks that don't are caught.

use std::sync::Mutex;
use std::thread;

use hotbench::{count_allocs, no_alloc};
use realtime::{Change, Effect, channel};

const SAMPLE_RATE: f32 = 48_000.0;
const BLOCK: usize = 256;

#[test]
fn the_callback_keeps_to_it_on_a_thread_of_its_own_while_settings_change() {
    let (mut user, settings) = channel(64);
    let mut effect = Effect::new(SAMPLE_RATE, settings);
    let sound_card = thread::spawn(move || {
        let (input, mut output) = ([0.5; BLOCK], [0.0; BLOCK]);
        let mut loudest = 0.0_f32;
        for _ in 0..200 {
            effect.process(&input, &mut output);
            loudest = output.iter().copied().fold(loudest, f32::max);
        }
        loudest
    });
    for step in 0..50_u8 {
        // A full queue is no fault: the card may have ended.
        let _ = user.send(Change::Feedback(f32::from(step) / 100.0));
        let _ = user.send(Change::Cutoff(2_000.0 + f32::from(step)));
    }
    let loudest = sound_card.join().expect("the guard has nothing to say");
    assert!((0.5..=1.1).contains(&loudest), "{loudest}");
}

#[test]
fn it_neither_allocates_nor_frees() {
    let (_user, settings) = channel(64);
    let mut effect = Effect::new(SAMPLE_RATE, settings);
    let (input, mut output) = ([0.5; BLOCK], [0.0; BLOCK]);
    let ((), counts) = count_allocs(|| effect.process(&input, &mut output));
    assert_eq!((counts.allocs, counts.deallocs), (0, 0));
}

/// Keeps what was played, for a display.
#[no_alloc(deny_dealloc, forbid)]
fn record(played: &[f32], kept: &mut Vec<f32>) {
    kept.extend_from_slice(played);
}

#[test]
fn recording_within_the_capacity_passes() {
    let mut kept = Vec::with_capacity(2 * BLOCK);
    record(&[0.0; BLOCK], &mut kept);
    record(&[0.0; BLOCK], &mut kept);
    assert_eq!(kept.len(), 2 * BLOCK);
}

#[test]
#[should_panic(expected = "is `#[no_alloc(deny_dealloc, forbid)]`, but it allocated once")]
fn recording_beyond_the_capacity_is_caught() {
    let mut kept = Vec::with_capacity(BLOCK);
    record(&[0.0; BLOCK], &mut kept);
    record(&[0.0; BLOCK], &mut kept);
}

/// Plays by the window that the user has chosen last. The old one is dropped, here and now.
#[no_alloc(deny_dealloc, forbid)]
fn window(now: &mut Vec<f32>, chosen: &Mutex<Option<Vec<f32>>>) {
    if let Ok(mut chosen) = chosen.try_lock()
        && let Some(chosen) = chosen.take()
    {
        *now = chosen;
    }
}

/// A window on its way, and the one before on its way back.
struct Windows {
    chosen: Option<Vec<f32>>,
    old: Option<Vec<f32>>,
}

/// The same, but the old one goes back to the user, to be dropped there: no other is taken before that.
#[no_alloc(deny_dealloc, forbid)]
fn window_handed_back(now: &mut Vec<f32>, windows: &Mutex<Windows>) {
    if let Ok(mut windows) = windows.try_lock()
        && windows.old.is_none()
        && let Some(chosen) = windows.chosen.take()
    {
        windows.old = Some(std::mem::replace(now, chosen));
    }
}

#[test]
#[should_panic(expected = "is `#[no_alloc(deny_dealloc, forbid)]`, but it freed once")]
fn dropping_a_vec_is_caught() {
    let chosen = Mutex::new(Some(vec![1.0; BLOCK]));
    window(&mut vec![0.5; BLOCK], &chosen);
}

#[test]
fn handing_it_back_passes() {
    let windows = Mutex::new(Windows {
        chosen: Some(vec![1.0; BLOCK]),
        old: None,
    });
    let mut now = vec![0.5; BLOCK];
    // The second time there is none.
    for _ in 0..2 {
        window_handed_back(&mut now, &windows);
        assert_eq!(now, [1.0; BLOCK]);
    }
    assert_eq!(windows.into_inner().unwrap().old, Some(vec![0.5; BLOCK]));
}
