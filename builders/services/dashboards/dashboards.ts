import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { abTesting } from "./ab-testing.ts";
import { dataDrift } from "./data-drift.ts";
import { infrastructure } from "./infrastructure.ts";
import { modelPerformance } from "./model-performance.ts";
import { objectStorage } from "./object-storage.ts";
import { type DashboardInWords, grafanaDashboard } from "./panel.ts";
import { pipelines } from "./pipelines.ts";
import { postgresql } from "./postgresql.ts";
import { systemHealth } from "./system-health.ts";

const ALL: readonly DashboardInWords[] = [
  systemHealth,
  infrastructure,
  objectStorage,
  postgresql,
  pipelines,
  modelPerformance,
  dataDrift,
  abTesting,
];

/** Their files' texts, as every Grafana of ours gets them. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  const text = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`;
  return Object.fromEntries(Object.entries(dashboards()).map(([file, dashboard]) => [file, text(dashboard)]));
}

/** Every dashboard by its file's name, which begins with the folder that Grafana shows it in. */
export function dashboards(): Readonly<Record<string, Dashboard>> {
  return Object.fromEntries(ALL.map((each) => [`${each.folder}/${each.uid}.json`, grafanaDashboard(each)]));
}
