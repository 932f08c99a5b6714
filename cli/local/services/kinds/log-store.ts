import { join } from "node:path";
import { LOG_STORE, logStoreArguments } from "../../../../builders/services/logs.ts";
import { ensurePassword } from "../password.ts";
import type { Kind } from "./kind.ts";

/** Keeps lines. What it is asked for needs the writer's password, and people ask `logs`. */
export const logStore: Kind = {
  title: "Store of logs",
  source: { program: "victoria-logs" },
  ready: "/health",
  executable: "victoria-logs",
  mark: ["-storageDataPath=", "data"],
  folders: ["data"],
  command: ({ folder, source }, address, { retention = "", size = "" }) => ({
    file: join(source, "bin", "victoria-logs"),
    args: logStoreArguments({ address, passwordFile: join(folder, LOG_STORE.writerPassword), retention, size }),
  }),
  startedWith: ({ shared: { logs } }): Record<string, string> =>
    logs === null ? {} : { retention: `${logs.retentionDays}d`, size: String(logs.maxBytes) },
  documents: async () => ({}),
  takes: "restart",
  isForPrograms: true,
  prepare: async ({ folder }) => ensurePassword(join(folder, LOG_STORE.writerPassword)),
};
