import { join } from "node:path";
import { LOG_STORE, logReaderArguments } from "../../../../builders/services/logs.ts";
import { CommandError, EXIT } from "../../../ending/exit.ts";
import { ensurePassword } from "../password.ts";
import type { Kind } from "./kind.ts";

/** Where people and dashboards search: it asks the store, and takes no line itself, so a reader can't write. */
export const logs: Kind = {
  title: "Logs",
  source: { program: "victoria-logs" },
  ready: "/health",
  executable: "victoria-logs",
  mark: ["-httpAuth.password=file://", LOG_STORE.readerPassword],
  folders: [],
  command: ({ root, source }, address) => ({
    file: join(source, "bin", "victoria-logs"),
    args: [
      ...logReaderArguments(address, join(root, LOG_STORE.writerPasswordPath)),
      // Of variables: the store's address.
      "-envflag.enable",
    ],
  }),
  startedWith: () => ({}),
  documents: async ({ peers }) => {
    const store = peers.services.log_store;
    if (store === undefined) throw new CommandError("Logs: their store doesn't run", EXIT.couldNotLook);
    return { "environment.json": JSON.stringify({ storageNode: store }) };
  },
  takes: "restart",
  login: { user: LOG_STORE.reader, secret: "password", file: LOG_STORE.readerPassword },
  prepare: async ({ folder }) => ensurePassword(join(folder, LOG_STORE.readerPassword)),
};
