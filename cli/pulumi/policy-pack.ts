import { existsSync } from "node:fs";
import { join } from "node:path";
import { isOwnBackend } from "../local/stack/kept-state.ts";
import { STACK } from "../local/stack/name.ts";

/** The stack that `bucketworks up` makes: nobody judges it. Every other one is updated as `make deploy` does. */
export function isLocalStack(root: string, env: NodeJS.ProcessEnv, stack: string): boolean {
  return stack === STACK && isOwnBackend(root, env);
}

/** By which policies an update is judged, as `make deploy` names them to the engine. */
export function policyArguments(root: string, stage: string): string[] {
  const config = join("policy", "stages", `${stage}.json`);
  const more = existsSync(join(root, config)) ? ["--policy-pack-config", config] : [];
  return ["--policy-pack", "policy", ...more];
}
