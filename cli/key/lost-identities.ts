import type { ServerAddress } from "../../live/server-address.ts";
import { onServer } from "../target/on-server.ts";
import type { IdentityResource } from "./identity-resources.ts";

/**
 * Those of a state's users and service accounts that somebody removed from the server. The provider of identities can't
 * read them any more, so that every refresh ends at them.
 * @throws CommandError where the server doesn't say whether they are there
 */
export async function lostIdentities(
  known: readonly IdentityResource[],
  server: ServerAddress,
): Promise<IdentityResource[]> {
  const [{ readUser }, { hasServiceAccount }] = await Promise.all([
    import("../../provider/server/identities.ts"),
    import("../../provider/server/sessions.ts"),
  ]);
  const there = await onServer(server, "identities can't be looked up", (connection) =>
    Promise.all(
      known.map(async ({ kind, accessKey = "" }) =>
        kind === "user"
          ? (await readUser(connection, accessKey)) !== undefined
          : hasServiceAccount(connection, accessKey),
      ),
    ),
  );
  return known.filter((_, index) => !there[index]);
}

/**
 * URNs of those former keys of a state that somebody removed from the server: the provider of identities can neither read nor
 * delete them, and the state has to forget them.
 * @throws CommandError where the server doesn't say whether they are there
 */
export async function lostFormerKeys(
  known: readonly IdentityResource[],
  server: ServerAddress,
): Promise<readonly string[]> {
  const formers = known.flatMap(({ previous }) => previous ?? []);
  if (formers.length === 0) return [];
  const { hasServiceAccount } = await import("../../provider/server/sessions.ts");
  const there = await onServer(server, "former keys can't be looked up", (connection) =>
    Promise.all(formers.map(({ accessKey = "" }) => hasServiceAccount(connection, accessKey))),
  );
  return formers.flatMap(({ urn }, index) => (there[index] ? [] : [urn]));
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
