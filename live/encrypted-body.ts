import crypto, { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { promisify } from "node:util";

/*
 * Bodies of MinIO's admin API that are encrypted with the secret of the sender: salt, kind, nonce, then packets of 16 KiB
 * and a tag each. A packet's number is a part of its nonce; its associated data are the tag of an empty packet 0, after a
 * byte that marks the last one, so that no packet can be left out or moved.
 * https://github.com/minio/madmin-go/blob/v3.0.109/encrypt.go
 */
const [ARGON2_CHACHA, PBKDF2_GCM, KINDS] = [1, 2, 3];
const [SALT, NONCE, TAG, PACKET] = [32, 8, 16, 16 * 1024];
const HEAD = SALT + 1 + NONCE;

/** The text of a body; undefined where it wasn't encrypted with this secret. */
export async function decrypted(secret: string, body: Buffer): Promise<string | undefined> {
  const kind = body[SALT] ?? KINDS;
  if (body.length < HEAD + TAG || kind >= KINDS) return undefined;
  const key = await keyOf(secret, body.subarray(0, SALT), kind);
  const packets = packetsOf(
    kind === ARGON2_CHACHA ? "chacha20-poly1305" : "aes-256-gcm",
    key,
    body.subarray(SALT + 1, HEAD),
  );
  const parts: Buffer[] = [];
  try {
    for (let start = HEAD, count = 1; start < body.length; start += PACKET + TAG, count++) {
      const packet = body.subarray(start, start + PACKET + TAG);
      parts.push(packets.open(count, packet, start + packet.length === body.length));
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** A body for the server, of one packet at most. */
export function encrypted(secret: string, text: string): Buffer {
  const [salt, nonce] = [randomBytes(SALT), randomBytes(NONCE)];
  const packets = packetsOf("aes-256-gcm", pbkdf2(secret, salt), nonce);
  return Buffer.concat([salt, Buffer.from([PBKDF2_GCM]), nonce, packets.seal(1, text, true)]);
}

async function keyOf(secret: string, salt: Buffer, kind: number): Promise<Uint8Array> {
  if (kind === PBKDF2_GCM) return pbkdf2(secret, salt);
  const [iterations, memory, parallelism, length] = [1, 64 * 1024, 4, 32];
  // Node's own, from 24.7 on, takes half the time and none of it from the program
  const { argon2 } = crypto as { readonly argon2?: Argon2 };
  if (argon2 !== undefined) {
    const cost = { passes: iterations, memory, parallelism, tagLength: length };
    return promisify(argon2)("argon2id", { message: secret, nonce: salt, ...cost });
  }
  const { argon2id } = await import("hash-wasm");
  const cost = { iterations, memorySize: memory, parallelism, hashLength: length };
  return argon2id({ password: secret, salt, ...cost, outputType: "binary" });
}

type Argon2 = (
  kind: "argon2id",
  options: Readonly<Record<string, string | number | Buffer>>,
  done: (error: Error | null, key: Buffer) => void,
) => void;

function pbkdf2(secret: string, salt: Buffer): Buffer {
  return pbkdf2Sync(secret, salt, 8192, 32, "sha256");
}

function packetsOf(cipher: "aes-256-gcm" | "chacha20-poly1305", key: Uint8Array, nonce: Buffer) {
  // Node's types have a signature a cipher; these two are used alike
  const [name, options] = [cipher as "chacha20-poly1305", { authTagLength: TAG }];
  const numbered = (count: number): Buffer => {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(count);
    return Buffer.concat([nonce, number]);
  };
  const encrypted = (count: number, text: string, associated: Buffer): Buffer => {
    const by = createCipheriv(name, key, numbered(count), options).setAAD(associated, {
      plaintextLength: Buffer.byteLength(text),
    });
    return Buffer.concat([by.update(text, "utf8"), by.final(), by.getAuthTag()]);
  };
  const empty = encrypted(0, "", Buffer.alloc(0));
  const associated = (isLast: boolean): Buffer => Buffer.concat([Buffer.from([isLast ? 0x80 : 0]), empty]);
  return {
    seal: (count: number, text: string, isLast: boolean): Buffer => encrypted(count, text, associated(isLast)),
    /** @throws where the packet isn't the one with that number */
    open: (count: number, packet: Buffer, isLast: boolean): Buffer => {
      const [text, tag] = [packet.subarray(0, -TAG), packet.subarray(-TAG)];
      const by = createDecipheriv(name, key, numbered(count), options);
      by.setAAD(associated(isLast), { plaintextLength: text.length }).setAuthTag(tag);
      return Buffer.concat([by.update(text), by.final()]);
    },
  };
}
