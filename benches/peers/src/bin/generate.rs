//! Writes so many made-up cases as JSON lines: `generate 10000 cases.jsonl`.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use peers::{Failure, lines, made::Maker};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(count), Some(path)) = (arguments.next(), arguments.next()) else { return Err("say: generate COUNT FILE".into()) };
    let count: u32 = count.parse()?;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut line = String::new();
    for (number, draft) in (0..count).zip(Maker::default()) {
        lines::write(number, &draft, &mut line)?;
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    Ok(())
}
