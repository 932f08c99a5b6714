import { replacedText } from "../../config/values/key-note.ts";
import { accountsOf } from "../../live/read-accounts.ts";
import { ReadError } from "../../live/read-error.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import type { Key } from "../key/formats.ts";
import { keyOf, stackKeys } from "../key/stack-keys.ts";
import { STACK } from "../local/stack/name.ts";
import { recoverFirst } from "../recover.ts";
import { onServer } from "../target/on-server.ts";
import { counted } from "../terminal/print.ts";
import { type Progress, step } from "../terminal/progress.ts";
import { chosenAccounts } from "./choose.ts";
import { deployKeys } from "./deploy.ts";
import { editStackState, forgetKeys } from "./forget.ts";
import { refreshArchiveKey, refreshKeptFiles } from "./kept-files.ts";
import { localReaders } from "./local-readers.ts";
import { type AccountKey, type KeyLook, lookAtKeys, type StackAt } from "./look.ts";
import { endOfGrace } from "./phase.ts";
import { setAside } from "./set-aside.ts";

const AGAIN = "old and new keys are taken as before; fix the cause, then run it again";

/**
 * Brings keys as far as they can go now: new ones made and delivered, the server asked whether it takes them, old ones ended
 * whose grace is over. Each step is settled in state and server before the next, so that another run goes on from there.
 * @param names service accounts; undefined is all that are due
 * @returns what was done, a line each
 */
export async function rotateKeys(
  at: StackAt,
  names: readonly string[] | undefined,
  progress: Progress,
): Promise<string[]> {
  const lines = await recoverFirst(at.root, at.stack, at.env);
  const look = await lookAtKeys(at);
  const { accounts, untouched } = chosenAccounts(look.accounts, names, at.stack);
  const of = (...phases: string[]) => accounts.filter(({ phase }) => phases.includes(phase.phase));
  const revoked = of("revoke");
  if (revoked.length > 0)
    lines.push(...(await step(progress, `ending ${old(revoked)}`, () => revoke(at, look, revoked), said)));
  const begun = of("current", "due");
  if (begun.length > 0) await setKeysAside(at, begun);
  const issued = [...begun, ...of("issue", "deliver")];
  if (issued.length > 0)
    lines.push(
      ...(await step(progress, `making ${counted(issued.length, "new key")}`, () => issue(at, look, issued), said)),
    );
  return [...lines, ...untouched];
}

const old = (accounts: readonly AccountKey[]): string => counted(accounts.length, "old key");
const said = (lines: readonly string[]): string => lines[0] ?? "done";

/** One import for all: each account's key is its former one, and the next update makes another. */
async function setKeysAside(at: StackAt, accounts: readonly AccountKey[]): Promise<void> {
  const urns = accounts.flatMap(({ resource }) => resource?.urn ?? []);
  await editStackState(at, (deployment) => setAside(deployment, urns));
}

async function issue(at: StackAt, look: KeyLook, accounts: readonly AccountKey[]): Promise<string[]> {
  const targets = accounts.map(currentUrn);
  const failure = await deployKeys(at, { targets, dependents: true, ended: [], stage: look.model.stage });
  const names = accounts.map(({ name }) => name).join(", ");
  if (failure !== undefined)
    throw new CommandError(`rotate: not finished (${names}): pulumi up failed; ${AGAIN}\n${failure}`, EXIT.findings);
  const keys = await stackKeys(at.root, at.env, at.stack);
  const lines: string[] = [];
  for (const account of accounts) lines.push(...(await settle(at, look, account, keyOf(keys, account.name))));
  return lines;
}

