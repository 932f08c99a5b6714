import fc from "fast-check";
import { expect, test } from "vitest";
import { partsOf, WHOLE } from "../../../backup/restore/parts.ts";

const GIB = 1024 ** 3;
/** The largest object that S3 has: 5 TiB; MinIO takes 50. */
const MOST = 48 * 1024 * GIB;

test("small objects are written by one request, larger ones in parts, of which the last may be short", () => {
  expect([0, 1, WHOLE].map(partsOf)).toEqual([[], [], []]);
  expect(partsOf(WHOLE + 1)).toEqual([
    { number: 1, first: 0, last: WHOLE - 1 },
    { number: 2, first: WHOLE, last: WHOLE },
  ]);
  expect(partsOf(6 * GIB)).toHaveLength(24);
});

test("parts follow each other without a gap, and are as many and as large as S3 takes", () =>
  fc.assert(
    fc.property(fc.integer({ min: WHOLE + 1, max: MOST }), (size) => {
      const parts = partsOf(size);
      expect(parts.length).toBeLessThanOrEqual(10_000);
      expect(parts.at(-1)?.last).toBe(size - 1);
      for (const [index, { number, first, last }] of parts.entries()) {
        expect([number, first]).toEqual([index + 1, (parts[index - 1]?.last ?? -1) + 1]);
        expect(last - first).toBeLessThan(5 * GIB);
        if (index < parts.length - 1) expect(last - first + 1).toBeGreaterThanOrEqual(5 * 1024 ** 2);
      }
    }),
    { numRuns: 50 },
  ));
