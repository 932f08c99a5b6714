import { flushCompileCache } from "node:module";
import { Engine } from "../../../provider/engine.ts";
import { serve } from "../../../provider/serve.ts";
import { KubernetesService } from "./service.ts";

/** The version of `@pulumi/kubernetes` whose program it serves. */
const VERSION = "4.34.2";

/** Entry of the plugin: the engine passes its own address, reads the port from the first line and calls from there on. */
const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const engine = address === undefined ? undefined : new Engine(address);
engine?.whenGone(() => process.exit(0));
process.stdout.write(`${await serve(new KubernetesService(VERSION, engine), VERSION)}\n`);
// An engine kills its plugins: an exit that would write the cache of compiled code never comes.
flushCompileCache();
