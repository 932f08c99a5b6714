import { type ChainHead, digestOf, linkOf } from "./audit-trail.ts";

/** A version in the bucket of the trail. */
export interface Version {
  readonly key: string;
  /** Undefined of a delete marker. */
  readonly body: string | undefined;
}

/** What a look at a trail told. */
export interface TrailReport {
  readonly objects: number;
  readonly lines: number;
  readonly chains: number;
  /** What was changed, removed or added beside it, a sentence each. */
  readonly findings: readonly string[];
}

/**
 * Judges a trail by its chains: each object names the digest of the one before.
 * @param versions of all objects, of one object the oldest first
 * @param head what this checkout stored last; undefined where it stores none
 */
export function judgeTrail(versions: readonly Version[], head: ChainHead | undefined): TrailReport {
  const findings: string[] = [];
  const chains = new Map<string, Map<number, string>>();
  let lines = 0;
  for (const [key, all] of byKey(versions)) {
    const bodies = all.flatMap(({ body }) => (body === undefined ? [] : [body]));
    const [first = ""] = bodies;
    if (all.some(({ body }) => body === undefined)) findings.push(`${key}: somebody deleted it; its version is there`);
    if (bodies.some((body) => body !== first))
      findings.push(`${key}: somebody wrote over it; its first version is there`);
    const link = linkOf(first);
    if (link === undefined) {
      findings.push(`${key}: is no object of the trail`);
      continue;
    }
    const counted = first.split("\n").length - 2;
    if (counted !== link.lines) findings.push(`${key}: has ${counted} lines, and says that it has ${link.lines}`);
    lines += counted;
    const chain = chains.get(link.chain) ?? new Map<number, string>();
    if (chain.has(link.sequence)) findings.push(`${key}: another object has its place, ${link.sequence}`);
    chains.set(link.chain, chain.set(link.sequence, first));
  }
  for (const [name, chain] of chains) findings.push(...breaks(name, chain));
  if (head !== undefined && head.digest !== null && !isThere(chains, head))
    findings.push(
      `chain ${head.chain}: object ${head.sequence}, the newest that was stored from here, isn't there as it was`,
    );
  return { objects: byKey(versions).size, lines, chains: chains.size, findings: findings.sort() };
}

function byKey(versions: readonly Version[]): Map<string, Version[]> {
  const found = new Map<string, Version[]>();
  for (const version of versions) found.set(version.key, [...(found.get(version.key) ?? []), version]);
  return found;
}

/** The oldest may be gone by age: what is left has to be whole. */
function breaks(name: string, chain: ReadonlyMap<number, string>): string[] {
  const numbers = [...chain.keys()].sort((a, b) => a - b);
  return numbers.slice(1).flatMap((number) => {
    const before = chain.get(number - 1);
    if (before === undefined) return [`chain ${name}: object ${number - 1} is missing`];
    const named = linkOf(chain.get(number) ?? "")?.previous;
    return named === digestOf(before)
      ? []
      : [`chain ${name}: object ${number - 1} isn't what object ${number} follows`];
  });
}

function isThere(chains: ReadonlyMap<string, ReadonlyMap<number, string>>, head: ChainHead): boolean {
  const body = chains.get(head.chain)?.get(head.sequence);
  return body !== undefined && digestOf(body) === head.digest;
}
