import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureSigningKey } from "../../../cli/local/services/signing-key.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signing-key-"));
  chmodSync(folder, 0o700);
});
afterEach(() => rmSync(folder, { recursive: true }));

const pem = (): string => readFileSync(join(folder, "signing.pem"), "utf8");
const published = (): { keys: [Record<string, string>] } => JSON.parse(readFileSync(join(folder, "jwks.json"), "utf8"));

test("the key that signs tokens is its owner's alone, and what is published verifies and holds nothing private", () => {
  ensureSigningKey(folder);
  expect(statSync(join(folder, "signing.pem")).mode & 0o777).toBe(0o600);
  const [key] = published().keys;
  expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  const text = Buffer.from("a token");
  const signature = sign("sha256", text, pem());
  expect(verify("sha256", text, createPublicKey({ key, format: "jwk" }), signature)).toBe(true);
});

test("a key that is there stays, so that tokens go on holding, and a JWKS that is gone comes back", () => {
  ensureSigningKey(folder);
  const [before, keys] = [pem(), published()];
  rmSync(join(folder, "jwks.json"));
  ensureSigningKey(folder);
  expect(pem()).toBe(before);
  expect(published()).toEqual(keys);
});

test.each([
  ["is cut", (): string => pem().slice(0, 300)],
  [
    "holds a key of another kind",
    (): string => String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
  ],
])("a signing key that %s is named with the way out, and stays as it is", (_, damaged) => {
  ensureSigningKey(folder);
  const text = damaged();
  writeFileSync(join(folder, "signing.pem"), text);
  expect(() => ensureSigningKey(folder)).toThrow(/signing\.pem holds no RSA key.*; remove it and run make services/);
  expect(pem()).toBe(text);
});
