import type { Rollout } from "../../../config/model-programs.ts";
import type { Manifest, ManifestOf } from "../../kubernetes/manifest.ts";
import { durationText } from "../../monitoring/alert.ts";
import { type Instance, metadata, selector } from "./instance.ts";
import { servicePort } from "./network.ts";
import { hostOf, type ServicePlace } from "./place.ts";
import { hasTls, scrapedWith } from "./tls.ts";

/** Group of the kinds of Argo Rollouts. */
export const ROLLOUT_GROUP = "argoproj.io";
const ROLLOUT_VERSION = `${ROLLOUT_GROUP}/v1alpha1` as const;
/** Of the job whose only use is to tell which pods are new. */
const NEW_PODS = "new-pods";
/** Within which Prometheus finds pods that have begun, in seconds. */
const FOUND_SECONDS = 5;
/** How long the former pods stay after a switch that nobody judges, in seconds: for a person to go back at once. */
const STAY_SECONDS = 300;

type Analysis = NonNullable<Rollout["analysis"]>;
type Own = Instance & { readonly platform: string };

/** The Prometheus that is asked about new pods. */
export interface Judge extends Instance {
  /** How often it reads them. */
  readonly scrapeSeconds: number;
}

/** The Service that Argo Rollouts points at the new pods, one by one in DNS; at all of them between two rollouts. */
function newPodsName({ name }: Pick<Instance, "name">): string {
  return `${name}-new`;
}

/**
 * What replaces the pods of a Deployment of the same name. The Deployment stays the one place that says what a pod is; Argo
 * Rollouts takes it down once its own pods serve.
 * @see https://argo-rollouts.readthedocs.io/en/stable/migrating/
 * @param prometheus who is asked about new pods; undefined where nobody judges
 */
export function rolloutManifests(
  instance: Own,
  rollout: Rollout,
  replicas: number,
  prometheus: Judge | undefined,
  place: ServicePlace,
): Manifest[] {
  const judged = rollout.analysis !== null && prometheus !== undefined;
  const manifest: ManifestOf<"Rollout"> = {
    apiVersion: ROLLOUT_VERSION,
    kind: "Rollout",
    metadata: metadata(instance, place),
    spec: {
      replicas,
      selector: { matchLabels: selector(instance) },
      workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: instance.name, scaleDown: "onsuccess" },
      // Pods that don't become ready end a rollout, too, and never get a request.
      progressDeadlineAbort: true,
      strategy:
        rollout.strategy === "canary" ? canary(instance, rollout, judged) : blueGreen(instance, rollout, prometheus),
    },
  };
  return [
    newPodsService(instance, place),
    ...(judged && rollout.analysis !== null ? [template(instance, rollout.analysis, prometheus, place)] : []),
    manifest,
  ];
}

function canary(instance: Own, { steps }: Rollout, judged: boolean): object {
  const paused = ({ pauseSeconds }: Rollout["steps"][number]): object[] => {
    if (pauseSeconds !== null) return [{ pause: { duration: `${pauseSeconds}s` } }];
    return [{ pause: {} }];
  };
  return {
    canary: {
      canaryService: newPodsName(instance),
      // As many pods serve as before, or one more: a weight is the share of the new ones.
      maxUnavailable: 0,
      maxSurge: 1,
      steps: steps.flatMap((step) => [
        { setWeight: step.weight },
        ...paused(step),
        ...(judged ? [{ analysis: analysisOf(instance) }] : []),
      ]),
    },
  };
}

/** Seconds from the first new pod to the first judgement: it is found and read twice, then watched. */
function firstJudgement({ intervalSeconds }: Analysis, { scrapeSeconds }: Judge): number {
  return FOUND_SECONDS + 2 * scrapeSeconds + intervalSeconds;
}

