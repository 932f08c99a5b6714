import { join } from "node:path";
import { LOG_STORE } from "../../../../builders/services/logs.ts";
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
  command: ({ folder, source }, address, { retention, size }) => ({
    file: join(source, "bin", "victoria-logs"),
    args: [
      `-httpListenAddr=${address}`,
      `-httpAuth.username=${LOG_STORE.writer}`,
      `-httpAuth.password=file://${join(folder, LOG_STORE.writerPassword)}`,
      `-retentionPeriod=${retention}`,
      `-retention.maxDiskSpaceUsageBytes=${size}`,
      // What it took is on its disk so soon: the shipper counts on it.
      "-inmemoryDataFlushInterval=1s",
      "-memory.allowedBytes=256MiB",
      "-loggerFormat=json",
    ],
  }),
  startedWith: ({ shared: { logs } }): Record<string, string> =>
    logs === null ? {} : { retention: `${logs.retentionDays}d`, size: String(logs.maxBytes) },
  documents: async () => ({}),
  takes: "restart",
  isForPrograms: true,
  prepare: async ({ folder }) => ensurePassword(join(folder, LOG_STORE.writerPassword)),
};
