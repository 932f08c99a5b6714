import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Checkout, checkoutAt } from "../../../cli/checkout.ts";
import { writeAlias } from "../../../cli/local/minio/mc-alias.ts";
import { ensureSecrets, requireDatabaseKey } from "../../../cli/local/secrets.ts";
import { notMade } from "../../../database/migrate.ts";

let checkout: Checkout;
beforeEach(() => {
  checkout = checkoutAt(mkdtempSync(join(tmpdir(), "bucketworks secrets ")));
  ensureSecrets(checkout);
});
afterEach(() => rmSync(checkout.root, { recursive: true, force: true }));

const KEY = Buffer.alloc(32, 7).toString("base64");

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test.for([
  ["root user", "rootUser", "ab"],
  ["root user", "rootUser", "user\0\0"],
  ["root password", "rootPassword", "short"],
  ["root password", "rootPassword", "two words of it"],
  ["root password", "rootPassword", "\0".repeat(40)],
  ["KMS key", "kmsKey", "!!!!"],
  ["KMS key", "kmsKey", `bucketworks-dev:${KEY.slice(0, 20)}`],
  ["KMS key", "kmsKey", KEY],
] as const)("a garbled %s is refused by name of its file, kept, and never shown: %s", ([what, key, text]) => {
  const file = checkout.minio[key];
  write(file, text);
  expect(() => ensureSecrets(checkout)).toThrow(
    new RegExp(`: the ${what} is garbled or cut: must be .*nothing was started`),
  );
  expect(() => ensureSecrets(checkout)).not.toThrow(text);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("a passphrase of zeros or of two lines is refused, one that a person chose isn't", () => {
  for (const text of ["\0\0\0\0", "one\ntwo"]) {
    write(checkout.passphrase, text);
    expect(() => ensureSecrets(checkout)).toThrow(/passphrase: the passphrase of the state is garbled or cut/);
  }
  write(checkout.passphrase, "correct horse \u00e9\n");
  expect(() => ensureSecrets(checkout)).not.toThrow();
});

describe("a key of the local databases", () => {
  test.for([
    ["of no byte at all", "!!!!"],
    ["cut by one byte", Buffer.alloc(31).toString("base64")],
    ["with a byte too many", Buffer.alloc(33).toString("base64")],
    ["without its end", KEY.slice(0, -1)],
    ["twice", `${KEY}\n${KEY}`],
    ["with bits that stand for nothing", `${"A".repeat(42)}B=`],
    ["of zeros", "\0".repeat(44)],
  ] as const)("%s is refused: passwords made from it could be computed", ([, text]) => {
    write(checkout.postgres.key, text);
    expect(() => requireDatabaseKey(checkout)).toThrow(
      /postgres\/key: .*exactly 32 bytes.*remove it: a new one is made/,
    );
  });

  test("of 32 bytes is taken", () => {
    write(checkout.postgres.key, `${KEY}\n`);
    expect(() => requireDatabaseKey(checkout)).not.toThrow();
  });
});

test("mc's own settings that are cut off are said, and not written over: they may hold other aliases", () => {
  write(checkout.mc.config, '{"aliases":{"mine":');
  expect(() => writeAlias(checkout, "127.0.0.1:9000")).toThrow(/mc\/config\.json: is cut off or garbled/);
  expect(readFileSync(checkout.mc.config, "utf8")).toBe('{"aliases":{"mine":');
});

test("a database for which the server's disk has no room is said in one sentence", () => {
  const error = Object.assign(new Error('could not extend file "base/5": No space left on device'), { code: "53100" });
  expect(notMade(error, "mlops_db")).toMatchObject({
    kind: "couldNotLook",
    message: expect.stringMatching(
      /^database mlops_db was not made: the disk of PostgreSQL has no room for it: .*\(53100\); free some there/,
    ),
  });
});
