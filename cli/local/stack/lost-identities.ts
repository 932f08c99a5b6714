import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { type IdentityResource, identityResources } from "../../key/resource.ts";
import { loadTarget } from "../../target/target.ts";
import { STACK } from "./name.ts";

/**
 * Users and service accounts of the state that somebody removed from the server. The provider of identities can't read
 * them any more, so that every refresh ends at them.
 * @throws CommandError where the server doesn't say whether they are there
 */
export async function lostIdentities(checkout: Checkout, env: NodeJS.ProcessEnv): Promise<IdentityResource[]> {
  const { root } = checkout;
  const known = await identityResources(root, env, STACK);
  const { server } = loadTarget({ stage: STACK, files: [], env, root });
  const [{ connect }, { explain }, { readUser }, { hasServiceAccount }] = await Promise.all([
    import("../../../provider/server/connection.ts"),
    import("../../../provider/server/faults.ts"),
    import("../../../provider/server/identities.ts"),
    import("../../../provider/server/sessions.ts"),
  ]);
  const connection = connect(server, new AbortController().signal);
  const isThere = async ({ kind, accessKey = "" }: IdentityResource): Promise<boolean> =>
    kind === "user"
      ? (await readUser(connection, accessKey)) !== undefined
      : await hasServiceAccount(connection, accessKey);
  try {
    const there = await Promise.all(known.map(isThere));
    return known.filter((_, index) => !there[index]);
  } catch (error) {
    throw new CommandError(`identities can't be looked up: ${explain(error, connection)}`, EXIT.couldNotLook);
  } finally {
    connection.s3.destroy();
    connection.s3Once.destroy();
    connection.http.destroy();
  }
}

/**
 * Arguments of the updates that make lost identities again: users first, which a refresh of nothing else finds gone; then
 * service accounts, whose resources are replaced without being read.
 */
export function updatesFor(lost: readonly IdentityResource[]): string[][] {
  const urns = (kind: IdentityResource["kind"]) => lost.filter((each) => each.kind === kind).map(({ urn }) => urn);
  const [users, accounts] = [urns("user"), urns("service account")];
  return [
    ...(users.length > 0 ? [["--refresh", ...users.flatMap((urn) => ["--target", urn])]] : []),
    ...(accounts.length > 0 ? [accounts.flatMap((urn) => ["--target", urn, "--replace", urn])] : []),
  ];
}
