import { existsSync } from "node:fs";
import { join } from "node:path";
import { backendFolder, backendUrl } from "../../../config/stack/backend.ts";
import { readFileText } from "../../../config/system-fault.ts";
import { judgeCheckpoint } from "../../../toolchain/state/checkpoint.ts";
import { stateLoss } from "../../../toolchain/state/require.ts";
import { projectName, statePlaces } from "../../../toolchain/state/state-files.ts";
import { isOwnBackend } from "../../local/stack/kept-state.ts";
import { askPulumi } from "../../pulumi/run-pulumi.ts";
import { isDead, settledLocks } from "../../recovery/pulumi-lock.ts";
import type { Deployment } from "../../recovery/recovery-plan.ts";
import { counted } from "../../terminal/print.ts";
import { type Context, serverOf } from "../context.ts";
import { note, right, type Seen, unknown, wrong } from "../finding.ts";

/** Where a stack's state lies, as far as it is in files. */
export function statePlace({ root, env, stage, checkout }: Pick<Context, "root" | "env" | "stage" | "checkout">) {
  const project = projectName(root);
  const backend = env.PULUMI_BACKEND_URL || backendUrl(checkout.state);
  const folder = backendFolder(backend);
  const file = folder === undefined ? undefined : join(folder, ".pulumi", "stacks", project, `${stage}.json`);
  return { project, backend, file };
}

/** The text of a state in files; undefined where there is none, or it is elsewhere. */
export function stateText(at: Pick<Context, "root" | "env" | "stage" | "checkout">): string | undefined {
  const { file } = statePlace(at);
  return file !== undefined && existsSync(file) ? readFileText(file) : undefined;
}

const RECOVER = "bucketworks recover";

/** Whether the state can be read, and is whole. */
export async function lookAtState(at: Context): Promise<Seen[]> {
  const { root, env, stage } = at;
  const { project, file } = statePlace(at);
  if (file === undefined) {
    const { resources = [] } = await exported(at, false);
    return [right(`the state of stack ${stage} can be read: ${counted(resources.length, "resource")}`)];
  }
  const loss = isOwnBackend(root, env) ? stateLoss(statePlaces(root, project, stage)) : undefined;
  if (loss !== undefined) return [wrong(loss.what, `${RECOVER} shows the newest whole copy`)];
  const text = stateText(at);
  if (text === undefined)
    return [note(`stack ${stage} has no state: it was never deployed from here`, "make up, or pulumi up")];
  const verdict = judgeCheckpoint(text);
  if (verdict.kind === "damaged")
    return [
      wrong(`${file}: the state is ${verdict.why}`, "put a whole copy in its place; beside it is .pulumi/backups"),
    ];
  return [right(`the state of stack ${stage} is whole: ${counted(verdict.resources, "resource")}`)];
}

/** Whether a run holds the stack, or one that died. */
export async function lookAtLock(at: Context): Promise<Seen[]> {
  const { backend, project, file } = statePlace(at);
  if (file === undefined)
    return [note("the state isn't in a folder, so whether a run holds the stack isn't known here")];
  const locks = await settledLocks(backend, project, at.stage);
  if (locks.length === 0) return [right("no run holds the stack")];
  return locks.map((lock) => {
    const since = lock.since.toISOString();
    if (isDead(lock))
      return wrong(`the stack is locked by process ${lock.pid ?? "unknown"}, which ended; since ${since}`, RECOVER);
    return note(
      `process ${lock.pid ?? "unknown"} on ${lock.hostname} holds the stack since ${since}`,
      `wait for it to end; if that machine is gone for good, remove ${lock.file}`,
    );
  });
}

/** What a killed run left half done. */
export async function lookAtPending(at: Context): Promise<Seen[]> {
  const { pending_operations: pending = [] } = await deployment(at);
  if (pending.length === 0) return [right("nothing is half done")];
  const named = pending.map(
    ({ type, resource }) => `${type} ${resource.urn.slice(resource.urn.lastIndexOf("::") + 2)}`,
  );
  const seen = `${counted(pending.length, "operation")} not done: ${named.slice(0, 10).join(", ")}${named.length > 10 ? " ..." : ""}`;
  const { backend, project } = statePlace(at);
  const isAtWork = (await settledLocks(backend, project, at.stage)).some((lock) => !isDead(lock));
  return [
    isAtWork ? note(`${seen}; the run that holds the stack is at work`) : wrong(seen, `${RECOVER}, then pulumi up`),
  ];
}

const PROVIDERS: Readonly<Record<string, readonly [address: string, user: string, password: string]>> = {
  "pulumi:providers:bucketworks": ["endpoint", "rootUser", "rootPassword"],
  "pulumi:providers:minio": ["minioServer", "minioUser", "minioPassword"],
};

/** Whether the state has the endpoint and the credentials that the server takes now: refresh uses those of the state. */
export async function lookAtStale(at: Context): Promise<Seen[]> {
  if (!existsSync(join(at.checkout.toolchain, "pulumi")))
    return [unknown("secrets of the state can't be read without Pulumi", "make toolchain")];
  const file = statePlace(at).file;
  if (file !== undefined && !existsSync(file)) return [note("there is no state yet")];
  const { resources = [] } = await exported(at, true);
  const { endpoint, accessKey, secretKey } = serverOf(at);
  const stale = resources.flatMap(({ type, inputs = {} }) => {
    const keys = PROVIDERS[type];
    if (keys === undefined) return [];
    const now = [endpoint, accessKey, secretKey];
    return keys.filter((key, index) => inputs[key] !== undefined && plain(inputs[key]) !== now[index]);
  });
  const words = new Set(
    stale.map((key) => (/password/i.test(key) ? "password" : /user/i.test(key) ? "user" : "endpoint")),
  );
  if (words.size === 0) return [right("the state has the endpoint and the credentials of now")];
  return [
    wrong(
      `the state has another ${[...words].join(" and ")} than the server is asked with now; pulumi refresh uses that of the state`,
      "make drift, then pulumi refresh --run-program, then pulumi up",
    ),
  ];
}

/** A secret that was asked for is its JSON text in an envelope. */
function plain(value: unknown): unknown {
  const { plaintext } = (value ?? {}) as { plaintext?: unknown };
  return typeof plaintext === "string" ? JSON.parse(plaintext) : value;
}

async function deployment(at: Context): Promise<Deployment> {
  const { file } = statePlace(at);
  if (file === undefined) return exported(at, false);
  const text = stateText(at);
  if (text === undefined) return {};
  return (JSON.parse(text) as { checkpoint?: { latest?: Deployment | null } }).checkpoint?.latest ?? {};
}

async function exported({ root, env, stage }: Context, secrets: boolean): Promise<Deployment> {
  const words = ["stack", "export", "--stack", stage, ...(secrets ? ["--show-secrets"] : [])];
  return (JSON.parse(await askPulumi(root, env, words)) as { deployment?: Deployment }).deployment ?? {};
}
