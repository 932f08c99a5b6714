import type { z } from "zod";
import { type MapNode, type Node, nodeAt, type Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { daysFix, daysIn, secondsFix } from "../values/duration.ts";
import { encryptionFix } from "../values/encryption.ts";
import { bucketNameFaults } from "../values/names.ts";
import { nearest, plain } from "../values/nearest.ts";
import { quantityFix } from "../values/quantity.ts";
import { FOREVER } from "./cascading-settings.ts";
import { knownKeysAt, ownersOf } from "./known-keys.ts";
import { isStrangeKey } from "./shown-path.ts";
import { otherWords, reservedKeys, serverCannot } from "./special-keys.ts";
import { credentialFix, isCredential, isSecret, kindOf, shown } from "./values.ts";

type ZodIssue = z.core.$ZodIssue;

/** What zod found at a path of `root`, in the words of the spec. An issue about several keys becomes a fault for each. */
export function shapeFaults(issue: ZodIssue, path: Path, root: Node): Fault[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key], nodeAt(root, [...path, key])));
  }
  const node = nodeAt(root, path);
  if (node?.kind === "faulty") return [];
  if (node === undefined) return [missingKey(path)];
  // items with faults of their own are told, and leave a list that isn't really empty
  if (issue.code === "too_small" && node.kind === "list" && node.items.length > 0) return [];
  return [valueFault(issue, path, node)];
}

function missingKey(path: Path): Fault {
  const key = String(path.at(-1) ?? "");
  return { code: "missing-key", path, message: `${key} is missing`, fix: `add ${key}` };
}

function unknownKey(path: Path, node: Node | undefined): Fault {
  const key = String(path.at(-1));
  const at = { path, onKey: true };
  if (key === "tiers") {
    const message = "tiers is a reserved key: a tier is the stack's, as each stage has another store";
    return { ...at, code: "reserved-key", message, fix: "remove it, and set bucketworks:tiers (docs/tiers.md)" };
  }
  if (reservedKeys.some((reserved) => reserved === key)) {
    const message = `${key} is a reserved key: it comes with a later version`;
    return { ...at, code: "reserved-key", message, fix: "remove it until then" };
  }
  const cannot = serverCannot(key);
  if (cannot !== null) {
    return { ...at, code: "server-cannot", message: `${key} can't be kept: ${cannot.reason}`, fix: cannot.fix };
  }
  const known = knownKeysAt(path.slice(0, -1));
  const message = `unknown key${isStrangeKey(path) ? "" : ` ${key}`}, allowed are ${known.join(", ")}`;
  const fix = path[0] === "access" && isCredential(key) ? credentialFix : unknownKeyFix(path, known, node);
  return { ...at, code: "unknown-key", message, fix };
}

function unknownKeyFix(path: Path, known: readonly string[], node: Node | undefined): string {
  const key = String(path.at(-1));
  const days = known.includes("days") && node?.kind === "scalar" ? daysIn(`${node.value} ${key}`) : null;
  if (days !== null && days >= 1) return `write days: ${Math.ceil(days)}`;
  if (path[0] === "access" && path[1] === "groups" && /^(?:members|users)$/.test(plain(key))) {
    return "remove it; each user names its groups: write groups at the user";
  }
  const word = otherWords.get(plain(key));
  if (word !== undefined && known.includes(word)) return `did you mean ${word}?`;
  const otherNumber = known.find((each) => plain(each) === `${plain(key)}s` || plain(key) === `${plain(each)}s`);
  if (otherNumber !== undefined) return `did you mean ${otherNumber}?`;
  const owners = ownersOf(key);
  if (owners.length > 0 && !known.includes(key)) return `${key} belongs to ${owners.join(" or ")}`;
  if (/:\S/.test(key)) return "write a blank after the colon";
  const near = nearest(key, known);
  return near === null ? "remove it" : `did you mean ${near}?`;
}

function valueFault(issue: ZodIssue, path: Path, node: Node): Fault {
  const given = isSecret(path) ? kindOf(node) : shown(node);
  if (issue.code === "too_small" || issue.code === "too_big") {
    return rangeFault(issue, path, given);
  }
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String);
    const near = node.kind === "scalar" ? nearest(String(node.value), allowed) : null;
    const fix = near === null ? "use one of them" : `did you mean ${near}?`;
    return { code: "not-allowed", path, message: `must be one of ${allowed.join(", ")}, got ${given}`, fix };
  }
  const wanted = wantedType(issue, path);
  return { code: "wrong-type", path, message: `must be ${wanted}, got ${given}`, fix: typeFix(wanted, node, path) };
}

