import type { PolicyDocument } from "../provider/bucket-types.ts";
import { type Part, type Right, rightsOf } from "./rights.ts";

/** What some rights say and none of the others covers; each once. */
export function beyond(rights: readonly Right[], others: readonly Right[]): Right[] {
  const same = new Set(others.map(keyOf));
  const own = new Map(rights.map((right) => [keyOf(right), right]));
  return [...own].flatMap(([key, right]) =>
    same.has(key) || others.some((other) => covers(other, right)) ? [] : [right],
  );
}

/**
 * Whether two documents permit and refuse the same, whatever their texts: a statement split in two, two merged, and what
 * another one permits anyhow make no difference. False also where that can't be shown.
 */
export function sameRights(one: PolicyDocument | undefined, other: PolicyDocument | undefined): boolean {
  const [before, after] = [rightsOf(one), rightsOf(other)];
  return beyond(before, after).length === 0 && beyond(after, before).length === 0;
}

function keyOf({ allow, who, action, resource, when }: Right): string {
  return JSON.stringify([allow, who, action, resource, when]);
}

/** A condition only limits, so what holds always covers what holds sometimes. */
function covers(wide: Right, narrow: Right): boolean {
  return (
    wide.allow === narrow.allow &&
    (wide.when === "" || wide.when === narrow.when) &&
    coversPrincipal(wide.who, narrow.who) &&
    coversAction(wide.action, narrow.action) &&
    coversResource(wide.resource, narrow.resource)
  );
}

function isSame(one: Part, other: Part): boolean {
  return one.text === other.text && one.pattern === other.pattern;
}

function coversPrincipal(wide: Part, narrow: Part): boolean {
  return isSame(wide, narrow) || (wide.pattern === "*" && narrow.pattern !== undefined);
}

/** For MinIO `s3:GetObjectVersion` permits `s3:GetObject` as well. */
function coversAction(wide: Part, narrow: Part): boolean {
  if (isSame(wide, narrow)) return true;
  if (wide.pattern === undefined || narrow.pattern === undefined) return false;
  if (!matchesAll(wide.pattern, narrow.pattern)) return false;
  return narrow.pattern !== "s3:GetObjectVersion" || matchesAll(wide.pattern, "s3:GetObject");
}

/**
 * Only what ends in a star covers another: MinIO lets `b/x` match `b/x/`, too. A variable of the narrow one may stand for
 * anything; one of the wide one is like itself alone.
 */
function coversResource(wide: Part, narrow: Part): boolean {
  if (isSame(wide, narrow)) return true;
  if (wide.pattern === undefined || narrow.pattern === undefined) return false;
  if (!wide.pattern.endsWith("*") || wide.pattern.includes("$")) return false;
  // MinIO takes the star off what begins with one: "*b/*" is "b/*"
  if (/^\*./s.test(wide.pattern)) return false;
  return matchesAll(wide.pattern, narrow.pattern.replace(/\$.*$/s, "*"));
}

/**
 * Whether a pattern matches all that another one does; false also where only a closer look would tell. In steps of the
 * product of their lengths, however many stars somebody writes.
 */
export function matchesAll(wide: string, narrow: string): boolean {
  const [pattern, text] = [[...wide], [...narrow]];
  let [at, place, star, from] = [0, 0, -1, 0];
  while (place < text.length) {
    if (pattern[at] === "*") {
      star = at++;
      from = place;
    } else if (matchesOne(pattern[at], text[place] ?? "")) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++from;
    } else return false;
  }
  return pattern.slice(at).every((character) => character === "*");
}

/** MinIO's question mark is one byte: it stands for a letter of ASCII, or for another one, and for no star. */
function matchesOne(pattern: string | undefined, character: string): boolean {
  return pattern === "?" ? character !== "*" && character <= "\u007f" : pattern === character;
}
