import { Command } from "commander";
import type { ServerConfig } from "../../provider/server/connection.ts";
import { audited } from "../audit-log.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { withLock } from "../local/checkout-lock.ts";
import { EngineRun } from "../pulumi/engine-run.ts";
import { isLocalStack, policyArguments } from "../pulumi/policy-pack.ts";
import { type Credential, stackOutputs } from "../pulumi/stack-outputs.ts";
import { recover } from "../recover.ts";
import { forgetKeys } from "../rotate/forget.ts";
import { refreshArchiveKey } from "../rotate/kept-files.ts";
import { asKeysAlone } from "../rotate/keys-alone.ts";
import { onServer } from "../target/on-server.ts";
import { loadTarget } from "../target/target.ts";
import { ask } from "../terminal/ask.ts";
import { print } from "../terminal/print.ts";
import { requireDeclared, requireIssued } from "./declared.ts";
import { deploymentOf, type IdentityResource, identitiesIn } from "./identity-resources.ts";
import { lostFormerKeys, lostIdentities, updatesFor } from "./lost-identities.ts";
import { outcomeLines } from "./outcome.ts";
import { unknownIdentity } from "./stack-keys.ts";

interface RotateOptions {
  readonly stack: string;
  readonly yesRotate?: string;
  readonly quiet?: boolean;
}

const UNFINISHED = "key rotate: not finished, run it again";

const HELP = `
For a key that has leaked. A user gets a new secret, and all sessions of the old one end; its rights, groups and service
accounts stay. A service account is replaced by one with another access key. The stack has the new key when the command ends.
The command is a pulumi up of this identity and of all that depends on it, as the specs are now: what they have changed there
since the last update (its service accounts, attachments and memberships, Secrets and pods that use the key) is changed too,
removals included; pulumi preview shows it first.
It refuses an identity that no spec declares any more: pulumi up removes that one.
The server refuses the old key at once: give out the new one with bucketworks key show.
It asks for the name (scripts: --yes-rotate NAME). After an interruption run it again. It makes an identity again that
somebody removed by hand, a user with its service accounts, and gives a key to one that was imported without its secret.

Examples:
  $ bucketworks key rotate usdcop-l1-job
  $ bucketworks key rotate mlflow --stack production --yes-rotate mlflow

Exit codes: 0 rotated, 1 the deployment failed or the old key is still taken, 2 no consent or wrong use (unknown or no
longer declared identity),
3 the stack or the server can't be asked`;

/** `bucketworks key rotate IDENTITY`: a new key, and the end of the old one. */
export function rotateCommand(): Command {
  return new Command("rotate")
    .description("give a user or service account a new key and end the old one (asks first)")
    .argument("<IDENTITY>", "user or service account")
    .option("--yes-rotate <IDENTITY>", "rotate without asking, for scripts; the name once more")
    .option("-q, --quiet", "print nothing but errors")
    .option("-s, --stack <name>", "the stack that made it", "dev")
    .addHelpText("after", HELP)
    .action(async (identity: string, options: RotateOptions) => {
      const { yesRotate, quiet = false } = options;
      if (yesRotate !== undefined && yesRotate !== identity) {
        throw new CommandError(
          `key rotate: nothing was changed: --yes-rotate names another one, ${yesRotate}`,
          EXIT.wrongUse,
        );
      }
      const { stack } = options;
      const root = ownRoot();
      const checkout = checkoutAt(root);
      const rotation = { root, env: process.env, stack, identity, confirmed: yesRotate !== undefined };
      const deed = { action: "key.rotate", object: `${stack}/identity/${identity}` };
      const lines = await withLock(checkout, "key rotate", () => audited(checkout, deed, () => rotate(rotation)));
      if (!quiet) print(lines.join("\n"));
    });
}

/** What the state has and the server hasn't any more. */
interface Lost {
  readonly lost: readonly IdentityResource[];
  /** URNs of former keys. */
  readonly lostFormers: readonly string[];
}

interface Rotation {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stack: string;
  readonly identity: string;
  readonly confirmed: boolean;
}

