import { defaults } from "../defaults.ts";
import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { isAsked, modelApiReplicas } from "../resolve/services.ts";
import type { ModelApiSpec } from "../schema/platform-services.ts";
import type { RolloutSpec } from "../schema/rollout.ts";
import { shownText } from "../schema/values.ts";
import { secondsFix, secondsIn } from "../values/duration.ts";
import type { DocumentRule } from "./rule.ts";
import type { View } from "./stage-view.ts";

const LONGEST = { pause: "24h", interval: "1h" } as const;
const usual = defaults.services;
type Analysis = NonNullable<RolloutSpec["analysis"]>;
const AT: Path = ["services", "model_api", "rollout"];

/** A rollout can act: it has something to switch between, weights are whole pods, and somebody reads what it is judged by. */
export const rollouts: DocumentRule = (view) => {
  const api = view.spec.services?.model_api;
  if (!isAsked(api) || api.rollout === undefined) return [];
  const { rollout } = api;
  const durations = durationFaults(rollout);
  if (rollout.strategy === "rolling") return [...durations, ...unused(rollout)];
  return [
    ...durations,
    ...versionFault(api, rollout),
    ...replicasFault(api),
    ...(rollout.strategy === "canary" ? stepFaults(api, rollout) : unused(rollout, ["steps"])),
    ...analysisFault(view, rollout),
  ];
};

function durationFaults({ steps = [], analysis }: RolloutSpec): Fault[] {
  const given: [Path, keyof typeof LONGEST, string | undefined][] = [
    ...steps.map(({ pause }, index): [Path, "pause", string | undefined] => [
      ["steps", index, "pause"],
      "pause",
      pause,
    ]),
    [["analysis", "interval"], "interval", analysis?.interval],
  ];
  return given.flatMap(([path, key, value]): Fault[] => {
    if (value === undefined) return [];
    const [seconds, most] = [secondsIn(value), LONGEST[key]];
    if (seconds !== null && seconds <= (secondsIn(most) ?? 0)) return [];
    const wrong = seconds === null ? "must be a whole number with s, m or h, not 0" : `must be at most ${most}`;
    const fix = seconds === null ? secondsFix(value) : `write ${most}, or less`;
    return [{ code: "service-value", path: [...AT, ...path], message: `${key} ${shownText(value)} ${wrong}`, fix }];
  });
}

/** What a strategy doesn't look at is a slip. */
function unused(rollout: RolloutSpec, keys: readonly ("steps" | "analysis")[] = ["steps", "analysis"]): Fault[] {
  return keys.flatMap((key): Fault[] => {
    if (rollout[key] === undefined) return [];
    const message = `strategy ${rollout.strategy} has no ${key}`;
    const fix = `remove ${key}, or write ${key === "steps" ? "strategy: canary" : "strategy: canary or blue_green"}`;
    return [{ code: "service-value", path: [...AT, key], onKey: true, message, fix }];
  });
}

/** All pods follow an alias within seconds, those that are to stay as they are, too. */
function versionFault({ version }: ModelApiSpec, { strategy }: RolloutSpec): Fault[] {
  if (version !== undefined) return [];
  const message = `strategy ${strategy} needs a version: an alias that moves would change every pod at once`;
  const fix = "add version: NUMBER to model_api (bucketworks models list), or write strategy: rolling";
  return [{ code: "service-needs", path: [...AT, "strategy"], message, fix }];
}

/** An autoscaler would change what a weight means, and the pods that are compared. */
function replicasFault(api: ModelApiSpec): Fault[] {
  const { min, max } = modelApiReplicas(api);
  if (min === max) return [];
  const message = `a rollout needs a fixed number of pods, and an autoscaler changes it (${min} to ${max})`;
  const fix = "give min_replicas and max_replicas the same number";
  return [{ code: "service-needs", path: AT, onKey: true, message, fix }];
}

function stepFaults(api: ModelApiSpec, { steps }: RolloutSpec): Fault[] {
  if (steps === undefined) {
    const message = "strategy canary has no steps, so all pods would be replaced at once";
    return [
      { code: "service-needs", path: [...AT, "strategy"], message, fix: "add steps: [{weight: 50, pause: 10m}]" },
    ];
  }
  const { max } = modelApiReplicas(api);
  return steps.flatMap(({ weight }, index): Fault[] => {
    const path = [...AT, "steps", index, "weight"];
    const before = steps[index - 1]?.weight ?? 0;
    if (weight <= before) {
      const message = `weight ${weight} isn't more than the ${before} before it`;
      return [{ code: "service-value", path, message, fix: "let weights rise from step to step" }];
    }
    if (sharesOf(max).some((share) => Math.abs(share - weight) < 1)) return [];
    const message = `weight ${weight} is no whole number of ${max} ${max === 1 ? "pod" : "pods"}`;
    return [{ code: "service-value", path, message, fix: weightFix(max) }];
  });
}

/** What weights mean by so many pods, in percent: 33.3 and 66.7 of three. */
function sharesOf(pods: number): number[] {
  return Array.from({ length: pods - 1 }, (_, index) => (100 * (index + 1)) / pods);
}

function weightFix(pods: number): string {
  if (pods === 1) return "give min_replicas and max_replicas 2 or more";
  const shares = sharesOf(pods).map((share) => Math.round(share));
  return `write one of ${shares.join(", ")}, or choose another number of pods`;
}

function analysisFault(view: View, { analysis }: RolloutSpec): Fault[] {
  const prometheus = view.spec.services?.prometheus;
  if (analysis === undefined) return [];
  if (isAsked(prometheus)) return tooShort(analysis, prometheus.scrape_interval ?? usual.prometheus.scrapeInterval);
  if (!view.isKnown(["services", "prometheus"])) return [];
  const message = "nobody reads the metrics by which new pods would be judged";
  const fix = "add prometheus: {} to services, or remove analysis";
  return [{ code: "service-needs", path: [...AT, "analysis"], onKey: true, message, fix }];
}

/** What grows is known by two looks at least. */
function tooShort({ interval = usual.modelApi.rollout.interval }: Analysis, scrapeInterval: string): Fault[] {
  const [watched, scrape] = [secondsIn(interval), secondsIn(scrapeInterval)];
  if (watched === null || scrape === null || watched >= 2 * scrape) return [];
  const message = `in an interval of ${interval} Prometheus reads new pods less than twice (scrape_interval ${scrapeInterval}), so none could be judged`;
  return [
    {
      code: "service-value",
      path: [...AT, "analysis"],
      onKey: true,
      message,
      fix: `write interval: ${2 * scrape}s, or more`,
    },
  ];
}
