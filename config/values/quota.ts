const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    KB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
    PB: 1e15,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40,
    PiB: 2 ** 50,
  }),
);

/** A smaller quota holds no object: a unit is missing. */
export const LEAST_BYTES = 2 ** 20;

/**
 * A quota in bytes, or why it is none. Numbers are whole bytes; text is a number and a unit, `500GiB`, `1.5TB`.
 * The result is a whole number of 1 MiB and more that JSON holds exactly.
 */
export function quotaBytes(quota: number | string): { bytes: number } | { fault: string } {
  const exact = typeof quota === "number" ? quota : bytesOf(quota);
  if (exact === null) return { fault: `must be whole bytes or a number with one of ${[...UNITS.keys()].join(", ")}` };
  if (exact === "fraction" || !Number.isInteger(exact)) return { fault: "must come to whole bytes" };
  if (exact < LEAST_BYTES) return { fault: "must be at least 1MiB" };
  if (!Number.isSafeInteger(exact)) return { fault: `must be at most ${Number.MAX_SAFE_INTEGER} bytes` };
  return { bytes: exact };
}

/** Exact arithmetic: `4.35GB` is 4350000000 bytes, not a float near it. */
function bytesOf(text: string): number | "fraction" | null {
  const parts = /^(-?\d{1,16})(?:\.(\d{1,6}))?([A-Za-z]*)$/.exec(text);
  const unit = UNITS.get(parts?.[3] ?? "");
  if (parts === null || unit === undefined) return null;
  const fraction = parts[2] ?? "";
  const scaled = BigInt(`${parts[1]}${fraction}`) * BigInt(unit);
  const scale = 10n ** BigInt(fraction.length);
  return scaled % scale === 0n ? Number(scaled / scale) : "fraction";
}

/** What to write instead of a quota that is none. */
export function quotaFix(quota: number | string): string {
  const fallback = "write a size like 500GiB; to have none, remove the key";
  if (typeof quota === "number") return quota > 0 && quota < LEAST_BYTES ? sizeFix(String(quota)) : fallback;
  if (bytesOf(quota) !== null) return wholeFix(quota) ?? fallback;
  if (/^(?:none|no|unlimited|infinite|never)$/i.test(quota.trim())) return "to have none, remove the key";
  const parts = /^(\d{1,16}(?:[.,]\d{1,6})?)[\s_]*([kmgtp]?)(i?)(?:b|bytes?)?$/i.exec(quota.trim());
  if (parts === null) return fallback;
  const [, number = "", letter = "", binary = ""] = parts;
  const amount = number.replace(",", ".");
  const unit = letter.toUpperCase();
  if (unit === "")
    return Number(amount) < LEAST_BYTES ? sizeFix(amount) : `write ${amount} without quotes: it is bytes`;
  if (binary !== "") return `write ${amount}${unit}iB`;
  const isShort = /[kmgtp]$/i.test(quota.trim());
  return isShort ? `write ${amount}${unit}B (1000) or ${amount}${unit}iB (1024)` : `write ${amount}${unit}B`;
}

/** A small number without a unit is never meant as bytes. */
function sizeFix(amount: string): string {
  return `write ${amount}GiB, or another unit: a number alone is bytes`;
}

/** The whole MiB below a size that comes to no whole bytes. */
function wholeFix(quota: string): string | null {
  const [, number = "", unit = ""] = /^([\d.]+)([A-Za-z]+)$/.exec(quota) ?? [];
  const mebibytes = Math.floor((Number(number) * (UNITS.get(unit) ?? 0)) / LEAST_BYTES);
  return mebibytes > 0 && Number.isSafeInteger(mebibytes * LEAST_BYTES)
    ? `write ${mebibytes}MiB, the next below`
    : null;
}

/** Bytes in the largest binary unit that keeps them whole, else in bytes. */
export function bytesText(bytes: number): string {
  const units = ["PiB", "TiB", "GiB", "MiB", "KiB"];
  for (const [index, unit] of units.entries()) {
    const size = 1024 ** (units.length - index);
    if (bytes % size === 0) return `${bytes / size} ${unit}`;
  }
  return `${bytes} B`;
}
