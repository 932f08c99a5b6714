import type { ResolvedModel, Unmanaged } from "../../config/model.ts";
import { plainText } from "../../config/text/plain.ts";
import { factsDigest } from "../../config/values/facts-digest.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { type Compared, finding } from "../compare/findings.ts";
import { byRisk, type Finding, type NotLooked, SEVERITIES, type SubjectKind } from "../finding.ts";
import { factsOf } from "./facts-of.ts";

export interface KnownUnmanaged extends Compared {
  /** Entries of the specs that are as they were listed, by kind. */
  readonly known: ReadonlyMap<SubjectKind, number>;
}

/**
 * What the specs list as unmanaged is no finding while it is as it was listed, and one with both digests when it isn't.
 * Only what no spec makes can be listed: a finding of another kind stays one.
 */
export function withoutListed(
  { findings, notLooked }: Compared,
  model: ResolvedModel,
  live: LiveServer,
): KnownUnmanaged {
  const known = new Map<SubjectKind, number>();
  const unread: NotLooked[] = [];
  const isTold = (kind: string, reason: string): boolean =>
    notLooked.some((each) => each.subject.kind === kind && each.reason === reason);
  let left = [...findings];
  for (const { name: platform, unmanaged } of model.platforms) {
    for (const entry of unmanaged) {
      const subject = { kind: entry.kind as SubjectKind, name: entry.name };
      const look = factsOf(subject, live);
      if ("reason" in look) {
        if (!isTold(subject.kind, look.reason)) unread.push({ subject, reason: look.reason });
        continue;
      }
      const own = left.filter((each) => isOf(each, entry));
      left = left.filter((each) => !own.includes(each));
      const drift = driftOf(entry, look.value, platform, own);
      if (drift === null) known.set(subject.kind, (known.get(subject.kind) ?? 0) + 1);
      else left.push(drift);
    }
  }
  return { findings: left.sort(byRisk), notLooked: [...notLooked, ...unread], known };
}

/** Whoever changes one of these may have given somebody more than the entry was accepted for. */
const REACHES: ReadonlySet<SubjectKind> = new Set(["public grant", "policy", "user", "group", "service account"]);

function isOf({ kind, subject }: Finding, entry: Unmanaged): boolean {
  return kind === "unmanaged" && subject.kind === entry.kind && plainText(subject.name) === entry.name;
}

/** @param own what was found of it, were it not listed */
function driftOf(
  { kind, name, digest, says, reason }: Unmanaged,
  facts: readonly string[] | null,
  platform: string,
  own: readonly Finding[],
): Finding | null {
  const subject = { kind: kind as SubjectKind, name };
  const expected = { digest, says: [...says] };
  if (facts === null) {
    const message = `gone; it was listed as unmanaged (${reason}): remove the entry`;
    return finding("missing", subject, { severity: "medium", platform, path: "unmanaged", expected, message });
  }
  const now = factsDigest(facts);
  if (now === digest) return null;
  const least = REACHES.has(subject.kind) ? "high" : "medium";
  const severity = SEVERITIES.find((each) => each === least || own.some((of) => of.severity === each)) ?? least;
  const actual = { digest: now, says: [...facts] };
  const message = `not as it was listed as unmanaged: digest ${short(digest)}, now ${short(now)}; ${change(says, facts)}`;
  return finding("changed", subject, { severity, platform, path: "unmanaged", expected, actual, message });
}

/** What changed, where the entry says what was so; else what is so now. */
function change(says: readonly string[], facts: readonly string[]): string {
  if (says.length === 0) return `now: ${facts.join("; ")}`;
  const added = facts.filter((each) => !says.includes(each)).map((each) => `now: ${each}`);
  const gone = says.filter((each) => !facts.includes(each)).map((each) => `no longer: ${each}`);
  return [...added, ...gone].join("; ");
}

/** Enough of a digest to tell two apart; the report in JSON has all of it. */
function short(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
