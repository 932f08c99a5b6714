import crypto, { createCipheriv, pbkdf2Sync } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { decrypted, encrypted } from "../../live/encrypted-body.ts";

const SECRET = "secret-of-the-test";
const TEXT = '{"ada":{"status":"enabled"},"\\u001b[2J":{"status":"disabled"}}';

/** Made by madmin-go 3.0.109 and its sio-go. */
const BY_MINIO = {
  "argon2id and AES-GCM":
    "StyyrUslH4noXonJBOXkgElG72wS/Zpr+FFl0MXHPggATpNS2vyTNiJXuLC8TlboT/slXxdoU2vl/9H1dBAx/KwJ90QnRUnqWPB+58gJI+1jABtFKgexc7zZJ8mMs1i69oClROdgSf3XRqjm7LJKzLX+zyT9r8Q=",
  "argon2id and ChaCha20-Poly1305":
    "8ngh3TiFmaMk8eiE1JSUQnkv8359Un9KHwOf9veblbcBBeFk5ESXJx2R3rn4gP991TCJKzVDPQkIa3slx7ZQAB20A30UqkRmG7YIMKemrV2jLkNI99GYhnV2DbW64/p50CcRD49DtX17mP1I68Xwnd8NpIKGhAI=",
};

test.each(Object.entries(BY_MINIO))("an answer encrypted by MinIO with %s is decrypted", async (_, body) => {
  expect(await decrypted(SECRET, Buffer.from(body, "base64"))).toBe(TEXT);
});

describe("on a Node without argon2 of its own", () => {
  const own = Object.getOwnPropertyDescriptor(crypto, "argon2");
  afterEach(() => {
    if (own !== undefined) Object.defineProperty(crypto, "argon2", own);
  });

  test.each(Object.entries(BY_MINIO))("an answer encrypted by MinIO with %s is decrypted, too", async (_, body) => {
    Reflect.deleteProperty(crypto, "argon2");
    expect("argon2" in crypto).toBe(false);
    expect(await decrypted(SECRET, Buffer.from(body, "base64"))).toBe(TEXT);
  });
});

test("what we encrypt for MinIO is decrypted with the same secret", async () => {
  expect(await decrypted(SECRET, encrypted(SECRET, TEXT))).toBe(TEXT);
});

describe("a long answer", () => {
  const PACKET = 16 * 1024;
  const text = "0123456789abcdef".repeat(3 * 1024);
  const [salt, nonce] = [Buffer.alloc(32, 1), Buffer.alloc(8, 2)];
  const key = pbkdf2Sync(SECRET, salt, 8192, 32, "sha256");
  const packet = (count: number, data: string, associated: Buffer): Buffer => {
    const number = Buffer.from([count, 0, 0, 0]);
    const cipher = createCipheriv("aes-256-gcm", key, Buffer.concat([nonce, number])).setAAD(associated);
    return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
  };
  const empty = packet(0, "", Buffer.alloc(0));
  const packets = [0, 1, 2].map((index) => {
    const mark = Buffer.from([index === 2 ? 0x80 : 0]);
    return packet(index + 1, text.slice(index * PACKET, (index + 1) * PACKET), Buffer.concat([mark, empty]));
  });
  const body = (...parts: readonly (Buffer | undefined)[]): Buffer =>
    Buffer.concat([salt, Buffer.from([2]), nonce, ...parts.flatMap((part) => part ?? [])]);

  test("is decrypted whole", async () => {
    expect(text).toHaveLength(3 * PACKET);
    expect(await decrypted(SECRET, body(...packets))).toBe(text);
  });

  test.each<[string, Buffer]>([
    ["without its end", body(packets[0], packets[1])],
    ["without a part of the middle", body(packets[0], packets[2])],
    ["in another order", body(packets[1], packets[0], packets[2])],
    ["cut off within a packet", body(...packets).subarray(0, -20)],
    ["of no packet", body()],
    ["that isn't one", Buffer.from("<html>hello</html>".repeat(9))],
    ["of an unknown kind", Buffer.concat([salt, Buffer.from([9]), nonce, ...packets])],
  ])("%s is none", async (_, garbled) => {
    expect(await decrypted(SECRET, garbled)).toBeUndefined();
  });

  test("encrypted with another secret is none", async () => {
    expect(await decrypted("another", body(...packets))).toBeUndefined();
  });
});
