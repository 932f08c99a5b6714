import { askPulumi } from "../pulumi/run-pulumi.ts";
import { importState } from "../recovery/import-state.ts";
import type { Deployment } from "../recovery/recovery-plan.ts";
import type { StackAt } from "./look.ts";
import { without } from "./set-aside.ts";

/** Has the state forget former keys that the server hasn't any more: the provider of identities fails to delete such a one. */
export async function forgetKeys(at: StackAt, urns: readonly string[]): Promise<void> {
  const { exported, load } = await stateOf(at);
  await load({ ...exported, deployment: without(exported.deployment ?? {}, urns) });
}

/** The state as it is now, and what puts another in its place. */
export async function stateOf({ root, env, stack }: StackAt): Promise<{
  readonly exported: { readonly deployment?: Deployment };
  readonly load: (state: object) => Promise<void>;
}> {
  const exported = JSON.parse(await askPulumi(root, env, ["stack", "export", "--stack", stack]));
  const load = (file: string) => askPulumi(root, env, ["stack", "import", "--stack", stack, "--file", file]);
  return { exported, load: (state) => importState(state, load) };
}
