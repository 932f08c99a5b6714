import type { ResolvedModel } from "../config/model.ts";
import type { Change, Risk } from "./change.ts";
import { grouped } from "./grouped.ts";
import { code, joined, type Markdown, md } from "./markdown.ts";
import { bucketsOf } from "./model-lookup.ts";
import { beyond, type Permission, type Principal, principalsOf } from "./permissions.ts";

/** What one principal gains or loses on one bucket. */
interface Shift {
  readonly principal: Principal;
  readonly risk: Risk;
  readonly text: Markdown;
}

/**
 * Who may do more than before, and who less, policies, groups and the limits of service accounts taken together.
 * Principals with the very same changes are one subject. Access to a bucket that is new is no risk to any data.
 */
export function accessChanges(before: ResolvedModel, after: ResolvedModel): Change[] {
  const [were, are] = [principalsOf(before), principalsOf(after)];
  const [old, buckets] = [bucketsOf(before), bucketsOf(after)];
  const shiftsOf = ([key, principal]: [string, Principal]): Shift[] => {
    const was = were.get(key)?.permissions ?? [];
    const gained = beyond(principal.permissions, was);
    const lost = beyond(was, principal.permissions).filter(({ bucket }) => buckets.has(bucket));
    const verb = were.has(key) ? md`gains` : md`is new and gains`;
    const shift = (risk: Risk, word: Markdown, permissions: readonly Permission[]): Shift[] =>
      placesOf(permissions).map((text) => ({ principal, risk, text: md`${word} ${text}` }));
    return [
      ...shift(
        "access",
        verb,
        gained.filter(({ bucket }) => old.has(bucket)),
      ),
      ...shift(
        "rest",
        md`${verb}, on a new bucket,`,
        gained.filter(({ bucket }) => !old.has(bucket)),
      ),
      ...shift("rest", md`loses`, lost),
    ];
  };
  return merged([...are].map(shiftsOf).filter((shifts) => shifts.length > 0));
}

/** Principals whose shifts read the same become one subject. */
function merged(all: readonly (readonly Shift[])[]): Change[] {
  const key = (shifts: readonly Shift[]): string => {
    const { kind, platform } = shifts[0]?.principal ?? {};
    return JSON.stringify([kind, platform, shifts.map(({ risk, text }) => [risk, text.text])]);
  };
  return grouped(all, key).flatMap((alike) => {
    const names = alike.flatMap(([first]) => (first === undefined ? [] : [first.principal.name])).sort();
    return alike[0].map(({ principal: { kind, platform }, risk, text }): Change => {
      return { risk, subject: { kind, names, platform }, text, settings: [] };
    });
  });
}

/** A text for each bucket and set of actions: `read and list` on ``bucket below `a/`, `b/` ``. */
function placesOf(permissions: readonly Permission[]): Markdown[] {
  const places = grouped(permissions, ({ bucket, prefix }) => JSON.stringify([bucket, prefix])).map((group) => {
    const { bucket, prefix } = group[0];
    return { bucket, prefix, actions: [...new Set(group.map(({ action }) => action))].sort() };
  });
  return grouped(places, ({ bucket, actions }) => JSON.stringify([bucket, actions])).map((group) => {
    const { bucket, actions } = group[0];
    const prefixes = group.map(({ prefix }) => prefix).sort();
    const where = prefixes.includes("") ? md`${bucket}` : md`${bucket} below ${joined(prefixes.map(code), ", ")}`;
    return md`${joined(actions.map(code), ", ")} on ${where}`;
  });
}
