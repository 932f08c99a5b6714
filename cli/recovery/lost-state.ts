import { existsSync, readFileSync, renameSync } from "node:fs";
import { join, relative } from "node:path";
import { writeWhole } from "../../toolchain/state/keep.ts";
import { stateLoss } from "../../toolchain/state/require.ts";
import type { StateCopy, StatePlaces } from "../../toolchain/state/state-files.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { makePrivateFolder } from "../local/private-files.ts";
import { counted } from "../terminal/print.ts";
import type { Existing, StateResource } from "./recovery-plan.ts";
import { BUCKET, USER } from "./recovery-plan.ts";

/** Names of what a state knows, or the specs declare. */
export interface Names {
  readonly buckets: readonly string[];
  readonly users: readonly string[];
}

/** Whole copy of a state that is damaged or lost, and how the server differs from it. */
export interface Offer {
  /** The loss in one sentence. */
  readonly what: string;
  readonly copy: StateCopy;
  /** A line each; none where it agrees. */
  readonly differences: readonly string[];
}

/**
 * The newest whole copy for a stack whose state is damaged or lost; undefined where nothing is wrong with it.
 * @param specs what the stack's specs declare
 * @param existing asks the server; users are those of the copy and of the specs
 * @throws CommandError where no copy is left
 */
export async function offerCopy(
  places: StatePlaces,
  specs: () => Names,
  existing: (users: readonly string[]) => Promise<Existing>,
): Promise<Offer | undefined> {
  const loss = stateLoss(places);
  if (loss === undefined) return undefined;
  const { what, copy } = loss;
  if (copy === undefined) {
    throw new CommandError(
      `${what}, and no whole copy of it is here; nothing was changed: docs/runbook.md says under The state is lost what to do`,
      EXIT.couldNotLook,
    );
  }
  const known = namesIn(readFileSync(copy.file, "utf8"));
  try {
    const declared = specs();
    const server = await existing([...new Set([...known.users, ...declared.users])]);
    return { what, copy, differences: differences(known, declared, server) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { what, copy, differences: [`not compared with the server: ${error.message}`] };
  }
}

/** Buckets and users of a state; pure. */
export function namesIn(state: string): Names {
  const { checkpoint } = JSON.parse(state) as { checkpoint?: { latest?: { resources?: StateResource[] } | null } };
  const resources = checkpoint?.latest?.resources ?? [];
  const named = (type: string, key: string) =>
    resources.filter((each) => each.type === type).map((each) => String(each.inputs?.[key] ?? each.id));
  return { buckets: named(BUCKET, "bucket"), users: named(USER, "name") };
}

/** How a server differs from a copy, a line each; what neither the copy nor the specs name is not the stack's. Pure. */
export function differences(copy: Names, specs: Names, server: Existing): string[] {
  return (["buckets", "users"] as const).flatMap((kind) => {
    const noun = kind.slice(0, -1);
    const gone = copy[kind].filter((name) => !server[kind].has(name));
    const fresh = specs[kind].filter((name) => server[kind].has(name) && !copy[kind].includes(name));
    return [
      ...gone.map((name) => `${noun} ${name}: in the copy, not on the server; pulumi up --refresh makes it again`),
      ...fresh.map((name) => `${noun} ${name}: on the server and in the specs, not in the copy; ${TAKE_BACK[kind]}`),
    ];
  });
}

const TAKE_BACK = {
  buckets: "adopt: true in its spec takes it into the state",
  users: "remove it from the server, and the next up makes it with a new secret",
} as const;

/** The offer in words. @param now milliseconds since 1970 */
export function offerText({ root }: StatePlaces, { what, copy, differences: lines }: Offer, now: number): string {
  return [
    what,
    `the newest whole copy is ${age(now - copy.taken.getTime())} old and knows ${counted(copy.resources, "resource")}: ${relative(root, copy.file)}`,
    ...(lines.length === 0
      ? ["the server has every bucket and user of the copy, and none of the specs that the copy doesn't know"]
      : lines.map((line) => `  ${line}`)),
  ].join("\n");
}

/**
 * Makes a copy the state. What lies in its place is moved beside the copies, not deleted.
 * @returns what was done, for people
 */
export function takeCopy(places: StatePlaces, { copy }: Offer, now: number): string {
  const text = readFileSync(copy.file, "utf8");
  makePrivateFolder(places.kept);
  const aside = join(places.kept, `damaged-${now}.json`);
  const was = existsSync(places.file);
  if (was) renameSync(places.file, aside);
  writeWhole(places.file, text);
  const kept = was ? `; the damaged one is ${relative(places.root, aside)}` : "";
  return `the copy from ${copy.taken.toISOString()} is the state of stack ${places.stack} again${kept}`;
}

function age(milliseconds: number): string {
  const minutes = Math.max(Math.round(milliseconds / 60_000), 0);
  if (minutes < 120) return counted(minutes, "minute");
  return minutes < 48 * 60 ? counted(Math.round(minutes / 60), "hour") : counted(Math.round(minutes / 1440), "day");
}
