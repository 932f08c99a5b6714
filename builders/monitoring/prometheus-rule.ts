import type { Alerting } from "../../config/model.ts";
import type { ManifestOf } from "../kubernetes/manifest.ts";
import { objectName } from "../kubernetes/object-name.ts";
import { type Alert, type AlertInWords, alertOf, type Watched } from "./alert.ts";
import { capacity } from "./alerts/capacity.ts";
import { compliance } from "./alerts/compliance.ts";
import { failures } from "./alerts/failures.ts";

/** Rules of one class, as Prometheus reads them. */
export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly Alert[];
}

/** The three classes of a platform's alerts: failures, capacity, compliance. */
export function alertGroups(watched: Watched, alerting: Alerting): AlertGroup[] {
  const group = (name: string, alerts: readonly AlertInWords[]): AlertGroup => ({
    name,
    rules: alerts.map((each) => alertOf(each, watched)),
  });
  return [
    group("failures", failures(watched, alerting)),
    group("capacity", capacity(watched, alerting)),
    group("compliance", compliance(watched, alerting)),
  ];
}

/** The platform's alerts for Prometheus's operator: its CRDs must be there. None where the platform asks for none. */
export function prometheusRules(watched: Watched): ManifestOf<"PrometheusRule">[] {
  const { platform, server } = watched;
  if (platform.alerting === null) return [];
  return [
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: objectName(`${platform.name}-object-storage`),
        namespace: server.namespace,
        labels: {
          "app.kubernetes.io/part-of": platform.name,
          "app.kubernetes.io/managed-by": "bucketworks",
          ...server.monitoringLabels,
        },
      },
      spec: { groups: alertGroups(watched, platform.alerting) },
    },
  ];
}
