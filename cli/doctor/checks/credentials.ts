import { LiveClient } from "../../../live/client.ts";
import { answerFault, codeOf } from "../../../live/faults.ts";
import { jsonIn } from "../../../live/json.ts";
import { bucketsIn } from "../../../live/list-buckets.ts";
import { missingRights } from "../../../live/own-rights.ts";
import { ReadError } from "../../../live/read-error.ts";
import { counted } from "../../terminal/print.ts";
import { type Context, serverOf } from "../context.ts";
import { note, parted, right, type Seen, unknown, wrong } from "../finding.ts";

/** Whether there are credentials, and the server takes them: by a signed request for the list of buckets. */
export async function lookAtCredentials(at: Context): Promise<Seen[]> {
  if (at.found.kind === "no credentials") return [parted("wrong", at.found.why)];
  return withClient(at, async (client) => {
    const answer = await client.service();
    const { credentialsFrom = "the settings" } = client.server;
    if (codeOf(answer) === "AccessDenied") {
      return [note(`the server takes the credentials (${credentialsFrom}), which may not list buckets`)];
    }
    const names = answer.status === 200 ? bucketsIn(answer.body)?.map(({ name }) => name) : undefined;
    const code = codeOf(answer) ?? "";
    if (REFUSED.has(code)) {
      return [wrong(`the server refuses the credentials (${code})`, `put right what ${credentialsFrom} have`)];
    }
    if (names === undefined) throw answerFault(answer, client.server, { what: "the list of buckets" });
    return [
      right(`the server takes the credentials (${credentialsFrom}) and lists ${counted(names.length, "bucket")}`),
    ];
  });
}

/** Whether the credentials may do what a deployment does, by docs/deployer-policy.json. */
export async function lookAtRights(at: Context): Promise<Seen[]> {
  return withClient(at, async (client) => {
    const answer = await client.admin("accountinfo");
    const account = answer.status === 200 ? jsonIn(answer.body) : undefined;
    if (account === undefined) throw answerFault(answer, client.server, { what: "their own rights" });
    if (account.AccountName !== client.server.accessKey) {
      return [
        unknown("this is a service account: the server shows its user's rights, not its own", "deploy with a user"),
      ];
    }
    const missing = missingRights(account);
    if (missing.length === 0) return [right("they may do all that docs/deployer-policy.json permits")];
    const cure =
      "give the user docs/deployer-policy.json: mc admin policy create ALIAS bucketworks-deployer docs/deployer-policy.json";
    return [wrong(`the credentials lack rights of a deployer: ${missing.join(", ")}`, cure)];
  });
}

/** Whether each bucket of the specs is on the server (and which others are). */
export async function lookAtBuckets(at: Context): Promise<Seen[]> {
  return withClient(at, async (client) => {
    const answer = await client.service();
    const names = answer.status === 200 ? bucketsIn(answer.body)?.map(({ name }) => name) : undefined;
    if (names === undefined)
      throw answerFault(answer, client.server, { what: "the list of buckets", right: "s3:ListAllMyBuckets" });
    const { found } = at;
    const declared =
      found.kind === "none" ? [] : found.model.platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name));
    const missing = declared.filter((name) => !names.includes(name));
    const others = names.filter((name) => !declared.includes(name));
    const unmanaged =
      others.length === 0
        ? []
        : [note(`${counted(others.length, "bucket")} of no spec: ${some(others)}`, "bucketworks scan says more")];
    if (missing.length === 0)
      return [right(`all ${counted(declared.length, "declared bucket")} are there`), ...unmanaged];
    return [
      wrong(
        `${counted(missing.length, "declared bucket")} not on the server: ${some(missing)}`,
        "pulumi up makes them; bucketworks recover first where a run was killed",
      ),
      ...unmanaged,
    ];
  });
}

const REFUSED: ReadonlySet<string> = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch"]);
const MOST = 10;

function some(names: readonly string[]): string {
  return names.length <= MOST ? names.join(", ") : `${names.slice(0, MOST).join(", ")} and ${names.length - MOST} more`;
}

/** Asks the server; what it refuses is a finding. */
export async function withClient(at: Context, ask: (client: LiveClient) => Promise<readonly Seen[]>): Promise<Seen[]> {
  const client = new LiveClient(serverOf(at));
  try {
    return [...(await ask(client))];
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return [parted("wrong", error.message)];
  } finally {
    client.close();
  }
}
