import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedModel } from "../../config/model.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { canonicalPolicy } from "../../provider/canonical.ts";
import { type Connection, connect, type ServerConfig } from "../../provider/server/connection.ts";
import { explain } from "../../provider/server/faults.ts";
import { readGroup, readPolicy, readUser } from "../../provider/server/identities.ts";
import { askedResources } from "./known-resources.ts";
import { keyOf, movesOf, renameCommands } from "./moves.ts";

/**
 * Creating a user gives an existing one of that name a new secret, creating a policy or group overwrites it: the
 * provider doesn't ask. So the server is asked before, and what is there and isn't this stack's is left alone. What is
 * this stack's under another platform is left alone too: the old one is the same, and its deletion would take it away.
 * @param model of the whole stack
 */
export function refuseExisting(
  config: pulumi.Output<ServerConfig>,
  model: Pick<ResolvedModel, "platforms">,
): pulumi.ResourceHook {
  let connection: Promise<Connection> | undefined;
  return new pulumi.ResourceHook("refuse-existing", async ({ type, name: logical, newInputs }) => {
    connection ??= plain(config).then((known) => connect(known, new AbortController().signal));
    const server = await connection;
    const kind = type.split(":").at(-1) ?? type;
    const name = String(newInputs?.name);
    const found = await existing(server, kind, name, newInputs?.policy).catch((error: unknown) => {
      throw new Error(`${kind} ${name} can't be looked up: ${explain(error, server)}`);
    });
    if (found === "absent") return;
    const stack = { project: pulumi.getProject(), stack: pulumi.getStack() };
    // A state that can't be asked tells nothing, and the name is refused as anybody's.
    const moves = movesOf(await askedResources(stack).catch(() => []), model);
    const move = moves.get(keyOf(type, logical));
    if (move !== undefined) {
      throw new Error(
        `${kind} ${name} is in this stack as ${move.from} and would be made again as ${logical}: its platform's file was renamed, or it moved to another. Nothing of it was changed; rename it in the state, then run up again:\n${renameCommands(moves, stack.stack).join("\n")}`,
      );
    }
    if (found === "same") return;
    throw new Error(
      `${kind} ${name} exists already on ${server.url} and isn't in this stack: making it would overwrite it. Choose another name, or remove it from the server (after a killed run: bucketworks recover)`,
    );
  });
}

type Found = "absent" | "same" | "other";

/** `other` where creating would take something away: an equal policy and an empty group may be made again. */
async function existing(server: Connection, kind: string, name: string, document: unknown): Promise<Found> {
  if (kind === "IamUser") return (await readUser(server, name)) === undefined ? "absent" : "other";
  if (kind === "IamGroup") {
    const group = await readGroup(server, name);
    if (group === undefined) return "absent";
    return group.members.length > 0 || group.policies.length > 0 ? "other" : "same";
  }
  const policy = await readPolicy(server, name);
  const wanted = JSON.parse(String(document)) as PolicyDocument;
  if (policy === undefined) return "absent";
  return isDeepStrictEqual(canonicalPolicy(policy), canonicalPolicy(wanted)) ? "same" : "other";
}

/** Hooks run in an update only, where every value is known. */
function plain<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value as T)));
}
