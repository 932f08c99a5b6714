import type { ResolvedModel, Rotation } from "../../config/model.ts";
import { readKeyNote } from "../../config/values/key-note.ts";
import { accountsOf } from "../../live/read-accounts.ts";
import { ReadError } from "../../live/read-error.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import {
  deploymentOf,
  halfIssued,
  type IdentityResource,
  identitiesIn,
  type PreviousKey,
} from "../key/identity-resources.ts";
import { loadTarget } from "../target/target.ts";
import { type Phase, phaseOf } from "./phase.ts";

/** The stack whose keys are replaced. */
export interface StackAt {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stack: string;
}

/** A service account whose platform says how keys are replaced. */
export interface AccountKey {
  readonly name: string;
  readonly platform: string;
  readonly rotation: Rotation;
  readonly resource: IdentityResource | undefined;
  readonly previous: PreviousKey | undefined;
  readonly phase: Phase;
}

/** What state, specs and server say of keys. */
export interface KeyLook {
  readonly model: ResolvedModel;
  readonly server: ServerAddress;
  /** Sorted by platform and name. */
  readonly accounts: readonly AccountKey[];
}

/** @throws CommandError where the state or the server can't be read */
export async function lookAtKeys({ root, env, stack }: StackAt, now = new Date()): Promise<KeyLook> {
  const { model, server } = loadTarget({ stage: stack, files: [], env, root });
  const deployment = await deploymentOf(root, env, stack);
  const [resources, half] = [identitiesIn(deployment), halfIssued(deployment)];
  const declared = model.platforms.flatMap(({ name: platform, access, rotation }) =>
    rotation === null ? [] : access.serviceAccounts.map(({ name }) => ({ name, platform, rotation })),
  );
  const found = declared.map((account) => {
    const resource = resources.find(({ kind, identity }) => kind === "service account" && identity === account.name);
    return { ...account, resource, previous: resource?.previous ?? half.get(account.name) };
  });
  const replaced = found.filter(({ previous }) => previous !== undefined);
  const keys = new Set(replaced.flatMap(({ previous }) => previous?.accessKey ?? []));
  const notes = await notesOf(server, [...new Set(replaced.flatMap(({ previous }) => previous?.user ?? []))], keys);
  const accounts = found.map((account): AccountKey => {
    const { rotation, resource, previous } = account;
    const key = previous?.accessKey ?? "";
    const held = previous && { isThere: notes.has(key), ends: notes.get(key) };
    const facts = { rotation, made: resource?.made, hasKey: resource?.accessKey !== undefined, previous: held };
    return { ...account, phase: phaseOf(facts, now) };
  });
  return { model, server, accounts };
}

/** Until when these former keys are taken; undefined where the server has the key and no note. */
async function notesOf(
  server: ServerAddress,
  users: readonly string[],
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Date | undefined>> {
  const failed = (why: string) => new CommandError(`rotate: nothing was changed: ${why}`, EXIT.couldNotLook);
  try {
    const accounts = await accountsOf(server, users, { detailed: (key) => keys.has(key) });
    return new Map(
      accounts.flatMap(({ accessKey, detail }): [string, Date | undefined][] => {
        if (detail === null) return [];
        if ("reason" in detail) throw failed(detail.reason);
        const note = readKeyNote(detail.value.description ?? "");
        return [[accessKey, note?.kind === "replaced" ? note.ends : undefined]];
      }),
    );
  } catch (error) {
    throw error instanceof ReadError ? failed(error.message) : error;
  }
}
