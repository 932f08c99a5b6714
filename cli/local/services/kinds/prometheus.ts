import { existsSync } from "node:fs";
import { join } from "node:path";
import { localAlertGroups, PROMETHEUS_FILES, prometheusSettings } from "../../../../builders/services/prometheus.ts";
import type { Kind } from "./kind.ts";

/** The pages of Debian's Prometheus, beside its program; another one has them in itself. */
const PAGES = join("usr", "share", "prometheus", "web");

export const prometheus: Kind = {
  title: "Prometheus",
  source: { program: "prometheus" },
  ready: "/-/ready",
  executable: "prometheus",
  mark: ["--config.file=", PROMETHEUS_FILES.settings],
  folders: ["data"],
  command: ({ folder, source }, address, { retention, size }) => ({
    file: join(source, "bin", "prometheus"),
    args: [
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--storage.tsdb.retention.time=${retention}`,
      `--storage.tsdb.retention.size=${size}`,
      `--web.listen-address=${address}`,
      ...(existsSync(join(source, PAGES)) ? [`--web.local-assets=${join(source, PAGES)}`] : []),
    ],
  }),
  startedWith: ({ shared: { prometheus: settings } }): Record<string, string> =>
    settings === null ? {} : { retention: `${settings.retentionDays}d`, size: `${settings.maxBytes}B` },
  documents: async ({ shared, platforms, isJudged, peers, instance }, address) => {
    if (shared.prometheus === null) return {};
    // Supervisors of all services load this file, live long and write no YAML.
    const { stringify } = await import("yaml");
    const own = { ...peers, services: { ...peers.services, [instance.name]: address } };
    const groups = localAlertGroups(platforms, {
      isServerRead: isJudged,
      areLogsShipped: peers.services.log_shipper !== undefined,
    });
    return {
      [PROMETHEUS_FILES.settings]: stringify(prometheusSettings(shared.prometheus, own), { lineWidth: 0 }),
      [PROMETHEUS_FILES.rules]: stringify({ groups }, { lineWidth: 0 }),
    };
  },
  takes: "SIGHUP",
};
