import { endingOf } from "../ending/error-to-exit.ts";
import { stopIfInterrupted } from "../ending/signals.ts";
import type { Context } from "./context.ts";
import type { Finding, Seen } from "./finding.ts";

/** One thing that doctor looks at. */
export interface Check {
  /** As findings name it. */
  readonly name: string;
  /** What is looked at, for who waits. */
  readonly about: string;
  /** Checks without which this one says nothing. */
  readonly needs: readonly string[];
  /** Heading of the section of docs/runbook.md, as an anchor. */
  readonly runbook: string;
  /** Whether it was asked for. @default always */
  readonly wanted?: (at: Context) => boolean;
  readonly look: (at: Context) => Promise<readonly Seen[]>;
}

/**
 * Looks at one thing after another. What rests on something that isn't right is skipped, and says because of what; a look
 * that fails is a finding itself, and ends nothing.
 * @param begun told of each look before it begins
 */
export async function runChecks(
  checks: readonly Check[],
  at: Context,
  begun: (about: string) => void = () => undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const blocked = new Map<string, string>();
  for (const check of checks.filter(({ wanted = () => true }) => wanted(at))) {
    stopIfInterrupted();
    const cause = check.needs.find((name) => blocked.has(name));
    if (cause === undefined) begun(check.about);
    const seen = cause === undefined ? await look(check, at) : [skipped(blocked.get(cause) ?? cause)];
    for (const each of seen) findings.push(findingOf(check, each));
    if (seen.some(({ state }) => state === "wrong" || state === "unknown")) blocked.set(check.name, check.name);
    else if (cause !== undefined) blocked.set(check.name, blocked.get(cause) ?? cause);
  }
  return findings;
}

async function look(check: Check, at: Context): Promise<readonly Seen[]> {
  try {
    return await check.look(at);
  } catch (error) {
    stopIfInterrupted();
    return [{ state: "unknown", seen: endingOf(error).text.split("\n").slice(0, 20).join("\n") }];
  }
}

function skipped(cause: string): Seen {
  return { state: "skipped", seen: `because ${cause} isn't right` };
}

function findingOf({ name, runbook }: Check, { state, seen, cure }: Seen): Finding {
  const told = state === "wrong" || state === "unknown";
  return { check: name, state, seen, cure, runbook: told ? `docs/runbook.md#${runbook}` : undefined };
}
