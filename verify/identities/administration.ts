import { randomBytes } from "node:crypto";
import type { LiveClient } from "../../live/client.ts";
import { encrypted } from "../../live/encrypted-body.ts";
import { codeOf } from "../../live/faults.ts";
import type { Answer, Query } from "../../live/request.ts";
import type { Identity } from "./rights.ts";
import { judged, type Outcome } from "./try.ts";

/** What an identity of MinIO may do to itself unless a policy refuses it; none of ours may. */
export type OwnAdministration = "make a service account" | "set its own secret" | "end service accounts of its user";

export interface Administered {
  readonly operation: OwnAdministration;
  readonly outcome: Outcome;
  /** What the try made and couldn't end, for people: nothing may come of it. */
  readonly left?: string;
}

/** A policy that no server takes: what is asked for with it fails after the server has decided whether it is allowed. */
const IMPOSSIBLE_POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Neither", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::bucketworks-verify/*"] }],
};

/** The server looked first and found no such account: whether it would have ended one isn't told. */
const NO_SUCH_ACCOUNT = "XMinioInvalidIAMCredentials";

/**
 * Tries with an identity's key to make a service account, for a user to set its own secret, and to end a service
 * account that isn't there. Nothing comes of the first two: the server asks the policies first, and then can't use what
 * it was sent. The third is `untried` where the answer is that there is none: a server may look before it asks.
 * @throws DeadKey
 * @throws ReadError when the answer says neither yes nor no
 */
export async function tryOwnAdministration(
  { name, kind }: Identity,
  at: { own: LiveClient; deployer: LiveClient },
): Promise<Administered[]> {
  const { own, deployer } = at;
  const call = (client: LiveClient, method: "PUT" | "DELETE", path: string, query: Query, payload?: Buffer) => {
    const target = { bucketName: "minio", objectName: `admin/v3/${path}` };
    return client.send({ ...target, method, query, ...(payload !== undefined && { payload }) });
  };
  const accessKey = `verify${randomBytes(6).toString("hex")}`;
  const account = JSON.stringify({ policy: IMPOSSIBLE_POLICY, accessKey, secretKey: randomBytes(20).toString("hex") });
  const made = await call(own, "PUT", "add-service-account", {}, encrypted(own.server.secretKey, account));
  const tried: Administered[] = [
    { operation: "make a service account", outcome: decided(made, "XMinioMalformedIAMPolicy") },
  ];
  // A server that takes the impossible has made an account: it goes at once.
  if (made.status < 300) tried[0] = { operation: "make a service account", outcome: "allowed", ...(await ended()) };
  if (kind === "user") {
    // not encrypted, so it can't be read, and the secret stays what it is
    const set = await call(own, "PUT", "add-user", { accessKey: name }, Buffer.from("{}"));
    tried.push({ operation: "set its own secret", outcome: decided(set, "XMinioAdminConfigBadJSON") });
  }
  const absent = `verify${randomBytes(6).toString("hex")}`;
  const answer = await call(own, "DELETE", "delete-service-account", { accessKey: absent });
  const outcome = codeOf(answer) === NO_SUCH_ACCOUNT ? "untried" : judged(answer, own.server);
  return [...tried, { operation: "end service accounts of its user", outcome }];

  /** An account that is there still is a key to what its user may: its name must be known. */
  async function ended(): Promise<Pick<Administered, "left">> {
    const left = `service account ${accessKey} of ${name}`;
    const fault = await call(deployer, "DELETE", "delete-service-account", { accessKey }).then(
      (answer) => (answer.status < 300 ? undefined : (codeOf(answer) ?? String(answer.status))),
      (error: Error) => error.message,
    );
    return fault === undefined ? {} : { left: `${left} can't be removed with this key (${fault}): delete it` };
  }

  /** @param unusable code of the complaint about what was sent: it comes after the permission alone */
  function decided(answer: Answer, unusable: string): Outcome {
    return codeOf(answer) === unusable ? "allowed" : judged(answer, own.server);
  }
}
