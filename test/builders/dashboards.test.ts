import { join } from "node:path";
import { expect, test } from "vitest";
import { dashboards } from "../../builders/services/dashboards/dashboards.ts";
import { grafanaProvisioning, grafanaSettings } from "../../builders/services/grafana.ts";

const GOLDEN = join(import.meta.dirname, "../golden/dashboards");
const all = Object.entries(dashboards());

interface ShownPanel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly w: number; readonly x: number };
  readonly datasource?: object;
  readonly fieldConfig: {
    readonly defaults: { readonly unit?: string; readonly thresholds?: { readonly steps: readonly object[] } };
  };
  readonly targets?: readonly { readonly expr: string }[];
}
const panelsOf = (dashboard: (typeof all)[number][1]): ShownPanel[] =>
  ((dashboard.panels ?? []) as unknown as ShownPanel[]).filter(({ type }) => type !== "row");

test.each(all)("%s as Grafana reads it (make golden writes it)", async (file, dashboard) => {
  await expect(`${JSON.stringify(dashboard, null, 2)}\n`).toMatchFileSnapshot(join(GOLDEN, file));
});

test("ML-025 to ML-029: there is a dashboard for each panel group of the source, one for each kind of server, and one for pipelines", () => {
  expect(all.map(([, { title }]) => title)).toEqual([
    "System Health",
    "Infrastructure",
    "Object Storage",
    "PostgreSQL",
    "Pipelines",
    "Model Performance",
    "Data Drift",
    "A/B Testing",
  ]);
  expect(new Set(all.map(([, { uid }]) => uid)).size).toBe(all.length);
});

test.each(all)(
  "%s: every panel says what it means, in which unit, from when on to worry, and asks one source",
  (_, dashboard) => {
    for (const { title, description = "", datasource, fieldConfig, targets = [] } of panelsOf(dashboard)) {
      expect(description, title).toMatch(/^[A-Z0-9].{20,}[.:]/);
      expect(fieldConfig.defaults.unit, title).toBeTruthy();
      expect(fieldConfig.defaults.thresholds?.steps.length, title).toBeGreaterThan(0);
      expect(datasource, title).toEqual({ type: "prometheus", uid: "prometheus" });
      expect(targets.length, title).toBeGreaterThan(0);
    }
  },
);

test.each(all)("%s: the panels fill their rows to the edge, and none lies beyond it", (_, dashboard) => {
  const ends = panelsOf(dashboard).map(({ gridPos: { x, w } }) => x + w);
  expect(Math.max(...ends)).toBe(24);
  const rows = (dashboard.panels ?? []).filter(({ type }) => type === "row");
  expect(ends.filter((end) => end === 24).length).toBeGreaterThanOrEqual(rows.length);
});

test("Grafana asks for a login whose password it reads from a file, and takes nobody else in", () => {
  const place = { host: "127.0.0.1", port: 3000, data: "/d", provisioning: "/p", passwordFile: "/s/admin-password" };
  const settings = grafanaSettings(place);
  expect(settings).toContain("admin_password = $__file{/s/admin-password}\n");
  expect(settings).toContain("[auth.anonymous]\nenabled = false\n");
  expect(settings).toContain("[users]\nallow_sign_up = false\n");
  expect(settings).toContain("http_addr = 127.0.0.1\n");
});

test("ML-023: what is provisioned is Prometheus as the source that dashboards name, and their files in folders", () => {
  const given = { prometheus: "http://127.0.0.1:9090", scrapeInterval: "15s", dashboards: "/dashboards" };
  expect(grafanaProvisioning(given)).toEqual({
    "datasources/prometheus.yml": {
      apiVersion: 1,
      prune: true,
      datasources: [
        {
          type: "prometheus",
          uid: "prometheus",
          name: "Prometheus",
          access: "proxy",
          url: "http://127.0.0.1:9090",
          isDefault: true,
          editable: false,
          jsonData: { httpMethod: "POST", timeInterval: "15s" },
        },
      ],
    },
    "dashboards/bucketworks.yml": {
      apiVersion: 1,
      providers: [
        {
          name: "bucketworks",
          type: "file",
          allowUiUpdates: false,
          options: { path: "/dashboards", foldersFromFilesStructure: true },
        },
      ],
    },
  });
  expect(new Set(all.map(([file]) => file.split("/")[0]))).toEqual(new Set(["Operation", "Models"]));
});
