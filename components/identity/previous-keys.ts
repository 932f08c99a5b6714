import { previousName } from "../../builders/previous-key.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { heldResources, type StackName } from "./known-resources.ts";

const ACCOUNT = "minio:index/iamServiceAccount:IamServiceAccount";

/**
 * Logical names of the service accounts whose former key is still taken: what the state has of them is declared again,
 * until `bucketworks rotate` says that one has ended.
 * @param ended names of accounts whose former key ends by this update
 * @throws pulumi.RunError where the state can't be asked: without an answer those keys would end now
 */
export async function previousKeys(
  env: NodeJS.ProcessEnv,
  stack: StackName,
  { platforms }: Pick<ResolvedModel, "platforms">,
  ended: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const accounts = platforms.flatMap(({ name: platform, access, rotation }) =>
    rotation === null ? [] : access.serviceAccounts.map(({ name }) => ({ name, logical: `${platform}/${name}` })),
  );
  if (accounts.length === 0) return new Set();
  const resources = await heldResources(env, stack, "which keys are being replaced (access.rotation)");
  const held = new Set(
    resources.filter(({ type }) => type === ACCOUNT).map(({ urn }) => urn.split("::").slice(3).join("::")),
  );
  return new Set(
    accounts.flatMap(({ name, logical }) => (held.has(previousName(logical)) && !ended.has(name) ? logical : [])),
  );
}
