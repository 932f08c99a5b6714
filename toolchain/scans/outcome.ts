/** A known hole of a package that we use. */
export interface Hole {
  /** As the database of holes has it: GHSA-..., CVE-..., GO-..., PYSEC-... */
  readonly id: string;
  readonly package: string;
  /** The version that is used, or the range that npm names. */
  readonly version: string;
  /** Versions without it; empty where there is none yet. */
  readonly fixed: readonly string[];
}

/** What a scanner said of one thing: the holes, or why it wasn't looked at. */
export type Outcome =
  | { readonly subject: string; readonly holes: readonly Hole[] }
  | { readonly subject: string; readonly reason: string; readonly absent?: true };

/** A hole that somebody has judged; after `until` it counts again. */
export interface Accepted {
  readonly id: string;
  readonly package: string;
  readonly reason: string;
  /** YYYY-MM-DD */
  readonly until: string;
}

/** Exit codes as all commands have them: 0 sound, 1 a hole, 3 something was not looked at. */
export interface Judged {
  readonly code: 0 | 1 | 3;
  readonly markdown: string;
}

/** @param today YYYY-MM-DD */
export function judge(outcomes: readonly Outcome[], accepted: readonly Accepted[], today: string): Judged {
  const known = new Set(accepted.filter(({ until }) => until >= today).map((each) => `${each.id} ${each.package}`));
  const lines = outcomes.flatMap((outcome) => {
    if ("reason" in outcome)
      return [
        `- ${code(outcome.subject)}: ${outcome.absent ? "not done" : "**not looked at**"}: ${code(outcome.reason)}`,
      ];
    const open = outcome.holes.filter((hole) => !known.has(`${hole.id} ${hole.package}`));
    const rest = outcome.holes.length - open.length;
    const also = rest === 0 ? "" : `, ${rest} accepted`;
    if (open.length === 0) return [`- ${code(outcome.subject)}: no known hole${also}`];
    return [`- ${code(outcome.subject)}: **${open.length} known**${also}`, ...open.map(holeLine)];
  });
  const isOpen = outcomes.some(
    (outcome) => "holes" in outcome && outcome.holes.some(({ id, package: name }) => !known.has(`${id} ${name}`)),
  );
  const isBlind = outcomes.some((outcome) => "reason" in outcome && outcome.absent !== true);
  return {
    code: isOpen ? 1 : isBlind ? 3 : 0,
    markdown: `# Known holes of packages and images\n\n${lines.join("\n")}\n`,
  };
}

function holeLine({ id, package: name, version, fixed }: Hole): string {
  const fix = fixed.length === 0 ? "no version is without it yet" : `fixed in ${fixed.map(code).join(", ")}`;
  return `  - ${code(id)} in ${code(name)} ${code(version)}; ${fix}`;
}

/** Nothing of what scanners say is markup. */
function code(text: string): string {
  return `\`${text
    .replace(/[`\s]+/g, " ")
    .trim()
    .slice(0, 300)}\``;
}
