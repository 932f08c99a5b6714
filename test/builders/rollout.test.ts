import { expect, test } from "vitest";
import { parse } from "yaml";
import { type Manifest, type ManifestOf, parted } from "../../builders/kubernetes/manifest.ts";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import type { Platform } from "../../config/model.ts";
import { resolveRollout } from "../../config/resolve/rollout.ts";
import type { RolloutSpec } from "../../config/schema/rollout.ts";
import { parts, platforms, withKeys } from "../support/service-manifests.ts";

const NAME = "mlops-model-api";

function made(rollout: RolloutSpec): Manifest[] {
  const [mlops] = platforms as [Platform];
  const { modelApi } = mlops.services;
  if (modelApi === null) throw new Error("mlops has no model API");
  const own = { ...modelApi, version: 7, replicas: { min: 4, max: 4 }, rollout: resolveRollout(rollout) };
  const planned = plannedServices([{ ...mlops, services: { ...mlops.services, modelApi: own } }], parts, withKeys);
  return planned.services.flatMap(({ manifests }) => [...manifests]);
}

function named<Kind extends Manifest["kind"]>(kind: Kind, all: readonly Manifest[], name = NAME): ManifestOf<Kind> {
  const [found] = parted(all, kind)[0].filter(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

const steps = [{ weight: 25, pause: "10m" }, { weight: 50 }];

test("a canary goes by its steps, each judged; one without pause waits for a person", () => {
  const all = made({ strategy: "canary", steps, analysis: { error_percent: 2, interval: "30s" } });
  const analysis = { analysis: { templates: [{ templateName: `${NAME}-new` }] } };
  expect(named("Rollout", all).spec).toMatchObject({
    replicas: 4,
    workloadRef: { kind: "Deployment", name: NAME },
    strategy: {
      canary: {
        maxUnavailable: 0,
        steps: [
          { setWeight: 25 },
          { pause: { duration: "600s" } },
          analysis,
          { setWeight: 50 },
          { pause: {} },
          analysis,
        ],
      },
    },
  });
});

test("a Deployment whose pods a rollout runs says no number of pods, and the pods serve the version of the file", () => {
  const all = made({ strategy: "blue_green" });
  const { spec } = named("Deployment", all);
  expect(spec).not.toHaveProperty("replicas");
  expect(spec.template.spec?.containers[0]?.env).toContainEqual({ name: "MODEL_VERSION", value: "7" });
  expect(parted(all, "HorizontalPodAutoscaler")[0].map(({ metadata }) => metadata.name)).not.toContain(NAME);
});

test("rolling: one pod is ready before another one goes, and nothing of Argo Rollouts is made", () => {
  const all = made({ strategy: "rolling" });
  const { spec } = named("Deployment", all);
  expect(spec).toMatchObject({ replicas: 4, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } });
  expect(spec.template.spec?.containers[0]).toMatchObject({
    startupProbe: { httpGet: { path: "/health/live" } },
    readinessProbe: { httpGet: { path: "/health/ready" } },
  });
  expect(all.filter(({ apiVersion }) => apiVersion.startsWith("argoproj.io"))).toEqual([]);
});

test("new pods alone are judged, by Prometheus's own address, and their metrics are not counted twice", () => {
  const all = made({ strategy: "canary", steps, analysis: { error_percent: 2, latency_ms: 300, interval: "30s" } });
  const { metrics } = named("AnalysisTemplate", all, `${NAME}-new`).spec as {
    readonly metrics: readonly {
      readonly name: string;
      readonly provider: { readonly prometheus: { readonly query: string } };
    }[];
  };
  expect(metrics.map(({ name }) => name)).toEqual(["requests", "failed-percent", "p99-ms"]);
  for (const { provider } of metrics)
    expect(provider.prometheus.query).toContain('and on (instance) up{job="new-pods",platform="mlops"}');
  const settings = parse(named("ConfigMap", all, "prometheus-settings").data["prometheus.yml"] ?? "");
  const jobs = settings.scrape_configs as readonly {
    readonly job_name: string;
    readonly metric_relabel_configs?: object[];
  }[];
  const job = jobs.find(({ job_name: name }) => name === `${NAME}-new-pods`);
  expect(job?.metric_relabel_configs).toEqual([{ source_labels: ["__name__"], regex: ".*", action: "drop" }]);
});

test("blue_green: the former pods stay for as long as the new ones are judged, and longer", () => {
  const judged = made({ strategy: "blue_green", analysis: { interval: "1m", rounds: 3 } });
  const unjudged = made({ strategy: "blue_green" });
  const strategy = (all: readonly Manifest[]) =>
    named("Rollout", all).spec as { readonly strategy: { readonly blueGreen: object } };
  expect(strategy(judged).strategy.blueGreen).toMatchObject({ activeService: NAME, scaleDownDelaySeconds: 515 });
  expect(strategy(unjudged).strategy.blueGreen).toEqual({
    activeService: NAME,
    previewService: `${NAME}-new`,
    scaleDownDelaySeconds: 300,
  });
});
