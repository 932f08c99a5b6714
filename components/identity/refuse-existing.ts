import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { canonicalPolicy } from "../../provider/canonical.ts";
import { type Connection, connect, type ServerConfig } from "../../provider/server/connection.ts";
import { explain } from "../../provider/server/faults.ts";
import { readGroup, readPolicy, readUser } from "../../provider/server/identities.ts";
import type { PolicyDocument } from "../../provider/settings.ts";

/**
 * Creating a user gives an existing one of that name a new secret, creating a policy or group overwrites it: the
 * provider doesn't ask. So the server is asked before, and what is there and isn't this stack's is left alone.
 */
export function refuseExisting(config: pulumi.Output<ServerConfig>): pulumi.ResourceHook {
  let connection: Promise<Connection> | undefined;
  return new pulumi.ResourceHook("refuse-existing", async ({ type, newInputs }) => {
    connection ??= plain(config).then((known) => connect(known, new AbortController().signal));
    const server = await connection;
    const kind = type.split(":").at(-1) ?? type;
    const name = String(newInputs?.name);
    const found = await existing(server, kind, name, newInputs?.policy).catch((error: unknown) => {
      throw new Error(`${kind} ${name} can't be looked up: ${explain(error, server)}`);
    });
    if (!found) return;
    throw new Error(
      `${kind} ${name} exists already on ${server.url} and isn't in this stack: making it would overwrite it. Choose another name, or remove it from the server (after a killed run: bucketworks recover)`,
    );
  });
}

/** True where creating would take something away: an equal policy and an empty group may be made again. */
async function existing(server: Connection, kind: string, name: string, document: unknown): Promise<boolean> {
  if (kind === "IamUser") return (await readUser(server, name)) !== undefined;
  if (kind === "IamGroup") {
    const group = await readGroup(server, name);
    return group !== undefined && (group.members.length > 0 || group.policies.length > 0);
  }
  const policy = await readPolicy(server, name);
  const wanted = JSON.parse(String(document)) as PolicyDocument;
  return policy !== undefined && !isDeepStrictEqual(canonicalPolicy(policy), canonicalPolicy(wanted));
}

/** Hooks run in an update only, where every value is known. */
function plain<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value as T)));
}