/** The new key taken by the server, and in its files; then the grace of the old one begins, which the server remembers. */
async function settle(at: StackAt, { server, model }: KeyLook, account: AccountKey, key: Key): Promise<string[]> {
  const { name, rotation } = account;
  const { accessKey: former = "", user = "" } = account.previous ?? account.resource ?? {};
  const ends = endOfGrace(rotation, new Date());
  const { accessKey, secretKey } = key;
  const [{ takesKey }, { describeServiceAccount }] = await Promise.all([
    import("../../provider/server/sessions.ts"),
    import("../../provider/server/service-accounts.ts"),
  ]);
  const failed = `rotate: ${name} has its new key, and the grace of the old one hasn't begun; run it again`;
  const isTaken = await onServer({ ...server, accessKey, secretKey }, failed, takesKey);
  if (!isTaken) throw new CommandError(`${failed}: the server refuses the new key`, EXIT.findings);
  const files = [
    ...refreshKeptFiles(at.root, at.stack, key),
    ...refreshArchiveKey(at.root, at.stack, key, model.platforms),
  ];
  const newPolicy = await documentOf(server, user, former, failed);
  const note = { newDescription: replacedText(ends), newPolicy };
  await onServer(server, failed, (connection) => describeServiceAccount(connection, former, note));
  return [
    `${name}: the new key is delivered; the old one is taken until ${ends.toISOString()}`,
    ...files.map((file) => `  ${file} has the new key`),
    ...readers(at, model, name).map((each) => `  ${each} reads it when it starts: bin/bucketworks services up`),
  ];
}

/** On Kubernetes the update has started them again. */
function readers({ stack }: StackAt, { platforms }: KeyLook["model"], account: string): string[] {
  return stack === STACK ? localReaders(platforms, account) : [];
}

/** The document that an account has, whatever the specs say: it stays. Null where it has none of its own. */
async function documentOf(server: ServerAddress, user: string, key: string, failed: string): Promise<object | null> {
  const accounts = await accountsOf(server, [user], { detailed: (each) => each === key }).catch((error: unknown) => {
    throw error instanceof ReadError ? new CommandError(`${failed}: ${error.message}`, EXIT.couldNotLook) : error;
  });
  const detail = accounts.find(({ accessKey }) => accessKey === key)?.detail ?? { reason: `it has no account ${key}` };
  if ("reason" in detail) throw new CommandError(`${failed}: ${detail.reason}`, EXIT.couldNotLook);
  return detail.value.policy;
}

async function revoke(at: StackAt, { server, model }: KeyLook, accounts: readonly AccountKey[]): Promise<string[]> {
  const keys = accounts.flatMap(({ previous }) => previous?.accessKey ?? []);
  const { hasServiceAccount } = await import("../../provider/server/sessions.ts");
  const failed = "rotate: no old key was ended";
  const has = (key: string) => onServer(server, failed, (connection) => hasServiceAccount(connection, key));
  const urns = accounts.flatMap(({ previous }) => previous?.urn ?? []);
  // One that somebody removed by hand is no more than a line of the state; whether its successor was delivered isn't known.
  const lost = await Promise.all(accounts.map(async ({ previous }) => !(await has(previous?.accessKey ?? ""))));
  const gone = urns.filter((_, index) => lost[index]);
  if (gone.length > 0) await forgetKeys(at, gone);
  const targets = [...urns.filter((urn) => !gone.includes(urn)), ...accounts.map(currentUrn)];
  const failure = await deployKeys(at, {
    targets,
    dependents: gone.length > 0,
    ended: accounts.map(({ name }) => name),
    stage: model.stage,
  });
  if (failure !== undefined)
    throw new CommandError(`${failed}: pulumi up failed; fix the cause, then run it again\n${failure}`, EXIT.findings);
  for (const key of keys) {
    if (!(await has(key))) continue;
    throw new CommandError(`rotate: the server still has the old key ${key}; run it again`, EXIT.findings);
  }
  return accounts.map(({ name }) => `${name}: the old key has ended`);
}

/** Where the key is, or will be. */
function currentUrn({ resource, previous }: AccountKey): string {
  return resource?.urn ?? (previous?.urn ?? "").replace(/\/[^/]*$/, "");
}
