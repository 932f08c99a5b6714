import { join } from "node:path";
import { shipperSettings } from "../../../../builders/services/logs.ts";
import { SERVER_REQUESTS } from "../../../../builders/services/server-requests.ts";
import { CommandError, EXIT } from "../../../ending/exit.ts";
import { makePrivateFolder } from "../../private-files.ts";
import { ensurePassword } from "../password.ts";
import type { Kind, Logins } from "./kind.ts";

const SETTINGS = "settings.json";

/** Brings lines of logs to the store, and audit lines into their bucket. */
export const logShipper: Kind = {
  title: "Shipper of logs",
  // A program of ours; without the store there is nothing to ship to.
  source: { program: "victoria-logs" },
  ready: "/health",
  executable: "node",
  mark: ["--settings=", SETTINGS],
  folders: [],
  command: ({ root }) => ({
    file: process.execPath,
    before: [join(root, "cli", "logs", "ship.ts")],
    args: [root],
  }),
  startedWith: () => ({}),
  documents: async ({ shared, platforms, peers, logins, isJudged }, address) => {
    const store = peers.services.log_store;
    if (store === undefined) throw new CommandError("Shipper of logs: their store doesn't run", EXIT.couldNotLook);
    const { audit } = shared.logs ?? { audit: null };
    const key = audit === null ? undefined : keyOf(audit.serviceAccount, logins);
    const names = platforms.map(({ name }) => name);
    const takesRequests = isJudged && shared.logs?.serverRequests === true;
    const known = { platforms: names, store, address, audit, key, minio: peers.minio, takesRequests };
    return { [SETTINGS]: JSON.stringify(shipperSettings(known)) };
  },
  takes: "restart",
  isForPrograms: true,
  prepare: async ({ checkout, given, folder, progress }) => {
    makePrivateFolder(checkout.logs);
    if (given.isJudged && given.shared.logs?.serverRequests) ensurePassword(join(folder, SERVER_REQUESTS.tokenFile));
    const { audit } = given.shared.logs ?? { audit: null };
    if (audit === null) return;
    if (keyOf(audit.serviceAccount, given.logins) === undefined)
      progress.note(`audit lines wait in the logs for bucket ${audit.bucket}: run make up, then make services`);
  },
};

/** Undefined before the stack has it: lines wait in the logs. */
function keyOf(account: string, logins: Logins): ReturnType<Logins["key"]> | undefined {
  try {
    return logins.key(account);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
