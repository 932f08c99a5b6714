/**
 * The supervisor of the local server, a program of its own: `node supervise.ts ROOT API_PORT CONSOLE_PORT [REGION]`.
 * It keeps MinIO running until it is told to end, and writes down which processes serve the checkout.
 */
import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { checkoutAt } from "../checkout.ts";
import { keepRunning, ownMark } from "./keep-running.ts";
import { openLog } from "./log-file.ts";
import { findBinary, missingSecrets, serverArguments, serverEnvironment } from "./minio.ts";
import { forgetRun, type Ports, readRun, writeRun } from "./run-record.ts";

function supervise(root: string, ports: Ports, region: string | undefined): Promise<number> {
  const checkout = checkoutAt(root);
  const { log } = checkout.minio;
  const self = ownMark();
  return keepRunning({
    log,
    endSignal: "SIGTERM",
    start: () => {
      const missing = missingSecrets(checkout);
      if (missing.length > 0) return `without ${missing.join(", ")}: the server would come up with default credentials`;
      const output = openLog(log);
      const server = spawn(findBinary(checkout, "minio"), serverArguments(checkout, ports), {
        env: serverEnvironment(checkout, process.env, region),
        stdio: ["ignore", output, output],
      });
      closeSync(output);
      return server;
    },
    record: (deaths, server) =>
      writeRun(checkout, { supervisor: self, ports, deaths, ...(region && { region }), ...(server && { server }) }),
    forget: () => {
      if (readRun(checkout)?.supervisor.pid === self.pid) forgetRun(checkout);
    },
  });
}

const [root, api, console_, region] = process.argv.slice(2);
if (root === undefined || api === undefined || console_ === undefined) {
  process.stderr.write("supervise.ts: needs ROOT API_PORT CONSOLE_PORT; it is started by bucketworks up\n");
  process.exitCode = 2;
} else {
  process.exitCode = await supervise(root, { api: Number(api), console: Number(console_) }, region);
}
