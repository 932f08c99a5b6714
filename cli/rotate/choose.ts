import { nearest } from "../../config/values/nearest.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import type { AccountKey } from "./look.ts";
import type { Phase } from "./phase.ts";

/** What is done now without anybody naming the account. */
const DUE: readonly Phase["phase"][] = ["due", "issue", "deliver", "revoke"];

export function isDue({ phase }: Pick<AccountKey, "phase">): boolean {
  return DUE.includes(phase.phase);
}

/** What a phase is called in the list. */
export function phaseText(phase: Phase): string {
  switch (phase.phase) {
    case "absent":
      return "not made yet: pulumi up makes it";
    case "current":
      return phase.due === undefined ? "replaced when it is asked for" : `replaced from ${phase.due.toISOString()} on`;
    case "due":
      return "to be replaced now";
    case "issue":
      return "interrupted: the new key is still to be made";
    case "deliver":
      return "interrupted: whether the new key was delivered isn't proved";
    case "grace":
      return `both keys are taken until ${phase.ends.toISOString()}`;
    case "revoke":
      return "the old key is to end now";
  }
}

/**
 * Those with which something is to be done, and a line of each named one with which nothing is.
 * @param names undefined is all that are due
 * @throws CommandError naming what is near
 */
export function chosenAccounts(
  all: readonly AccountKey[],
  names: readonly string[] | undefined,
  stack: string,
): { readonly accounts: readonly AccountKey[]; readonly untouched: readonly string[] } {
  if (names === undefined) return { accounts: all.filter(isDue), untouched: [] };
  const named = [...new Set(names)].map((name) => all.find((each) => each.name === name) ?? unknown(all, name, stack));
  const idle = named.filter(({ phase }) => phase.phase === "grace" || phase.phase === "absent");
  return {
    accounts: named.filter((each) => !idle.includes(each)),
    untouched: idle.map(({ name, phase }) => `${name}: ${phaseText(phase)}`),
  };
}

function unknown(all: readonly AccountKey[], name: string, stack: string): never {
  const known = all.map((each) => each.name);
  const near = nearest(name, known);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  const there = known.length === 0 ? "no platform has one with access.rotation" : `there are ${known.join(", ")}`;
  throw new CommandError(
    `rotate: nothing was changed: stack ${stack} has no service account ${name} whose platform has access.rotation, ${there}${hint}. A user's key, or any key without an overlap: bucketworks key rotate ${name}`,
    EXIT.wrongUse,
  );
}
