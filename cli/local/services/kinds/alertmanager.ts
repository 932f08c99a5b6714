import { join } from "node:path";
import { alertmanagerSettings } from "../../../../builders/services/alertmanager.ts";
import type { Kind } from "./kind.ts";

const SETTINGS = "alertmanager.yml";

export const alertmanager: Kind = {
  title: "Alertmanager",
  source: { program: "alertmanager" },
  ready: "/-/ready",
  executable: "alertmanager",
  mark: ["--config.file=", SETTINGS],
  folders: ["data"],
  command: ({ folder, source }, address) => ({
    file: join(source, "bin", "alertmanager"),
    args: [
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      // One that has no peers: it would listen to the network for them.
      "--cluster.listen-address=",
    ],
    // Where Debian's finds its templates.
    cwd: source,
  }),
  startedWith: () => ({}),
  documents: async ({ shared, alerts }) => {
    if (shared.alertmanager === null) return {};
    // Supervisors of all services load this file, live long and write no YAML.
    const { stringify } = await import("yaml");
    return { [SETTINGS]: stringify(alertmanagerSettings(shared.alertmanager, alerts), { lineWidth: 0 }) };
  },
  takes: "SIGHUP",
};