function rangeFault(issue: Extract<ZodIssue, { code: "too_small" | "too_big" }>, path: Path, given: string): Fault {
  if (issue.code === "too_small" && issue.origin === "array") {
    const message = `must hold at least ${issue.minimum}, got an empty list`;
    return { code: "out-of-range", path, message, fix: emptyListFix(path) };
  }
  const text = issue.origin === "string";
  const unit = text ? " characters" : "";
  // of whole numbers, more than 0 is at least 1
  const least = issue.code === "too_small" ? Number(issue.minimum) + (issue.inclusive === false ? 1 : 0) : 0;
  const range = issue.code === "too_small" ? `at least ${least}${unit}` : `at most ${issue.maximum}${unit}`;
  const fix = issue.code === "too_small" && !text ? smallFix(path, least) : "choose a value in the range";
  return { code: "out-of-range", path, message: `must be ${range}, got ${given}`, fix };
}

/** Where a missing key stands for none; elsewhere it stands for a default, or is needed. */
const NONE_IF_ABSENT = ["retention_days", "expire_days", "keep_versions"];

function smallFix(path: Path, least: number): string {
  return NONE_IF_ABSENT.includes(String(path.at(-1))) ? "to have none, remove the key" : `write ${least}, or more`;
}

function emptyListFix(path: Path): string {
  if (path.at(-1) === "prefixes") return "name a prefix; to grant the whole bucket, remove the key";
  return "add one, or remove the entry it belongs to";
}

const DAYS_OR_FOREVER = `a whole number or ${FOREVER}`;

function wantedType(issue: ZodIssue, path: Path): string {
  if (issue.code === "invalid_union") return path.at(-1) === "quota" ? "a number or text" : DAYS_OR_FOREVER;
  if (issue.code !== "invalid_type") return "another value";
  return typeNames[issue.expected] ?? issue.expected;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function typeFix(wanted: string, node: Node, path: Path): string {
  if (node.kind === "scalar") {
    const value = node.value;
    if (value === null) return "give a value, or remove the key";
    const meant = meantValue(String(path.at(-1)), value);
    if (meant !== null) return meant;
    if (wanted === "text") return isSecret(path) ? "put it in quotes" : `write "${node.source ?? value}" in quotes`;
    if (wanted === DAYS_OR_FOREVER && /ever|keep|unlimited/i.test(String(value))) return `write ${FOREVER}`;
    if (typeof value === "string" && wanted.startsWith("a whole number")) return numberFix(value, path);
    if (typeof value === "string" && wanted === "true or false") return booleanFix(value);
    if (wanted === "a list") return listFix(value);
  }
  if (wanted === "a map") return mapFix(node, path);
  if (isEmptyMap(node) && wanted === "a list") return "write [] for an empty list";
  if (node.kind === "map" && path.at(-1) === "buckets") return "write each bucket after a dash: - {name: NAME}";
  return `write ${wanted}`;
}

/** What a number or a switch stands for at a key that takes text, or a map. */
function meantValue(key: string, value: string | number | boolean): string | null {
  if (key === "encryption" && typeof value === "boolean") return encryptionFix(String(value));
  if (typeof value !== "number") return null;
  if (key === "cpu" || key === "memory") return quantityFix(key, value);
  if (key === "home") return quantityFix("memory", value);
  if (key === "deadline") return secondsFix(value);
  return key === "replicas" && Number.isInteger(value) && value > 0 ? `write {min: ${value}, max: ${value}}` : null;
}

/** A bucket by its name alone, or a list of names that have settings. */
function mapFix(node: Node, path: Path): string {
  if (node.kind === "list") return "write each name with a colon after it, and its settings below";
  const value = node.kind === "scalar" ? node.value : null;
  if (typeof value !== "string" || path.at(-2) !== "buckets") return "write a map";
  if (/^[a-z_]+:\S/.test(value)) return "write a blank after the colon";
  return bucketNameFaults(value).length === 0 ? `write {name: ${value}}` : "write {name: NAME}";
}

/** One word, or words of a command, as the list they make. */
function listFix(value: string | number | boolean): string {
  const isPlain = typeof value === "string" && /^[\w./-]+(?: [\w./-]+)*$/.test(value);
  if (!isPlain) return "write a list, each item on its own line after a dash";
  return `write [${value.split(" ").join(", ")}]`;
}

function numberFix(text: string, path: Path): string {
  if (/^\d+$/.test(text)) return "remove the quotes";
  const isDays = /days$/.test(String(path.at(-1)));
  return (isDays ? daysFix(text) : null) ?? "write a whole number";
}

function booleanFix(value: string): string {
  if (/^(yes|on|true|enabled|y)$/i.test(value)) return "write true";
  if (/^(no|off|false|disabled|n)$/i.test(value)) return "write false";
  return "write true or false";
}

function isEmptyMap(node: Node): node is MapNode {
  return node.kind === "map" && node.entries.size === 0;
}
