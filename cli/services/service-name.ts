import { nearest } from "../../config/values/nearest.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { kindNamed, knownInstances } from "../local/services/local-service.ts";

/**
 * The instance that a person means: by its name, or by its kind where there is one of that kind alone.
 * @param asked names of those that the platforms ask for
 * @throws CommandError with the names that there are
 */
export function instanceMeant(given: string, checkout: Checkout, asked: readonly string[] = []): string {
  const names = [...new Set([...asked, ...knownInstances(checkout)])];
  if (names.includes(given)) return given;
  const ofKind = names.filter((name) => kindNamed(name) === given.replaceAll("-", "_"));
  if (ofKind.length === 1) return String(ofKind[0]);
  const near = nearest(given, names);
  const fix = near === null ? "use one of them" : `did you mean ${near}?`;
  throw new CommandError(`no service ${JSON.stringify(given)}, there are ${names.join(", ")}; ${fix}`, EXIT.wrongUse);
}

/** Why one that no platform asks for can't be had, and what to do. */
export function notAskedFor(name: string): CommandError {
  return new CommandError(
    `${name}: no platform of the stack dev asks for it; write ${keyOf(name)} under services in one's file`,
    EXIT.wrongUse,
  );
}

/** The key of a platform's file that asks for it. */
function keyOf(name: string): string {
  const kind = kindNamed(name);
  return kind === "log_store" || kind === "log_shipper" ? "logs" : String(kind);
}