function blueGreen(instance: Own, { analysis }: Rollout, judge: Judge | undefined): object {
  const judged = analysis !== null && judge !== undefined;
  const watched = judged ? firstJudgement(analysis, judge) + (analysis.rounds - 1) * analysis.intervalSeconds : 0;
  return {
    blueGreen: {
      activeService: instance.name,
      previewService: newPodsName(instance),
      // The former pods are there for as long as somebody may go back to them.
      scaleDownDelaySeconds: watched + STAY_SECONDS,
      ...(judged && { postPromotionAnalysis: analysisOf(instance) }),
    },
  };
}

function analysisOf(instance: Own): object {
  return { templates: [{ templateName: newPodsName(instance) }] };
}

function newPodsService(instance: Own, place: ServicePlace): ManifestOf<"Service"> {
  const about = { ...metadata(instance, place), name: newPodsName(instance) };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...about, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      clusterIP: "None",
      selector: selector(instance),
      ports: [servicePort(instance, place)],
    },
  };
}

/** Judges the new pods alone. Too few requests, or none, are neither right nor wrong: Argo Rollouts waits for a person then. */
function template(
  instance: Own,
  analysis: Analysis,
  prometheus: Judge,
  place: ServicePlace,
): ManifestOf<"AnalysisTemplate"> {
  const { errorPercent, latencyMs, requests, intervalSeconds, rounds } = analysis;
  const window = `[${intervalSeconds}s]`;
  const ofNew = (metric: string, matchers: string): string =>
    `increase(${metric}{job="model-api",platform="${instance.platform}",route=~"/predict.*"${matchers}}${window})` +
    ` and on (instance) up{job="${NEW_PODS}",platform="${instance.platform}"}`;
  const count = `sum(${ofNew("model_api_requests_total", "")})`;
  const failed = `(sum(${ofNew("model_api_requests_total", ',code=~"5.."')}) or vector(0))`;
  const slow = `histogram_quantile(0.99, sum by (le) (${ofNew("model_api_request_seconds_bucket", "")}))`;
  // Argo Rollouts verifies it by the authorities that its own pod knows (docs/rollouts.md).
  const address = `${hasTls(place) ? "https" : "http"}://${hostOf(prometheus.name, place)}:${prometheus.port}`;
  const interval = durationText(intervalSeconds);
  const measured = (name: string, query: string, right: string, wrong: string): object => ({
    name,
    initialDelay: `${firstJudgement(analysis, prometheus)}s`,
    interval,
    count: rounds,
    failureLimit: 0,
    inconclusiveLimit: 0,
    successCondition: right,
    failureCondition: wrong,
    provider: { prometheus: { address, query } },
  });
  return {
    apiVersion: ROLLOUT_VERSION,
    kind: "AnalysisTemplate",
    metadata: { ...metadata(instance, place), name: newPodsName(instance) },
    spec: {
      metrics: [
        measured("requests", `${count} or vector(0)`, `result[0] >= ${requests}`, "false"),
        measured(
          "failed-percent",
          `100 * ${failed} / ${count} or vector(0)`,
          `result[0] <= ${errorPercent}`,
          `result[0] > ${errorPercent}`,
        ),
        measured("p99-ms", `1000 * ${slow} or vector(0)`, `result[0] <= ${latencyMs}`, `result[0] > ${latencyMs}`),
      ],
    },
  };
}

/**
 * What Prometheus reads to know which pods are new: nothing of them but that they are there. Their metrics are read by the job
 * of all pods already, and would count twice.
 */
export function newPodsJob(instance: Own, place: ServicePlace): object {
  const { port, platform } = instance;
  return {
    job_name: `${newPodsName(instance)}-pods`,
    ...scrapedWith(instance, place),
    dns_sd_configs: [{ names: [hostOf(newPodsName(instance), place)], type: "A", port, refresh_interval: "5s" }],
    relabel_configs: Object.entries({ job: NEW_PODS, platform }).map(([label, value]) => ({
      target_label: label,
      replacement: value,
    })),
    metric_relabel_configs: [{ source_labels: ["__name__"], regex: ".*", action: "drop" }],
  };
}
