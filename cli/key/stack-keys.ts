import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defaults } from "../../config/defaults.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { loadModel } from "../../config/spec.ts";
import { PLATFORMS_DIR } from "../../config/stack/schema.ts";
import { nearest } from "../../config/values/nearest.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { type StackOutputs, stackOutputs } from "../pulumi/stack-outputs.ts";
import { hasStackFile, readStackFile } from "../stack-file.ts";
import { specFiles, withoutFaults } from "../target/specs.ts";
import type { Key } from "./formats.ts";

/** The keys of one stack, and what programs that use them need to know of its server. */
export interface StackKeys {
  readonly stack: string;
  readonly model: ResolvedModel;
  /** By user or service account. */
  readonly keys: ReadonlyMap<string, Key>;
  /** Users and service accounts that were imported: the server keeps their secrets to itself. */
  readonly imported: readonly string[];
}

/** @throws CommandError when the specs have faults, or the stack can't be read or was never deployed */
export async function stackKeys(root: string, env: NodeJS.ProcessEnv, stack: string): Promise<StackKeys> {
  const file = hasStackFile(root, stack) ? readStackFile(root, stack) : undefined;
  const use = { connection: false, credentials: false };
  const source = {
    ...specFiles([], file?.platformsDir ?? PLATFORMS_DIR, root),
    platforms: file?.platforms,
    stage: file?.stage ?? stack,
    env,
    use,
  };
  const { model } = withoutFaults(loadModel(source));
  return keysIn(await stackOutputs(root, env, stack), { root, stack, model });
}

/** As `stackKeys`, of outputs and a model that are there already. */
export function keysIn(
  { endpoint, credentials, imported }: StackOutputs,
  { root, stack, model }: Pick<StackKeys, "stack" | "model"> & { readonly root: string },
): StackKeys {
  const file = hasStackFile(root, stack) ? readStackFile(root, stack) : undefined;
  const region = file?.region ?? model.connection?.region ?? defaults.region;
  const trust = endpoint.startsWith("https:") && file?.caFile !== undefined ? trustedCa(root, file.caFile) : {};
  const keys = Object.entries(credentials).map(
    ([identity, credential]) => [identity, { identity, endpoint, region, ...credential, ...trust }] as const,
  );
  return { stack, model, keys: new Map(keys), imported };
}

/** @throws CommandError naming what is near, or that no server tells the key */
export function keyOf({ stack, keys, imported }: StackKeys, identity: string): Key {
  const key = keys.get(identity);
  if (key !== undefined) return key;
  if (imported.includes(identity)) {
    throw new CommandError(
      `key: ${identity} was imported into stack ${stack}, and no server tells a secret; it still has the one it had. For a new one: bucketworks key rotate ${identity}`,
      EXIT.couldNotLook,
    );
  }
  throw unknownIdentity(stack, identity, [...keys.keys(), ...imported]);
}

/** @throws CommandError where no platform of the stack has a bucket of that name */
export function requireBucket({ stack, model }: Pick<StackKeys, "stack" | "model">, name: string): void {
  const names = model.platforms.flatMap(({ buckets }) => buckets.map((each) => each.name)).sort();
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const hint = near === null ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  throw new CommandError(`key: stack ${stack} has no bucket ${name}; ${hint}`, EXIT.wrongUse);
}

export function unknownIdentity(stack: string, identity: string, known: readonly string[]): CommandError {
  const near = nearest(identity, known);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  const message = `key: stack ${stack} has no user or service account ${identity}, there are ${[...known].sort().join(", ") || "none"}${hint}`;
  return new CommandError(message, EXIT.wrongUse);
}

function trustedCa(root: string, path: string): Pick<Key, "caFile" | "ca"> {
  const caFile = resolve(root, path);
  try {
    return { caFile, ca: readFileSync(caFile, "utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `bucketworks:caFile ${caFile} can't be read (${code}); correct the path or write the file`,
      EXIT.couldNotLook,
    );
  }
}
