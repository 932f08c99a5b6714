import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quotaBytes } from "../../../config/values/quota.ts";

const units = {
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

describe("a quota", () => {
  test.each([
    ["500GiB", 536_870_912_000],
    ["10GB", 10_000_000_000],
    ["1.5TiB", 1_649_267_441_664],
    ["4.35GB", 4_350_000_000],
    [2_097_152, 2_097_152],
    ["1024KiB", 1_048_576],
  ])("%s is %i bytes", (quota, bytes) => {
    expect(quotaBytes(quota)).toEqual({ bytes });
  });

  test.each([
    "",
    "GiB",
    "500",
    "500 GiB",
    "500gib",
    "500Gib",
    "5G",
    "0x10GB",
    "1e3GB",
    ".5GB",
    "5.GB",
    "١GB",
    "500GiB\n",
  ])("%j is none", (quota) => {
    expect(quotaBytes(quota)).toHaveProperty("fault");
  });

  test.each([
    0,
    -1,
    10,
    1_048_575,
    "1023KiB",
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    "0GB",
    "-5GB",
    "9999PiB",
    "0.0001KB",
  ])("%s is none", (quota) => {
    expect(quotaBytes(quota)).toHaveProperty("fault");
  });

  test("whole numbers with a unit are that many units, exactly", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1049, max: 8000 }),
        fc.constantFrom(...Object.entries(units)),
        (count, [unit, size]) => {
          expect(quotaBytes(`${count}${unit}`)).toEqual({ bytes: count * size });
        },
      ),
    );
  });

  test("any text answers bytes or a fault, never both, never a crash", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = quotaBytes(text);
        expect("bytes" in result).toBe(!("fault" in result));
      }),
    );
  });
});
