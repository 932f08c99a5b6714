import type { ResolvedModel } from "../../config/model.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import type { Deployment } from "../recovery/recovery-plan.ts";
import { halfIssued, type IdentityResource } from "./identity-resources.ts";

/**
 * The specs declare the identity still, and as what the state has it. To the engine any other is one to delete, and
 * all that depends on it.
 * @throws CommandError naming what is declared
 */
export function requireDeclared(
  { platforms }: ResolvedModel,
  { identity, kind }: Pick<IdentityResource, "identity" | "kind">,
  stack: string,
): void {
  const declared = platforms.flatMap(({ access }) =>
    (kind === "user" ? access.users : access.serviceAccounts).map(({ name }) => name),
  );
  if (declared.includes(identity)) return;
  throw new CommandError(
    `key rotate: nothing was changed: no spec of stack ${stack} declares ${kind} ${identity} any more, so there is no new key to give; put it back into its spec, or end it and its key with pulumi up --stack ${stack}`,
    EXIT.wrongUse,
  );
}

/**
 * The replacement of the identity's key, where one was begun, has made the new key.
 * @throws CommandError naming the command that finishes it
 */
export function requireIssued(deployment: Deployment, identity: string, stack: string): void {
  if (!halfIssued(deployment).has(identity)) return;
  const command = `bucketworks rotate ${identity}${stack === "dev" ? "" : ` --stack ${stack}`}`;
  throw new CommandError(
    `key rotate: nothing was changed: the replacement of ${identity} was interrupted, and its new key is still to be made; finish it with ${command}, then run this again`,
    EXIT.wrongUse,
  );
}
