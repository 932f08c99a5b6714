import { createSign, generateKeyPairSync } from "node:crypto";

/** Who signs tokens in a test, and for whom. */
export const ISSUER = "https://id.example.com";
const AUDIENCE = "model-api";

/** A key that signs tokens, and the set by which they are known. */
export class Signer {
  readonly #pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  /** JSON Web Key Set, without the private key. */
  readonly jwks = JSON.stringify({
    keys: [{ ...this.#pair.publicKey.export({ format: "jwk" }), kid: "test", use: "sig", alg: "RS256" }],
  });

  /** A token that holds an hour. */
  token(subject: string, roles: readonly string[]): string {
    const part = (given: object): string => Buffer.from(JSON.stringify(given)).toString("base64url");
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: subject, roles, iat: now, exp: now + 3600 };
    const signed = `${part({ alg: "RS256", typ: "JWT", kid: "test" })}.${part(claims)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(this.#pair.privateKey, "base64url")}`;
  }
}
