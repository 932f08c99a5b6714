import { defaults } from "../defaults.ts";
import type { Services } from "../model.ts";
import type { ServicesSpec } from "../schema/services.ts";
import { secondsIn } from "../values/duration.ts";
import { quotaBytes } from "../values/quota.ts";

/** The spec was judged: each duration and size is one. A service that isn't enabled is as one that isn't there. */
export function resolveServices(spec: ServicesSpec = {}): Services {
  const { prometheus, alertmanager, node_exporter: nodeExporter } = spec;
  const { services: usual } = defaults;
  return {
    prometheus: isAsked(prometheus)
      ? {
          port: prometheus.port ?? usual.prometheus.port,
          retentionDays: prometheus.retention_days ?? usual.prometheus.retentionDays,
          maxBytes: bytes(prometheus.max_size ?? usual.prometheus.maxSize),
          scrapeSeconds: seconds(prometheus.scrape_interval ?? usual.prometheus.scrapeInterval),
        }
      : null,
    alertmanager: isAsked(alertmanager)
      ? {
          port: alertmanager.port ?? usual.alertmanager.port,
          groupWaitSeconds: seconds(alertmanager.group_wait ?? usual.alertmanager.groupWait),
          groupIntervalSeconds: seconds(alertmanager.group_interval ?? usual.alertmanager.groupInterval),
          repeatSeconds: seconds(alertmanager.repeat_interval ?? usual.alertmanager.repeatInterval),
        }
      : null,
    nodeExporter: isAsked(nodeExporter) ? { port: nodeExporter.port ?? usual.nodeExporter.port } : null,
  };
}

function isAsked<T extends { readonly enabled?: boolean | undefined }>(spec: T | undefined): spec is T {
  return spec !== undefined && spec.enabled !== false;
}

function seconds(text: string): number {
  return secondsIn(text) ?? 0;
}

function bytes(text: string): number {
  const size = quotaBytes(text);
  return "bytes" in size ? size.bytes : 0;
}
