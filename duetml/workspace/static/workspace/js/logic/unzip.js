/* Reading a zip file (APPNOTE 6.3): its directory at the end, then one file at a time. Nothing is trusted: names are
 * only words, sizes are checked while unpacking, and files in files are not opened. */

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const BIGGER = 0xffffffff; // "see the ZIP64 field", which only files beyond 4 GB need
const STORED = 0;
const DEFLATED = 8;
const IS_ENCRYPTED = 1;
const IS_UTF8 = 1 << 11;

/** Something is wrong with the archive. */
export class UnzipError extends Error {}

/** The files in a zip, in its order: [{path, size, isLocked, read() -> Promise<Blob>}]. `path` is the name as it was
 * written, `size` what it says of itself; `read` fails where it is not true. At most `most` are listed; `isMore` says
 * whether there were others. */
export async function listZip(blob, most) {
  const end = await findEnd(blob);
  const directory = await view(blob, end.start, end.start + end.bytes);
  const entries = [];
  let at = 0;
  for (let number = 0; number < end.count && entries.length < most; number += 1) {
    if (at + ENTRY_BYTES > directory.byteLength || directory.getUint32(at, true) !== ENTRY) throw new UnzipError("entry");
    const lengths = [28, 30, 32].map((offset) => directory.getUint16(at + offset, true));
    const next = at + ENTRY_BYTES + lengths[0] + lengths[1] + lengths[2];
    if (next > directory.byteLength) throw new UnzipError("entry");
    const entry = readEntry(blob, directory, at, lengths[0]);
    if (!entry.path.endsWith("/")) entries.push(entry);
    at = next;
  }
  return { entries, isMore: end.count > most };
}

function readEntry(blob, directory, at, nameLength) {
  const flags = directory.getUint16(at + 8, true);
  const packed = directory.getUint32(at + 20, true);
  const size = directory.getUint32(at + 24, true);
  const found = { method: directory.getUint16(at + 10, true), packed, size, start: directory.getUint32(at + 42, true) };
  const name = new Uint8Array(directory.buffer, directory.byteOffset + at + ENTRY_BYTES, nameLength);
  return {
    path: decoded(name, Boolean(flags & IS_UTF8)).replaceAll("\\", "/"),
    size,
    isLocked: Boolean(flags & IS_ENCRYPTED),
    read: () => unpack(blob, found),
  };
}

/** Where the directory is: {start, bytes, count}. */
async function findEnd(blob) {
  const from = Math.max(0, blob.size - END_BYTES - LONGEST_COMMENT);
  const tail = await view(blob, from, blob.size);
  for (let at = tail.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END) continue;
    const [count, bytes, start] = [tail.getUint16(at + 10, true), tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    if (start === BIGGER || start + bytes > blob.size) throw new UnzipError("directory");
    return { start, bytes, count };
  }
  throw new UnzipError("no directory");
}

async function unpack(blob, { method, packed, size, start }) {
  const header = await view(blob, start, start + LOCAL_BYTES);
  if (header.byteLength < LOCAL_BYTES || header.getUint32(0, true) !== LOCAL) throw new UnzipError("file");
  const from = start + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (from + packed > blob.size) throw new UnzipError("file");
  const body = blob.slice(from, from + packed);
  if (method === STORED && packed === size) return body;
  if (method !== DEFLATED) throw new UnzipError("method");
  return inflated(body, size);
}

/** Exactly `size` bytes, or an error: a bomb is left as soon as it turns out to be one. */
async function inflated(body, size) {
  const reader = body.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const pieces = [];
  let read = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    read += piece.value.byteLength;
    if (read > size) {
      await reader.cancel();
      break;
    }
    pieces.push(piece.value);
  }
  if (read !== size) throw new UnzipError("size");
  return new Blob(pieces);
}

async function view(blob, from, to) {
  return new DataView(await blob.slice(from, to).arrayBuffer());
}

/** Names of old programs are in the code page of their country: Shift_JIS in Japan. */
function decoded(bytes, isUtf8) {
  for (const encoding of isUtf8 ? ["utf-8"] : ["utf-8", "shift_jis"]) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // the next one
    }
  }
  return new TextDecoder("windows-1252").decode(bytes);
}
