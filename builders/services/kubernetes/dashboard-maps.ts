import type { ManifestOf } from "../../kubernetes/manifest.ts";
import { objectName } from "../../kubernetes/object-name.ts";
import { type Instance, metadata } from "./instance.ts";
import type { ServicePlace } from "./place.ts";

/** Files of dashboards by `<folder>/<name>.json`. */
export type DashboardFiles = Readonly<Record<string, string>>;

interface DashboardFolder {
  readonly folder: string;
  readonly configMap: ManifestOf<"ConfigMap">;
}

/**
 * Dashboards as ConfigMaps, one a folder. Where an operator's Prometheus reads everything, the Grafana beside it finds them by
 * their label, as kube-prometheus-stack has it look.
 */
export function dashboardMaps(instance: Instance, files: DashboardFiles, place: ServicePlace): DashboardFolder[] {
  const folders = [...new Set(Object.keys(files).map((file) => file.split("/")[0] ?? ""))];
  return folders.map((folder) => {
    const inside = Object.entries(files).filter(([file]) => file.startsWith(`${folder}/`));
    const data = Object.fromEntries(inside.map(([file, text]) => [file.slice(folder.length + 1), text]));
    const about = metadata(instance, place, `dashboards-${objectName(folder)}`);
    const found = place.server.monitoring && {
      labels: { ...about.labels, grafana_dashboard: "1" },
      annotations: { grafana_folder: folder },
    };
    return { folder, configMap: { apiVersion: "v1", kind: "ConfigMap", metadata: { ...about, ...found }, data } };
  });
}
