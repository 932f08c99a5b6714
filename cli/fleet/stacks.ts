import { nearest } from "../../config/values/nearest.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/** A stack that has settings here. */
export interface FleetStack {
  readonly stack: string;
  readonly stage: string;
  /** Of its server, as host:port; undefined where the stack names none. */
  readonly endpoint?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Which stacks a command is about: those of a list, those with all of these tags; nothing given is all. */
export interface Selection {
  readonly names: readonly string[] | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The stacks that a selection means, in the order of their names; pure.
 * @throws CommandError for a name that no stack has, and where nothing is selected
 */
export function selected(all: readonly FleetStack[], { names, tags }: Selection): readonly FleetStack[] {
  const known = all.map(({ stack }) => stack);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const like = nearest(unknown, known);
    const fix = like === undefined ? "" : `; did you mean ${like}?`;
    throw new CommandError(
      `no stack ${JSON.stringify(unknown)}: no Pulumi.${unknown}.yaml is here${fix}`,
      EXIT.wrongUse,
    );
  }
  const wanted = Object.entries(tags);
  const found = all
    .filter(({ stack }) => names?.includes(stack) ?? true)
    .filter((each) => wanted.every(([key, value]) => each.tags[key] === value));
  if (found.length > 0) return found;
  if (wanted.length === 0) {
    const there =
      known.length === 0 ? "none has settings here: pulumi stack init NAME" : `there are ${known.sort().join(", ")}`;
    throw new CommandError(`${names === undefined ? "no stack" : "no stack is named"}; ${there}`, EXIT.wrongUse);
  }
  const asked = wanted.map(([key, value]) => `${key}=${value}`).join(", ");
  const there = [...new Set(all.flatMap((each) => Object.entries(each.tags).map((pair) => pair.join("="))))].sort();
  const known_ = there.length === 0 ? "no stack has any (bucketworks:tags)" : `there are ${there.join(", ")}`;
  throw new CommandError(`no stack has the tags ${asked}; ${known_}`, EXIT.wrongUse);
}

/** Names of a list, a line each; what stands behind a # is left out. */
export function namesIn(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}
