import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { placeholdersOf } from "../paths/paths.ts";
import { shownText } from "../schema/values.ts";
import { isSlip } from "../values/nearest.ts";
import { KEYED } from "./path-templates.ts";
import type { DocumentRule } from "./rule.ts";

interface Use {
  readonly name: string;
  /** `timeframe` in `timeframe={tf}/`; null where it stands otherwise. */
  readonly key: string | null;
  readonly template: string;
  readonly path: Path;
}

/**
 * A platform's placeholders are its own, so none is unknown as such. One that is a slip of the pen away from the key
 * of its own segment, or from a name that the file uses more often, is taken for misspelt.
 */
export const placeholderNames: DocumentRule = ({ buckets }) => {
  const uses = buckets.flatMap(({ bucket, path }) =>
    Object.entries(bucket.paths ?? {}).flatMap(([name, template]) => usesIn(template, [...path, "paths", name])),
  );
  const counts = new Map<string, number>();
  for (const { name } of uses) counts.set(name, (counts.get(name) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
  return uses.flatMap((use): Fault[] => {
    const candidates = [...(use.key === null ? [] : [use.key]), ...(counts.get(use.name) === 1 ? common : [])];
    const meant = candidates.find((name) => isSlip(use.name, name));
    if (meant === undefined) return [];
    const message = `${shownText(use.template)} holds {${use.name}}, which is nearly ${use.key === meant ? `its key ${meant}` : `the {${meant}} of other paths`}`;
    const fix = `write {${meant}}, or a name that can't be taken for it`;
    return [{ code: "path-template", path: use.path, message, fix }];
  });
};

function usesIn(template: string, path: Path): Use[] {
  const keyed = new Map([...template.matchAll(KEYED)].map(([, key = "", name]) => [name, key]));
  return placeholdersOf(template).map((name) => ({ name, key: keyed.get(name) ?? null, template, path }));
}
