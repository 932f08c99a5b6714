import { expect, test } from "vitest";
import { isKmsKey } from "../../../config/stack/kms-key.ts";

const key = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");

test.each([`minio:${key(32)}`, `house-1:${key(32)}`])("%s is a key", (good) => {
  expect(isKmsKey(good)).toBe(true);
});

test.each([
  ["no name", key(32)],
  ["an empty name", `:${key(32)}`],
  ["a name with a blank", `my key:${key(32)}`],
  ["too few bytes", `minio:${key(31)}`],
  ["too many bytes", `minio:${key(33)}`],
  ["another alphabet", `minio:${key(32).replace("B", "-")}`],
  ["a line's end", `minio:${key(32)}\n`],
])("%s is refused", (_, bad) => {
  expect(isKmsKey(bad)).toBe(false);
});
