import { createHmac } from "node:crypto";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

/**
 * What Prometheus may do on the server: read its metrics. A token of root's would do more than that: servers take one
 * another by the same form, so a holder of it reads and writes every drive.
 */
export function metricsPolicy(): PolicyDocument {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["admin:Prometheus"] }] };
}

/**
 * The bearer token of a user for the server's metrics: a JSON Web Token, signed with the user's secret key, as
 * `mc admin prometheus generate` makes it. It says no time, so that it is the same in every preview; it ends with its user.
 * @see https://github.com/minio/minio/blob/master/cmd/jwt.go
 */
export function metricsToken({ user, secret }: { readonly user: string; readonly secret: string }): string {
  const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString("base64url");
  const signed = `${part({ alg: "HS512", typ: "JWT" })}.${part({ iss: "prometheus", sub: user })}`;
  return `${signed}.${createHmac("sha512", secret).update(signed).digest("base64url")}`;
}
