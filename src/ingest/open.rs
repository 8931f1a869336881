//! Opening a file that may be gzipped, whatever it is called.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use super::error::IngestError;

/// Bytes taken from the system at a time.
const BUFFER: usize = 256 << 10;
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
