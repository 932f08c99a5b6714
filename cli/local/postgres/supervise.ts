/**
 * The supervisor of the local PostgreSQL, a program of its own: `node supervise.ts ROOT`. Its settings are there already;
 * it keeps the server running until it is told to end.
 */
import { closeSync } from "node:fs";
import { join } from "node:path";
import { checkoutAt } from "../../checkout.ts";
import { keepRunning, ownMark } from "../keep-running.ts";
import { openLog } from "../log-file.ts";
import { clearStaleLocks } from "./data-folder.ts";
import { startPostgres } from "./program.ts";
import { forgetPostgresRun, readPostgresRun, writePostgresRun } from "./record.ts";

function supervise(root: string): Promise<number> {
  const checkout = checkoutAt(root);
  const { folder, log } = checkout.postgres;
  const self = ownMark();
  return keepRunning({
    log,
    endSignal: "SIGINT",
    start: () => {
      clearStaleLocks(join(folder, "data"), folder);
      const output = openLog(log);
      const server = startPostgres({ folder }, output);
      closeSync(output);
      return server;
    },
    record: (deaths, server) => writePostgresRun(checkout, { supervisor: self, deaths, ...(server && { server }) }),
    forget: () => {
      if (readPostgresRun(checkout)?.supervisor.pid === self.pid) forgetPostgresRun(checkout);
    },
  });
}

const [root] = process.argv.slice(2);
if (root === undefined) {
  process.stderr.write("supervise.ts: needs ROOT; it is started by bucketworks up\n");
  process.exitCode = 2;
} else {
  process.exitCode = await supervise(root);
}
