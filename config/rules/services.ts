import { isDeepStrictEqual } from "node:util";
import { defaults } from "../defaults.ts";
import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { BESIDE_LOGS, resolveServices } from "../resolve/services.ts";
import type { ServicesSpec } from "../schema/services.ts";
import { shownText } from "../schema/values.ts";
import { secondsFix, secondsIn } from "../values/duration.ts";
import { quotaBytes, quotaFix } from "../values/quota.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";

const { prometheus, alertmanager, logs } = defaults.services;
const FORGETS = { most: "120h", why: "Alertmanager keeps nothing for longer" };

/** Each duration: its default, and the longest that does what it is for. */
const DURATIONS: Readonly<Record<string, { readonly usual: string; readonly most: string; readonly why: string }>> = {
  scrape_interval: {
    usual: prometheus.scrapeInterval,
    most: "5m",
    why: "Prometheus takes a series for ended after that, and no alert would hold",
  },
  group_wait: { usual: alertmanager.groupWait, ...FORGETS },
  group_interval: { usual: alertmanager.groupInterval, ...FORGETS },
  repeat_interval: { usual: alertmanager.repeatInterval, ...FORGETS },
};

/** Durations and sizes with their units. */
export const serviceValues: DocumentRule = ({ spec }) =>
  Object.entries(spec.services ?? {}).flatMap(([service, settings]) =>
    Object.entries(settings ?? {}).flatMap(([key, value]): Fault[] => {
      if (typeof value !== "string") return [];
      const at = { code: "service-value", path: ["services", service, key] } as const;
      const duration = DURATIONS[key];
      if (duration === undefined && key !== "max_size") return [];
      const wrong = duration === undefined ? sizeFault(value, usualSize(service)) : durationFault(value, duration);
      return wrong === null ? [] : [{ ...at, message: `${key} ${shownText(value)} ${wrong[0]}`, fix: wrong[1] }];
    }),
  );

/** What is wrong, and what to write. */
type Wrong = readonly [string, string] | null;

function durationFault(value: string, { usual, most, why }: (typeof DURATIONS)[string]): Wrong {
  const [seconds, longest] = [secondsIn(value), secondsIn(most) ?? 0];
  if (seconds !== null) return seconds > longest ? [`must be at most ${most}: ${why}`, `write ${most}, or less`] : null;
  const meant = /^write (\d+[smh])$/.exec(secondsFix(value))?.[1];
  const fits = meant !== undefined && (secondsIn(meant) ?? 0) <= longest;
  return ["must be a whole number with s, m or h, not 0", `write ${fits ? meant : `${usual}, or at most ${most}`}`];
}

function usualSize(service: string): string {
  return service === "logs" ? logs.maxSize : prometheus.maxSize;
}

function sizeFault(value: string, usual: string): Wrong {
  const size = quotaBytes(value);
  if ("bytes" in size) return null;
  // No size is none here: without the key there is the default.
  const isNone = /^\D*0*(?:[.,]0*)?\D*$/.test(value);
  const fix = isNone
    ? `write ${usual}, or as much as there is room for`
    : quotaFix(value).replace("; to have none, remove the key", "");
  return [size.fault, fix];
}

type Name = keyof ServicesSpec;

interface Asked {
  readonly view: View;
  readonly name: Name;
  /** Every default applied. */
  readonly settings: { readonly port: number; readonly audit?: object | null };
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
  const first = new Map<string, Asked>();
  for (const asked of views.flatMap(askedBy)) {
    const { view, name, settings } = asked;
    const instance = OWN.has(name) ? `${view.document.platform}-${name}` : name;
    const before = first.get(instance);
    if (before !== undefined) {
      // The trail of one platform serves all: its bucket is in one file alone.
      const { audit, ...rest } = settings;
      const { audit: auditBefore, ...restBefore } = before.settings;
      const isSame = isDeepStrictEqual(restBefore, rest);
      if (isSame && audit && !auditBefore) first.set(instance, asked);
      if (isSame && (!audit || !auditBefore || isDeepStrictEqual(auditBefore, audit))) continue;
      if (isSame) {
        const message = `the audit trail of ${placeOf(before)} is another one, but one serves the whole stack`;
        tell(asked, { key: "audit", code: "service-differs", message, fix: "leave audit out of one of the two" });
        continue;
      }
      const message = `${name} is asked for with other settings than at ${placeOf(before)}, but one serves the whole stack`;
      tell(asked, { code: "service-differs", message, fix: "say the same in both, or leave it out of one" });
      continue;
    }
    const mine = portsOf(asked);
    const taken = [...first.values()].flatMap((other) => portsOf(other).map((each) => ({ ...each, other })));
    first.set(instance, asked);
    const both = taken.flatMap((theirs) =>
      mine.flatMap((own) => (own.port === theirs.port ? [{ own, theirs }] : [])),
    )[0];
    if (both === undefined) continue;
    const { own, theirs } = both;
    const message = `port ${own.port} of ${own.title} is that of ${theirs.title} (${placeOf(theirs.other)}) already`;
    tell(asked, { key: "port", code: "service-port", message, fix: "choose another port for one of the two" });
  }
  return issues;
};

/** Services that each platform has for itself. */
const OWN: ReadonlySet<Name> = new Set(["mlflow", "model_api"]);

function askedBy(view: View): Asked[] {
  const { nodeExporter, postgresExporter, modelApi, ...same } = resolveServices(
    view.document.platform,
    view.spec.services,
  );
  const all = { ...same, node_exporter: nodeExporter, postgres_exporter: postgresExporter, model_api: modelApi };
  return (Object.entries(all) as [Name, Asked["settings"] | null][]).flatMap(([name, settings]) =>
    settings === null ? [] : [{ view, name, settings }],
  );
}

/** Where a service listens: `logs` has two programs beside it. */
function portsOf({ name, settings: { port } }: Asked): readonly { readonly title: string; readonly port: number }[] {
  const beside = name === "logs" ? Object.entries(BESIDE_LOGS) : [];
  const more = beside.map(([title, step]) => ({ title: `${title} (port of logs + ${step})`, port: port + step }));
  return [{ title: name, port }, ...more];
}

function placeOf({ view, name }: Asked): string {
  return placeName(view, ["services", name], true);
}
