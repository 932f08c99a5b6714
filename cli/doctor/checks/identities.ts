import { accessTo, accessUnknown } from "../../../live/bucket-access.ts";
import { answerFault, codeOf } from "../../../live/faults.ts";
import { jsonIn } from "../../../live/json.ts";
import { readIdentities } from "../../../live/read-identities.ts";
import { withReader } from "../../../live/reader.ts";
import { identityLine } from "../../../verify/identities/identity-words.ts";
import { counted } from "../../terminal/print.ts";
import { lookAtIdentities } from "../../verify/identities.ts";
import { type Context, modelOf, serverOf } from "../context.ts";
import { note, right, type Seen, unknown, wrong } from "../finding.ts";

/** Tries the key of each user and service account, as verify does. */
export async function lookAtKeys(at: Context): Promise<Seen[]> {
  const stack = { root: at.root, env: at.env, name: at.stage };
  const { identities, tries, findings, notTried } = await lookAtIdentities(modelOf(at), serverOf(at), stack);
  const cure = "bucketworks key rotate IDENTITY gives a new key; pulumi up --refresh gives rights back";
  return [
    ...findings.map((each) => wrong(identityLine(each), cure)),
    ...[...byReason(notTried)].map(([reason, names]) => unknown(`not tried: ${reason} (${names.join(", ")})`)),
    ...(findings.length + notTried.length === 0
      ? [right(`${counted(identities, "identity")} tried with their own keys, ${counted(tries, "request")}`)]
      : []),
  ];
}

function byReason(notTried: readonly { readonly identity: string; readonly reason: string }[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { identity, reason } of notTried) found.set(reason, [...(found.get(reason) ?? []), identity]);
  return found;
}

/** One bucket: its own policy, and who may what in it by the policies that identities hold. */
export async function lookAtBucket(at: Context): Promise<Seen[]> {
  const bucket = at.bucket ?? "";
  return withReader(serverOf(at), {}, async (reader) => {
    const { client } = reader;
    const answer = await client.bucket(bucket, "policy");
    if (codeOf(answer) === "NoSuchBucket")
      return [wrong(`there is no bucket ${bucket}`, "fix the name; bucketworks verify names those that are missing")];
    const none = codeOf(answer) === "NoSuchBucketPolicy";
    const document = answer.status === 200 ? jsonIn(answer.body) : undefined;
    if (document === undefined && !none)
      throw answerFault(answer, client.server, { what: `the policy of ${bucket}`, right: "s3:GetBucketPolicy" });
    const own = note(
      none
        ? `${bucket} has no policy of its own: nobody gets in without a key`
        : `the policy of ${bucket}: ${JSON.stringify(document)}`,
    );
    const found = await readIdentities(reader, []);
    const reason = "reason" in found.users ? found.users.reason : undefined;
    if (reason !== undefined) return [own, unknown(`who may what in ${bucket} isn't known: ${reason}`)];
    const access = accessTo(bucket, found);
    const notKnown = accessUnknown(found).map((each) => unknown(`who else may what in ${bucket} isn't known: ${each}`));
    if (access.length + notKnown.length === 0)
      return [own, note(`no user's policies name ${bucket}; root may everything`)];
    return [
      own,
      ...access.map(({ identity, actions }) => right(`${identity} may in ${bucket}: ${actions.join(", ")}`)),
      ...notKnown,
    ];
  });
}
