import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { readText, writePrivate } from "../private-files.ts";

/** What signs tokens on this laptop; `model-api token` reads it. */
const PRIVATE = "signing.pem";
/** The public part, by which the API knows tokens. */
export const JWKS = "jwks.json";

/** Has a pair of keys in a service's folder, for its owner alone. One that is there stays: tokens signed by it go on holding. @throws CommandError where that one is damaged */
export function ensureSigningKey(folder: string): void {
  const file = join(folder, PRIVATE);
  const before = readText(file);
  const pem =
    before ?? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  if (before === undefined) writePrivate(file, String(pem));
  writePrivate(join(folder, JWKS), `${JSON.stringify(publicKeys(String(pem), file), null, 2)}\n`);
}

/** Its JWKS; a key is named by its thumbprint (RFC 7638). */
function publicKeys(pem: string, file: string): object {
  const { e, kty, n } = createPublicKey(privateKey(pem, file)).export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
  return { keys: [{ kty, n, e, kid, use: "sig", alg: "RS256" }] };
}

function privateKey(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // OpenSSL's words help nobody; told below.
  }
  const fix = "remove it and run make services: another one is made, and tokens that were signed before hold no longer";
  throw new CommandError(`${file} holds no RSA key, so no token can be signed; ${fix}`, EXIT.couldNotLook);
}
