import type { KeptPlatform } from "../builders/kept-model.ts";
import { readFileText } from "../config/system-fault.ts";
import { heldResources, type StackName } from "./identity/known-resources.ts";

const PLATFORM = "bucketworks:storage:Platform";

/**
 * What is kept of each platform's model, by platform. An update of keys alone says it again: it deploys nothing else of
 * the specs as they are now, and the engine takes what a component says of itself also where nothing of it is a target.
 * @param source a JSON file that has it, or `state`
 * @throws pulumi.RunError where the state can't be asked: without an answer a rollback to this update would deploy the specs
 */
export async function keptModels(
  env: NodeJS.ProcessEnv,
  stack: StackName,
  source: string,
): Promise<ReadonlyMap<string, KeptPlatform>> {
  if (source !== "state") return new Map(Object.entries(JSON.parse(readFileText(source))));
  const resources = await heldResources(env, stack, "which models it keeps");
  return new Map(
    resources.flatMap(({ type, urn, outputs }): [string, KeptPlatform][] => {
      const { specDigest, model } = (outputs?.kept ?? {}) as Partial<KeptPlatform>;
      if (type !== PLATFORM || specDigest === undefined || model === undefined) return [];
      return [[urn.slice(urn.lastIndexOf("::") + 2), { specDigest, model }]];
    }),
  );
}
