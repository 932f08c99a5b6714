import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketArn, bucketNameFaults, hasLayerPrefix, objectArn } from "../../../config/values/names.ts";

describe("a bucket name", () => {
  test.each(["abc", "00-raw-usdcop-marketdata", "usdcop-l6-backtest", "a".repeat(63), "minio-data", "123"])(
    "%s is good",
    (name) => {
      expect(bucketNameFaults(name)).toEqual([]);
    },
  );

  test("every rule it breaks is named", () => {
    expect(bucketNameFaults("A").map(({ message }) => message)).toEqual([
      "must have 3 to 63 characters, has 1",
      "must be kebab-case: lower-case letters, digits and single dashes between them",
    ]);
  });

  test("with a letter that has a mark is meant with the letter", () => {
    expect(bucketNameFaults("räw-däta").map(({ fix }) => fix)).toEqual(['write "raw-data"']);
  });

  test("the fix is itself a good name, or words", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3, maxLength: 63 }), (name) => {
        for (const { fix } of bucketNameFaults(name)) {
          const better = /^write "(.*)"$/.exec(fix)?.[1];
          if (better !== undefined) expect(better).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        }
      }),
    );
  });
});

test("a layer prefix is two digits and a dash", () => {
  expect(["00-raw", "99-common"].every(hasLayerPrefix)).toBe(true);
  expect(["0-raw", "000-raw", "00raw", "a0-raw", "raw-00-x"].some(hasLayerPrefix)).toBe(false);
});

test("ARNs", () => {
  expect(bucketArn("logs")).toBe("arn:aws:s3:::logs");
  expect(objectArn("logs", "public/*")).toBe("arn:aws:s3:::logs/public/*");
});
