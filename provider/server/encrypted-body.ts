import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

const [SALT, NONCE, TAG, LARGEST] = [32, 8, 16, 16 * 1024];
/** MinIO's number for PBKDF2 and AES-256-GCM. */
const KIND = 2;

/**
 * A body that MinIO's admin API takes encrypted alone, with the secret of who asks: salt, kind, nonce and one packet. The
 * nonce of a packet ends in its number; its associated data are the tag of an empty packet 0, after a byte that marks the last.
 * https://github.com/minio/madmin-go/blob/v3.0.109/encrypt.go
 */
export function encryptedBody(secret: string, text: string): Uint8Array {
  if (Buffer.byteLength(text) > LARGEST) throw new RangeError(`a body of one packet holds ${LARGEST} bytes at most`);
  const [salt, nonce] = [randomBytes(SALT), randomBytes(NONCE)];
  const key = pbkdf2Sync(secret, salt, 8192, 32, "sha256");
  const packet = (number: number, content: string, associated: Uint8Array): Buffer => {
    const numbered = Buffer.concat([nonce, Buffer.of(number, 0, 0, 0)]);
    const cipher = createCipheriv("aes-256-gcm", key, numbered, { authTagLength: TAG }).setAAD(associated);
    return Buffer.concat([cipher.update(content, "utf8"), cipher.final(), cipher.getAuthTag()]);
  };
  const associated = Buffer.concat([Buffer.of(0x80), packet(0, "", Buffer.alloc(0))]);
  return Buffer.concat([salt, Buffer.of(KIND), nonce, packet(1, text, associated)]);
}
