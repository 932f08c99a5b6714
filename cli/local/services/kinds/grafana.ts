import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { durationText } from "../../../../builders/monitoring/alert.ts";
import { grafanaProvisioning, grafanaSettings } from "../../../../builders/services/grafana.ts";
import { defaults } from "../../../../config/defaults.ts";
import { readText, writePrivate } from "../../private-files.ts";
import { HOST } from "../../service/local-service.ts";
import type { Kind } from "./kind.ts";

const SETTINGS = "grafana.ini";
/** Of user admin; made once, and Grafana takes it at its first start. */
const PASSWORD = "admin-password";

export const grafana: Kind = {
  title: "Grafana",
  source: { onPath: "grafana", homes: ["/usr/share/grafana"], homeHas: join("conf", "defaults.ini") },
  ready: "/api/health",
  executable: "grafana",
  mark: ["--config=", SETTINGS],
  folders: [
    "data",
    "dashboards",
    ...["Operation", "Models"].map((name) => join("dashboards", name)),
    "provisioning",
    ...["datasources", "dashboards", "plugins", "alerting"].map((name) => join("provisioning", name)),
  ],
  command: ({ source }) => ({
    file: join(source, "bin", "grafana"),
    before: ["server"],
    args: [`--homepath=${source}`],
  }),
  startedWith: () => ({}),
  documents: async ({ shared, peers, folder }, address) => {
    // Large, and supervisors of all services load this file: they live long and write no settings.
    const { stringify } = await import("yaml");
    const { dashboardFiles } = await import("../../../../builders/services/dashboards/dashboards.ts");
    const { prometheus } = shared;
    const provisioning = grafanaProvisioning({
      prometheus: `http://${peers.services.prometheus ?? `${HOST}:${prometheus?.port ?? defaults.services.prometheus.port}`}`,
      scrapeInterval:
        prometheus === null ? defaults.services.prometheus.scrapeInterval : durationText(prometheus.scrapeSeconds),
      dashboards: join(folder, "dashboards"),
    });
    const [host = HOST, port] = address.split(":");
    const place = {
      host,
      port: Number(port),
      data: join(folder, "data"),
      provisioning: join(folder, "provisioning"),
      passwordFile: join(folder, PASSWORD),
    };
    const files = Object.entries(dashboardFiles()).map(([file, text]) => [`dashboards/${file}`, text]);
    const texts = Object.entries(provisioning).map(([file, document]) => [`provisioning/${file}`, stringify(document)]);
    return { [SETTINGS]: grafanaSettings(place), ...Object.fromEntries([...files, ...texts]) };
  },
  takes: "restart",
  login: { user: "admin", secret: "password", file: PASSWORD },
  prepare: async ({ folder }) => {
    const file = join(folder, PASSWORD);
    if (readText(file) === undefined) writePrivate(file, randomBytes(24).toString("base64url"));
  },
};
