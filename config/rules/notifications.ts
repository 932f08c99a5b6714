import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { nearest } from "../values/nearest.ts";
import { eventName, isTarget, TARGET_KINDS } from "../values/notifications.ts";
import type { BucketRule, DocumentRule } from "./rule.ts";

const LONGEST = 1024;

/** Whom a bucket tells: targets that MinIO can have, and no rule twice, which it refuses. */
export const notifications: BucketRule = ({ bucket, notifications: rules }) => {
  const seen = new Map<string, number>();
  return rules.flatMap(({ rule, path }): Fault[] => {
    const { target, prefix, suffix } = rule;
    const faults: Fault[] = [...targetFaults(target, [...path, "target"]), ...eventFaults(rule.events, path)];
    for (const [key, text] of Object.entries({ prefix, suffix })) {
      const wrong = text === undefined ? null : notificationFilterFault(text);
      if (wrong !== null)
        faults.push({
          code: "prefix",
          path: [...path, key],
          message: `${shownText(text ?? "")} ${wrong}`,
          fix: FILTER,
        });
    }
    const own = JSON.stringify([target, prefix ?? "", suffix ?? ""]);
    const [index, before] = [Number(path.at(-1)), seen.get(own)];
    if (before !== undefined) {
      const message = `rule ${index + 1} of bucket ${bucket.name} tells ${shownText(target)} of the same objects as rule ${before + 1}`;
      faults.push({ code: "repeated-entry", path, message, fix: "write the events of both into one rule" });
    } else seen.set(own, index);
    return faults;
  });
};

const FILTER = "write the beginning or the end of keys as they are, or leave it out for every object";

/** What makes text unfit to be what keys begin or end with, on MinIO, which takes both for a pattern. */
export function notificationFilterFault(text: string): string | null {
  if (text === "") return "is every object";
  if (/[*?\\]/.test(text)) return "holds *, ? or a backslash, which no rule can mean as themselves";
  if (text.split("/").some((segment) => segment === "." || segment === "..")) return "has a segment . or ..";
  if (/\p{Cc}/u.test(text)) return "holds a control character";
  return Buffer.byteLength(text) > LONGEST ? `is longer than ${LONGEST} bytes` : null;
}

function targetFaults(target: string, path: Path): Fault[] {
  if (isTarget(target)) return [];
  const [name = "", kind] = target.split(":");
  const near = kind === undefined ? null : nearest(kind, TARGET_KINDS);
  const message = `${shownText(target)} is no target: it is a name and a kind with : between them, and kinds are ${TARGET_KINDS.join(", ")}`;
  const fix =
    kind === undefined
      ? `write ${shownText(`${name}:webhook`)}`
      : near === null
        ? "write a name of letters, digits, _ and -, : and one of these kinds"
        : `did you mean ${name}:${near}?`;
  return [{ code: "notification-target", path, message, fix }];
}

/** One event twice is refused by the server, by whichever of its two names. */
function eventFaults(events: readonly string[], path: Path): Fault[] {
  const names = events.map(eventName);
  return names.flatMap((name, index): Fault[] => {
    if (names.indexOf(name) === index) return [];
    const message = `${shownText(events[index] ?? "")} stands in this list already`;
    return [{ code: "repeated-entry", path: [...path, "events", index], message, fix: "remove one of the two" }];
  });
}

/** What is known of a stack's server. */
interface Known {
  readonly stage: string;
  /** As NAME:KIND; undefined where only the server knows them. */
  readonly knownTargets: readonly string[] | undefined;
}

/** No bucket of a stage tells a target that its server isn't started with. */
export function knownTargets({ stage, knownTargets: known }: Known): DocumentRule[] {
  if (known === undefined) return [];
  const judge = (target: string, path: Path): Fault[] => {
    if (!isTarget(target) || known.includes(target)) return [];
    const near = nearest(target, known);
    const there = known.length === 0 ? "it names none" : `it names ${known.join(", ")}`;
    const message = `the stack of stage ${stage} has no target ${shownText(target)} in bucketworks:notificationTargets, ${there}`;
    const fix = near === null ? "add it there (docs/notifications.md)" : `did you mean ${near}?`;
    return [{ code: "notification-target", path, message, fix }];
  };
  return [
    (view) =>
      view.stage !== stage
        ? []
        : view.buckets.flatMap(({ notifications: rules }) =>
            rules.flatMap(({ rule, path }) => judge(rule.target, [...path, "target"])),
          ),
  ];
}
