/**
 * The supervisor of a local service, a program of its own: `node supervise.ts ROOT SERVICE HOW`, HOW being ports and settings
 * as JSON. It keeps the server running until it is told to end, and writes down which processes serve the checkout.
 */
import { checkoutAt } from "../../checkout.ts";
import { keepRunning } from "./keep-running.ts";
import { serviceNamed } from "./services.ts";

const [root = "", name = "", how = "null"] = process.argv.slice(2);
const service = await serviceNamed(name, checkoutAt(root));
const start = JSON.parse(how);
if (service === undefined || start === null) {
  process.stderr.write("supervise.ts: needs ROOT SERVICE HOW; it is started by bucketworks up\n");
  process.exitCode = 2;
} else process.exitCode = await keepRunning(service, start);
