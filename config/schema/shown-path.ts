import { formatPath, type Path } from "../document/source-tree.ts";
import { nearest, plain } from "../values/nearest.ts";
import { knownKeysAt } from "./known-keys.ts";
import { otherWords } from "./special-keys.ts";
import { isCredential } from "./values.ts";

/** A path for messages: cut where what follows may be a password that stands in the place of a key. */
export function shownPath(path: Path): string {
  const at = path.findIndex(
    (_, index) => isCredential(String(path[index - 1])) || isStrangeKey(path.slice(0, index + 1)),
  );
  return formatPath(at === -1 ? path : path.slice(0, at));
}

/** Whether a path ends in what is no key of an identity, nor like one: the password itself, perhaps. */
export function isStrangeKey(path: Path): boolean {
  const below = path.slice(path[0] === "environments" ? 2 : 0);
  const [access, kind, , key] = below;
  if (below.length !== 4 || access !== "access" || (kind !== "users" && kind !== "service_accounts")) return false;
  const word = String(key);
  return !isCredential(word) && !otherWords.has(plain(word)) && nearest(word, knownKeysAt(below.slice(0, 3))) === null;
}
