import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { accountsOf } from "../../live/read-accounts.ts";
import type { ServerConfig } from "../../provider/server/connection.ts";
import { readUser, removeUser, type UserInfo } from "../../provider/server/identities.ts";
import { isFilled } from "../server-contents.ts";
import { onServer } from "../target/on-server.ts";
import type { Existing } from "./recovery-plan.ts";

/**
 * All buckets of the server and those of the users that it has.
 * @param failed what it means for the command where the server can't be asked
 * @param asked buckets of which it is asked, too, whether they hold something
 * @throws CommandError when it can't be asked
 */
export function existingOn(
  config: ServerConfig,
  users: readonly string[],
  { failed, asked = [] }: { readonly failed: string; readonly asked?: readonly string[] },
): Promise<Existing> {
  return onServer(config, failed, async (server) => {
    const { Buckets = [] } = await server.s3.send(new ListBucketsCommand());
    const there = new Set(Buckets.map(({ Name = "" }) => Name));
    const filled = new Set<string>();
    for (const name of asked) if (there.has(name) && (await isFilled(server.s3, name, server.signal))) filled.add(name);
    const found = await Promise.all(users.map(async (name) => [name, await readUser(server, name)] as const));
    const rightless = found.flatMap(([name, user]) => (user && isRightless(user) ? [name] : []));
    const acting = new Set((await accountsOf(config, rightless, { detailed: false })).map(({ user }) => user));
    return {
      buckets: new Map(Buckets.map(({ Name = "", CreationDate = new Date(0) }) => [Name, CreationDate])),
      users: new Set(found.flatMap(([name, user]) => (user === undefined ? [] : [name]))),
      bare: new Set(rightless.filter((name) => !acting.has(name))),
      filled,
    };
  });
}

function isRightless({ policies, groups }: UserInfo): boolean {
  return policies.length === 0 && groups.length === 0;
}

/** @throws CommandError when one can't be removed; the next recovery tries again */
export function removeUsers(config: ServerConfig, names: readonly string[]): Promise<void> {
  return onServer(config, "nothing was recovered", async (server) => {
    for (const name of names) await removeUser(server, name);
  });
}
