import { once } from "node:events";
import type { Server } from "node:net";
import { Command } from "commander";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { attended } from "./ending/signals.ts";
import { runBeside } from "./forward/run-beside.ts";
import { type DeployedServer, readStackFile } from "./stack-file.ts";
import { print, tell } from "./terminal/print.ts";

const S3_PORT = 9000;

const HELP = `
Connects this machine to a MinIO that the stack deploys on Kubernetes: connections to 127.0.0.1 go to a
ready pod, through the API server, as kubectl port-forward does it. Other pods take over when one goes away.
pulumi up, preview, refresh and destroy of such a stack do it by themselves while they run, unless the stack sets
bucketworks:endpoint. With a COMMAND the port is there while it runs, and its exit code is this one's.

Examples:
  $ bucketworks forward --stack production
  $ bucketworks forward --stack production -- bucketworks verify --stage production

Exit codes: 0 ended by Ctrl-C, that of COMMAND where there is one, 2 wrong use, 3 the cluster can't be reached`;

interface ForwardOptions {
  readonly stack: string;
  readonly quiet?: boolean;
}

/** `bucketworks forward`: a local port for a MinIO inside the cluster. */
export function forwardCommand(): Command {
  return new Command("forward")
    .description("reach the MinIO that a stack deploys on Kubernetes through a local port")
    .argument("[COMMAND...]", "run this while the port is there")
    .option("-s, --stack <name>", "the stack", "dev")
    .option("-q, --quiet", "errors only")
    .passThroughOptions()
    .addHelpText("after", HELP)
    .action(forward);
}

async function forward(command: string[], { stack, quiet = false }: ForwardOptions): Promise<void> {
  const { deployed } = readStackFile(ownRoot(), stack);
  if (deployed === undefined) {
    const message = `stack ${stack} deploys no MinIO: its bucketworks:target isn't kubernetes, so there is nothing to forward to`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const { namespace, service, port } = deployed;
  let kept: string | undefined;
  const said = (reason: string | undefined): void => {
    kept = reason;
    if (command.length === 0 && reason !== undefined) complain(reason);
  };
  const server = await open(deployed, stack, said);
  try {
    if (command.length > 0) {
      process.exitCode = await runBeside(command);
      // Why a command that failed may have found nobody; while a server starts, nobody is told.
      if (process.exitCode !== 0 && kept !== undefined) complain(`${service} in namespace ${namespace}: ${kept}`);
    } else {
      if (!quiet) print(`127.0.0.1:${port} reaches ${service} in namespace ${namespace}; Ctrl-C ends it`);
      await attended((stop) => once(stop, "abort"));
    }
  } finally {
    server.close();
    server.unref();
  }
}

function complain(reason: string): void {
  tell(`forward: ${reason}`);
}

async function open(
  { context, port, namespace, service }: DeployedServer,
  stack: string,
  said: (reason: string | undefined) => void,
): Promise<Server> {
  // The client takes long to load: only this command pays for it.
  const [{ listen }, { kubeConfig }] = await Promise.all([
    import("./forward/listen.ts"),
    import("./forward/config.ts"),
  ]);
  try {
    return await listen(kubeConfig(context), { namespace, service, port: S3_PORT }, port, said);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE") throw new CommandError(`forward: ${message}`, EXIT.couldNotLook);
    const fix = `end what listens there, or set another one: pulumi config set --stack ${stack} bucketworks:forwardPort PORT`;
    throw new CommandError(`forward: port ${port} of 127.0.0.1 is taken; ${fix}`, EXIT.wrongUse);
  }
}
