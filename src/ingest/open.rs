//! Opening a file that may be gzipped, whatever it is called.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use super::error::IngestError;

/// Bytes taken from the system at a time.
const BUFFER: usize = 256 << 10;
/// Bytes that tell how long lines are.
const LOOK: u64 = 256 << 10;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// What some editors put before UTF-8.
pub(super) const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Opens a file; one that is gzipped is unpacked on the way.
///
/// # Errors
///
/// [`IngestError::Open`] when the file is not there, may not be read or is a folder.
pub fn open(path: &Path) -> Result<Box<dyn BufRead + Send>, IngestError> {
    let fault = |source| IngestError::Open { path: path.to_owned(), source };
    let file = File::open(path).map_err(fault)?;
    unpack(file).map_err(fault)
}

/// About how many lines a file has, told from its first ones; `None` when these do not tell: a pipe, a gzipped file.
#[must_use]
pub fn lines_about(path: &Path) -> Option<u64> {
    // To open a pipe would already be to wait for it.
    let size = fs::metadata(path).ok().filter(fs::Metadata::is_file)?.len();
    let mut first = Vec::new();
    File::open(path).ok()?.take(LOOK).read_to_end(&mut first).ok()?;
    let ends = first.split(|byte| *byte == b'\n').skip(1).count();
    if first.starts_with(&GZIP) {
        return None;
    }
    u64::try_from(ends).ok()?.checked_mul(size)?.checked_div(u64::try_from(first.len()).ok()?)
}

/// Takes any input, such as the standard one; one that is gzipped (by its first two bytes) is unpacked on the way.
///
/// # Errors
///
/// The first bytes cannot be read.
pub fn unpack(mut input: impl Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut first = Vec::with_capacity(GZIP.len());
    // A pipe may give one byte at a time, so that a look into a buffer would not do.
    input.by_ref().take(2).read_to_end(&mut first)?;
    let packed = first == GZIP;
    let whole = BufReader::with_capacity(BUFFER, Cursor::new(first).chain(input));
    if packed {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole))));
    }
    Ok(Box::new(whole))
}
