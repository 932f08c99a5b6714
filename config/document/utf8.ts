/** Offset of the first byte that is no UTF-8, or null. */
export function firstBadByte(bytes: Uint8Array): number | null {
  if (isUtf8(bytes)) return null;
  let good = 0;
  let bad = bytes.byteLength;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isUtf8Start(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // a lead byte without its followers is itself the fault
  while (!isUtf8(bytes.subarray(0, good))) good--;
  return good;
}

function isUtf8(bytes: Uint8Array): boolean {
  return decodes(bytes, false);
}

/** As `isUtf8`, but a character cut off at the end is no fault. */
function isUtf8Start(bytes: Uint8Array): boolean {
  return decodes(bytes, true);
}

function decodes(bytes: Uint8Array, stream: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
}
