import { join } from "node:path";
import type { Kind } from "./kind.ts";

/** Where programs leave files with metrics of their own, from the instance's folder. */
const TEXTFILE = "textfile";

export const nodeExporter: Kind = {
  title: "node_exporter",
  source: { program: "node_exporter" },
  ready: "/",
  executable: "node_exporter",
  mark: ["--collector.textfile.directory=", TEXTFILE],
  folders: [TEXTFILE],
  command: ({ source }, address) => ({
    file: join(source, "bin", "node_exporter"),
    args: [`--web.listen-address=${address}`],
  }),
  startedWith: () => ({}),
  documents: async () => ({}),
  takes: "restart",
  isForPrograms: true,
};