/** @returns what was done, a line each */
async function rotate(rotation: Rotation): Promise<string[]> {
  const { root, env, stack, identity } = rotation;
  await recover(root, stack, env);
  const before = await stackOutputs(root, env, stack);
  const deployment = await deploymentOf(root, env, stack);
  const resources = identitiesIn(deployment);
  const resource = resources.find((each) => each.identity === identity);
  requireIssued(deployment, identity, stack);
  if (resource === undefined)
    throw unknownIdentity(
      stack,
      identity,
      resources.map((each) => each.identity),
    );
  const { server, model } = loadTarget({ stage: stack, files: [], env, root });
  requireDeclared(model, resource, stack);
  await requireConsent(rotation, resource, before.endpoint);
  const owned = model.platforms.flatMap(({ access }) => access.serviceAccounts.filter(({ user }) => user === identity));
  const names = [identity, ...owned.map(({ name }) => name)];
  const concerned = resources.filter((each) => names.includes(each.identity));
  const lost = await lostIdentities(concerned, server);
  const lostFormers = await lostFormerKeys(concerned, server);
  if (lostFormers.length > 0) await forgetKeys(rotation, lostFormers);
  const failure = await deploy(rotation, resource, { lost, lostFormers, stage: model.stage });
  const after = (await stackOutputs(root, env, stack)).credentials[identity];
  const old = before.credentials[identity];
  const isInOutputs = after !== undefined && after.secretKey !== old?.secretKey;
  // An update may fail behind the new secret, and before it tells the outputs: the server knows.
  if (!isInOutputs && (old === undefined || (await takes(server, old)))) throw notRotated(rotation, failure);
  const hasEndedSessions = resource.kind === "user" ? await endSessionsOf(server, identity) : undefined;
  const { endpoint } = before;
  const files: string[] = [];
  if (after !== undefined && isInOutputs) {
    await judge(server, identity, old, after);
    // The log of PostgreSQL waits until its archive's key is taken again.
    const key = { identity, endpoint, region: server.region, ...after };
    files.push(...refreshArchiveKey(root, stack, key, model.platforms));
  }
  const { kind } = resource;
  const lines = [
    ...outcomeLines({ identity, kind, stack, endpoint, isInOutputs, hasEndedSessions, failure }),
    ...files.map((file) => `${file} has the new key`),
  ];
  if (failure !== undefined) throw new CommandError(["key rotate:", ...lines].join("\n"), EXIT.findings);
  return lines;
}

function notRotated({ identity, stack }: Rotation, failure: string | undefined): CommandError {
  const why = failure === undefined ? "changed nothing of it" : "failed";
  const message = `key rotate: ${identity} has no new key: pulumi up of stack ${stack} ${why}; fix the cause, then run it again`;
  return new CommandError(failure === undefined ? message : `${message}\n${failure}`, EXIT.findings);
}

async function endSessionsOf(server: ServerConfig, user: string): Promise<boolean> {
  const { endSessions } = await import("../../provider/server/sessions.ts");
  return onServer(server, UNFINISHED, (connection) => endSessions(connection, user));
}

async function takes(server: ServerConfig, key: Credential): Promise<boolean> {
  const { takesKey } = await import("../../provider/server/sessions.ts");
  return onServer({ ...server, ...key }, UNFINISHED, takesKey);
}

async function requireConsent(
  { identity, stack, confirmed }: Rotation,
  { kind }: IdentityResource,
  url: string,
): Promise<void> {
  if (confirmed) return;
  const nothing = "key rotate: nothing was changed";
  if (!process.stdin.isTTY) {
    const why = "can't ask: standard input isn't a terminal";
    throw new CommandError(`${nothing}: ${why}; use --yes-rotate ${identity}`, EXIT.wrongUse);
  }
  const what = `${kind} ${identity} of stack ${stack} on ${url}: programs with its key are refused until they have the new one`;
  const answer = await ask(`${what}\ntype the name to end the old key: `);
  if (answer !== identity) throw new CommandError(nothing, EXIT.wrongUse);
}

/**
 * The one resource, and what depends on it. The program makes a user's new secret: it is on no command line. A user that
 * somebody removed from the server is made again first, with its service accounts, and what hung on it is read again.
 * @returns why it failed; undefined where it didn't
 */
async function deploy(
  rotation: Rotation,
  resource: IdentityResource,
  { lost, lostFormers, stage }: Lost & { readonly stage: string },
): Promise<string | undefined> {
  const { root, env, stack, identity } = rotation;
  const { urn, kind } = resource;
  const previous = lostFormers.includes(resource.previous?.urn ?? "") ? undefined : resource.previous;
  const isLost = kind === "user" && lost.includes(resource);
  const former = previous === undefined ? [] : ["--target", previous.urn];
  const renewed = ["--target", urn, ...former, "--target-dependents", ...(kind === "user" ? [] : ["--replace", urn])];
  const attached = resource.attached.flatMap((each) => ["--target", each]);
  const updates = isLost ? [...updatesFor(lost), ["--refresh", ...renewed, ...attached]] : [renewed];
  const judged = isLocalStack(root, env, stack) ? [] : policyArguments(root, stage);
  for (const options of updates) {
    const run = new EngineRun(() => undefined);
    // What has leaked may be the former key: it ends, too.
    const ended = { BUCKETWORKS_ENDED_KEYS: previous === undefined ? "" : identity };
    const own =
      kind === "user" && options.includes("--target-dependents") ? { BUCKETWORKS_NEW_SECRET_FOR: identity } : ended;
    const args = ["up", "--yes", "--skip-preview", "--stack", stack, ...judged, ...options];
    const code = await asKeysAlone(rotation, (env) => run.follow(root, { ...env, ...own }, args));
    if (code !== 0) return run.complaints().join("\n");
  }
  return undefined;
}

/** Tries both keys. @throws CommandError where the server takes the old one, or not the new one */
async function judge(
  server: ServerConfig,
  identity: string,
  old: Credential | undefined,
  now: Credential,
): Promise<void> {
  if (!(await takes(server, now))) {
    throw new CommandError(`key rotate: the server refuses the new key of ${identity}; run it again`, EXIT.findings);
  }
  if (old !== undefined && (await takes(server, old))) {
    throw new CommandError(
      `key rotate: the server still takes the old key of ${identity}; run it again`,
      EXIT.findings,
    );
  }
}
