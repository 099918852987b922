use hotbench::allow_alloc;

#[allow_alloc(reason = "a slow path")]
fn log(message: &str) -> String {
    message.to_owned()
}

fn main() {
    log("text");
}
