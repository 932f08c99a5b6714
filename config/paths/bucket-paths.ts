import { type ParsedKey, type PathFaults, parseKey } from "./paths.ts";

/** Path templates by name, as a bucket of the model has them. */
export type Templates = Readonly<Record<string, string>>;

export interface FoundPath extends ParsedKey {
  readonly name: string;
  readonly template: string;
}

/**
 * The template of a bucket that a key follows: the one that leaves the least of the key, and of several that leave
 * the same the one that says most itself. Where none fits, the faults are those of the one that fits longest.
 */
export function findPath(templates: Templates, key: string): FoundPath | PathFaults {
  const found: FoundPath[] = [];
  let closest: { length: number; faults: PathFaults } | null = null;
  for (const [name, template] of Object.entries(templates)) {
    const parsed = parseKey(template, key);
    if (parsed.ok) found.push({ ...parsed, name, template });
    else {
      const length = agreement(template, key) + (parsed.faults.some(({ kind }) => kind === "malformed") ? 1 : 0);
      if (closest === null || length > closest.length) closest = { length, faults: parsed };
    }
  }
  const [best] = found.sort((a, b) => a.rest.length - b.rest.length || literals(b.template) - literals(a.template));
  return best ?? closest?.faults ?? { ok: false, faults: [noTemplates] };
}

const noTemplates = {
  kind: "mismatch",
  placeholder: null,
  message: "the bucket has no path templates",
  fix: "add paths to the bucket in its platform file",
} as const;

/** Characters of the template outside its placeholders. */
function literals(template: string): number {
  return template.replaceAll(/\{[a-z][a-z0-9_]*\}/g, "").length;
}

/** Leading segments that agree, placeholders with anything. */
function agreement(template: string, key: string): number {
  const keys = key.split("/");
  const parts = template.split("/").slice(0, keys.length);
  const differs = parts.findIndex((part, index) => !parseShape(part, keys[index] ?? ""));
  return differs === -1 ? parts.length : differs;
}

function parseShape(part: string, segment: string): boolean {
  const parsed = parseKey(part, segment);
  return parsed.ok || parsed.faults.every(({ kind }) => kind === "malformed");
}
