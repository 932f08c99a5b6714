import { manifestInstant } from "../manifest/names.ts";

/** A manifest as it was found in the target bucket. */
export interface Link {
  /** Of its file. */
  readonly name: string;
  readonly instant: Date;
  /** Digest of the whole file, hex; empty where it can't be read to its end. */
  readonly sha256: string;
  /** The manifest before it, as its header has it; null of the first one, undefined where it can't be read. */
  readonly before: { readonly name: string; readonly sha256: string } | null | undefined;
  /** Why it can't be read to its end; undefined where it can. */
  readonly fault: string | undefined;
  /** True where a later version or a delete marker hides the one that was written first. */
  readonly overwritten?: boolean;
}

/** Something that is wrong with a chain. */
export interface ChainFinding {
  readonly kind: "missing" | "altered" | "cut" | "overwritten";
  readonly manifest: string;
  /** One sentence. */
  readonly text: string;
}

/** Moments whose state can be given. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
  /** False where a manifest between is lost: what was written and removed around it isn't known. */
  readonly whole: boolean;
}

export interface Chain {
  readonly findings: readonly ChainFinding[];
  /** Those that can be believed, oldest first. */
  readonly good: readonly Link[];
  /** Oldest first; two that touch are one where both are whole. */
  readonly moments: readonly Span[];
}

/**
 * Judges the manifests of one bucket: each names the one before it by the digest of its whole file.
 * @param links in any order
 * @param kept the first instant that nothing may have expired since; an older manifest may be gone
 */
export function judgeChain(links: readonly Link[], kept: Date): Chain {
  const sorted = links.toSorted((a, b) => a.instant.getTime() - b.instant.getTime());
  const byName = new Map(sorted.map((link) => [link.name, link]));
  const followers = new Map<string, Follower[]>();
  for (const link of sorted) {
    if (!link.before) continue;
    const { name, sha256 } = link.before;
    followers.set(name, [...(followers.get(name) ?? []), { link, sha256 }]);
  }
  const findings = sorted.flatMap((link): ChainFinding[] => {
    const found: ChainFinding[] = [];
    const add = (kind: ChainFinding["kind"], text: string) => found.push({ kind, manifest: link.name, text });
    if (link.fault !== undefined) add(link.sha256 === "" ? "cut" : "altered", link.fault);
    if (link.overwritten === true) add("overwritten", "something was written over it, or a delete marker hides it");
    const wrong = followers.get(link.name)?.find(({ sha256 }) => sha256 !== link.sha256);
    if (wrong !== undefined) add("altered", `its digest isn't the one that ${wrong.link.name} has of it`);
    return found;
  });
  const missing = [...followers].flatMap(([name, [first]]): ChainFinding[] => {
    const at = manifestInstant(name);
    if (byName.has(name) || first === undefined || (at !== null && at < kept)) return [];
    return [{ kind: "missing", manifest: name, text: `${first.link.name} follows it, and it isn't there` }];
  });
  const bad = new Set(
    [...missing, ...findings].flatMap(({ kind, manifest }) => (kind === "overwritten" ? [] : [manifest])),
  );
  const good = sorted.filter(({ name }) => !bad.has(name));
  const lost = [...bad].flatMap((name) => manifestInstant(name) ?? []);
  return { findings: [...missing, ...findings], good, moments: spans(good, lost) };
}

/** A manifest that names another one as the one before it, by this digest. */
interface Follower {
  readonly link: Link;
  readonly sha256: string;
}

/** @param lost instants of manifests that aren't there or can't be believed */
function spans(good: readonly Link[], lost: readonly Date[]): Span[] {
  const found: Span[] = [];
  for (const [index, link] of good.entries()) {
    const before = good[index - 1];
    if (before === undefined) {
      found.push({ from: link.instant, to: link.instant, whole: true });
      continue;
    }
    const whole = !lost.some((at) => at > before.instant && at < link.instant);
    const last = found.at(-1);
    if (last?.whole === true && whole) found[found.length - 1] = { ...last, to: link.instant };
    else {
      found.push({ from: before.instant, to: link.instant, whole });
      if (!whole) found.push({ from: link.instant, to: link.instant, whole: true });
    }
  }
  return found;
}
