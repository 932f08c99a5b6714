import type { PolicyDocument } from "../provider/bucket-types.ts";
import { answerFault, codeOf } from "./faults.ts";
import { jsonIn } from "./json.ts";
import type { LiveServer, Look } from "./live-server.ts";
import { ReadError } from "./read-error.ts";
import type { Reader } from "./reader.ts";
import type { Answer } from "./request.ts";

type Policies = Pick<LiveServer, "policies" | "policyList">;

/**
 * Policies, in one answer. MinIO takes documents that it can't write out, those with `NotAction` for example, and one
 * of them breaks its whole list: then those whose names are known are asked for one by one.
 * @param known names from specs, users and groups
 */
export async function readPolicies(reader: Reader, known: () => Promise<readonly string[]>): Promise<Policies> {
  const list = await reader.look(() => listed(reader));
  if (!("value" in list)) return { policies: new Map(), policyList: list };
  if (list.value !== undefined) {
    const found = Object.entries(list.value).map(
      ([name, value]) => [name, { value: value as PolicyDocument }] as const,
    );
    return { policies: new Map(found), policyList: { value: true } };
  }
  const names = [...new Set(await known())].sort();
  const looks = await reader.lookAtEach(names, (name) => readPolicy(reader, name));
  const policies = new Map(names.map((name, index) => [name, looks[index] as Look<PolicyDocument | null>]));
  const reason =
    "MinIO can't make its list of policies, for one of them that it can't write out (NotAction does that); those that a spec, a user or a group names were read one by one, others aren't known";
  return { policies, policyList: { reason } };
}

/** @returns undefined where the server can't make the list @throws ReadError */
async function listed({ client }: Reader): Promise<Record<string, unknown> | undefined> {
  const answer = await client.admin("list-canned-policies");
  const policies = answer.status === 200 ? jsonIn(answer.body) : undefined;
  if (policies === undefined && !isServersFault(answer))
    throw answerFault(answer, client.server, { what: "policies", right: "admin:ListUserPolicies" });
  return policies;
}

/** @returns null where the server says that there is none @throws ReadError */
async function readPolicy({ client }: Reader, name: string): Promise<PolicyDocument | null> {
  const answer = await client.admin("info-canned-policy", { name });
  if (codeOf(answer) === "XMinioAdminNoSuchPolicy") return null;
  const document = answer.status === 200 ? jsonIn(answer.body) : undefined;
  if (document !== undefined) return document as unknown as PolicyDocument;
  if (isServersFault(answer))
    throw new ReadError(
      `MinIO can't write its document out (NotAction does that); mc admin policy rm ALIAS NAME removes it`,
      false,
    );
  throw answerFault(answer, client.server, { what: `policy ${name}`, right: "admin:GetPolicy" });
}

function isServersFault(answer: Answer): boolean {
  return codeOf(answer) === "InternalError";
}
