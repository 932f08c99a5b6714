import { isDeepStrictEqual } from "node:util";
import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { resolveServices } from "../resolve/services.ts";
import type { ServicesSpec } from "../schema/services.ts";
import { shownText } from "../schema/values.ts";
import { secondsFix, secondsIn } from "../values/duration.ts";
import { quotaBytes, quotaFix } from "../values/quota.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";

const DURATIONS = ["scrape_interval", "group_wait", "group_interval", "repeat_interval"];

/** Durations and sizes with their units. */
export const serviceValues: DocumentRule = ({ spec }) =>
  Object.entries(spec.services ?? {}).flatMap(([service, settings]) =>
    Object.entries(settings ?? {}).flatMap(([key, value]): Fault[] => {
      if (typeof value !== "string") return [];
      const at = { code: "service-value", path: ["services", service, key] } as const;
      if (DURATIONS.includes(key)) {
        if (secondsIn(value) !== null) return [];
        const message = `${key} ${shownText(value)} must be a whole number with s, m or h`;
        return [{ ...at, message, fix: secondsFix(value) }];
      }
      const size = quotaBytes(value);
      if ("bytes" in size) return [];
      return [{ ...at, message: `${key} ${shownText(value)} ${size.fault}`, fix: quotaFix(value) }];
    }),
  );

type Name = keyof ServicesSpec;

interface Asked {
  readonly view: View;
  readonly name: Name;
  /** Every default applied. */
  readonly settings: { readonly port: number };
}

/** One Prometheus serves all platforms of a stack: who asks for it says the same. All services share the ports of a machine. */
export const stackServices: StackRule = (views) => {
  const issues: SpecIssue[] = [];
  const tell = ({ view, name }: Asked, { key, ...fault }: Omit<Fault, "path"> & { readonly key?: string }): void => {
    const at: Path = ["services", name];
    const own = key !== undefined && Object.hasOwn(view.spec.services?.[name] ?? {}, key);
    const path = own ? [...at, key] : at;
    issues.push(placeFault({ ...fault, path, onKey: !own }, view.document, view.stage, view.root));
  };
  const first = new Map<Name, Asked>();
  for (const asked of views.flatMap(askedBy)) {
    const { name, settings } = asked;
    const before = first.get(name);
    if (before !== undefined) {
      if (isDeepStrictEqual(before.settings, settings)) continue;
      const message = `${name} is asked for with other settings than at ${placeOf(before)}, but one serves the whole stack`;
      tell(asked, { code: "service-differs", message, fix: "say the same in both, or leave it out of one" });
      continue;
    }
    const other = [...first.values()].find((each) => each.settings.port === settings.port);
    first.set(name, asked);
    if (other === undefined) continue;
    const message = `port ${settings.port} of ${name} is that of ${other.name} (${placeOf(other)}) already`;
    tell(asked, { key: "port", code: "service-port", message, fix: "choose another port for one of the two" });
  }
  return issues;
};

function askedBy(view: View): Asked[] {
  const { prometheus, alertmanager, nodeExporter } = resolveServices(view.spec.services);
  const all = { prometheus, alertmanager, node_exporter: nodeExporter };
  return (Object.entries(all) as [Name, Asked["settings"] | null][]).flatMap(([name, settings]) =>
    settings === null ? [] : [{ view, name, settings }],
  );
}

function placeOf({ view, name }: Asked): string {
  return placeName(view, ["services", name], true);
}
