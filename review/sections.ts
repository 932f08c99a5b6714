import { type Ranked, RISKS, type Risk } from "./change.ts";
import { grouped } from "./grouped.ts";
import { code, fenced, joined, type Markdown, md } from "./markdown.ts";
import type { Diagnostic, PolicyFinding, Preview, Step } from "./read-preview.ts";
import type { Review } from "./review.ts";
import { namesText, subjectText } from "./subject-text.ts";

/** A part of a comment; each item stands for itself, so that a part can be cut between two. */
export interface Section {
  readonly title: Markdown;
  readonly items: readonly Markdown[];
  /** Shown when it is asked for. */
  readonly folded: boolean;
}

const RISK_NAMES: Readonly<Record<Risk, Markdown>> = {
  removed: md`data would be deleted`,
  released: md`bucket leaves the stack`,
  tier: md`tier leaves the stack`,
  public: md`becomes public`,
  retention: md`data is deleted sooner`,
  lock: md`lock weakened`,
  versioning: md`versioning off`,
  encryption: md`encryption weakened`,
  access: md`access widened`,
  protection: md`protection off`,
  quota: md`quota lowered`,
  rest: md`other`,
};

/** What stands under the heading: how the preview ended and how much there is to look at. */
export function summary({ preview, risky, rest }: Review): Markdown {
  const risks = RISKS.filter((risk) => risk !== "rest")
    .map((risk) => ({ risk, count: count(risky, risk) }))
    .filter(({ count }) => count > 0);
  const mandatory = preview.policies.filter(({ level }) => level === "mandatory").length;
  const parts = [
    ...risks.map(({ risk, count }) => md`${count} × ${RISK_NAMES[risk]}`),
    ...(preview.policies.length > 0 ? [md`${preview.policies.length} × policy (${mandatory} mandatory)`] : []),
  ];
  const changes = parts.length > 0 ? joined(parts, ", ") : rest.length > 0 ? md`No data at risk` : md`No change`;
  return md`${verdict(preview)}${changes}. ${operations(preview)}`;
}

function count(subjects: readonly Ranked[], risk: Risk): number {
  const hit = subjects.filter(({ changes }) => changes.some((change) => change.risk === risk));
  return hit.reduce((sum, { subject }) => sum + subject.names.length, 0);
}

function verdict({ result, policies, diagnostics }: Preview): Markdown {
  const refused = policies.some(({ level }) => level === "mandatory");
  const failed = diagnostics.some(({ severity }) => severity === "error");
  if (result === "incomplete") return md`**Preview incomplete**: it stopped before its end, there may be more. `;
  if (result === "canceled") return md`**Preview canceled**: there may be more. `;
  if (result === "failed" && refused && !failed) return md`**Refused by policy.** `;
  return result === "failed" ? md`**Preview failed**: there may be more. ` : md``;
}

const OPERATIONS: readonly (readonly [op: string, name: Markdown])[] = [
  ["create", md`to create`],
  ["update", md`to update`],
  ["replace", md`to replace`],
  ["delete", md`to delete`],
  ["import", md`to import`],
  ["same", md`unchanged`],
];

function operations({ counts }: Preview): Markdown {
  const known = OPERATIONS.flatMap(([op, name]) => (counts[op] ? [md`${counts[op]} ${name}`] : []));
  return known.length === 0 ? md`` : md`Resources: ${joined(known, ", ")}.`;
}

/** All parts of a comment, in the order in which they matter. */
export function sectionsOf(review: Review): Section[] {
  const { preview, risky, rest, disagreements } = review;
  const errors = preview.diagnostics.filter(({ severity }) => severity === "error");
  const warnings = preview.diagnostics.filter(({ severity }) => severity === "warning");
  const sections: Section[] = [
    { title: md`Why the preview failed`, items: errors.map(diagnosticText), folded: false },
    { title: md`Look at these first`, items: risky.flatMap(subjectItems), folded: false },
    { title: md`Preview and specs disagree`, items: disagreements.map((text) => md`- ${text}`), folded: false },
    { title: md`Policy findings`, items: policyItems(preview.policies), folded: false },
    { title: md`Warnings`, items: warnings.map(diagnosticText), folded: true },
    { title: md`Other changes of the specs`, items: rest.flatMap(subjectItems), folded: true },
    { title: md`Operations on resources`, items: stepItems(preview.steps), folded: true },
  ];
  return sections.filter(({ items }) => items.length > 0);
}

function subjectItems({ subject, changes }: Ranked): Markdown[] {
  const lines = changes.map(({ risk, text }) => {
    return risk === "rest" ? md`  - ${text}` : md`  - **${RISK_NAMES[risk]}**: ${text}`;
  });
  return [md`- ${subjectText(subject)}`, ...lines];
}

function diagnosticText({ resource, message }: Diagnostic): Markdown {
  return resource === undefined ? md`${fenced(message)}\n` : md`${resource}:\n\n${fenced(message)}\n`;
}

/** Mandatory ones first; resources with the same finding stand together. */
function policyItems(policies: readonly PolicyFinding[]): Markdown[] {
  const rank = ({ level }: PolicyFinding): number => (level === "mandatory" ? 0 : 1);
  const sorted = policies.toSorted((a, b) => rank(a) - rank(b) || (a.policy < b.policy ? -1 : 1));
  return grouped(sorted, ({ policy, level, message }) => JSON.stringify([policy, level, message])).map((group) => {
    const [{ policy, level, severity, message }] = group;
    const resources = group.flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
    const where = resources.length === 0 ? md`the stack` : namesText(resources);
    const how = severity === undefined ? code(level) : md`${level}, severity ${severity}`;
    const lines = message
      .trim()
      .split("\n")
      .filter((line) => line.trim() !== "");
    return joined([md`- **${policy}** (${how}) on ${where}`, ...lines.map((line) => md`  - ${line}`)], "\n");
  });
}

function stepItems(steps: readonly Step[]): Markdown[] {
  const sorted = steps.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  return sorted.map(({ op, type, name, diffs }) => {
    const changed = diffs.length > 0 ? md`: ${joined(diffs.map(code), ", ")}` : md``;
    return md`- ${op} ${type} ${name}${changed}`;
  });
}

function order({ op, type, name }: Step): string {
  const place = ["delete", "replace", "update", "create"].indexOf(op);
  return `${place < 0 ? 9 : place} ${type} ${name}`;
}
