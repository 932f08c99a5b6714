import { backendUrl } from "../../config/stack/backend.ts";
import { projectName } from "../../toolchain/state/state-files.ts";
import { checkoutAt } from "../checkout.ts";
import { type BackendFiles, backendFiles } from "../history/backend-files.ts";
import { askPulumi } from "../pulumi/run-pulumi.ts";
import { editState } from "../recovery/edit-state.ts";
import type { Deployment } from "../recovery/recovery-plan.ts";
import type { StackAt } from "./look.ts";
import { without } from "./set-aside.ts";

/** Has the state forget former keys that the server hasn't any more: the provider of identities fails to delete such a one. */
export async function forgetKeys(at: StackAt, urns: readonly string[]): Promise<void> {
  await editStackState(at, (deployment) => without(deployment, urns));
}

/** @throws CommandError where another run is at the stack; nothing has changed then */
export function editStackState(at: StackAt, edit: (deployment: Deployment) => Deployment): Promise<void> {
  const { root, env, stack } = at;
  const pulumi = (args: readonly string[]) => askPulumi(root, env, args);
  return editState({ project: projectName(root), stack, pulumi, files: readableBackend(at) }, edit);
}

/** What lies in the stack's backend; undefined for one that is neither a folder nor an S3 bucket. */
export function readableBackend({ root, env }: Pick<StackAt, "root" | "env">): BackendFiles | undefined {
  const url = env.PULUMI_BACKEND_URL || backendUrl(checkoutAt(root).state);
  return /^(file|s3):\/\//.test(url) ? backendFiles(url) : undefined;
}
