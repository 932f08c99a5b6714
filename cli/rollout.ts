import { Command, InvalidArgumentError, Option } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { clusterRollouts } from "./rollout/cluster-rollouts.ts";
import { type SmokeOptions, smoke } from "./rollout/smoke.ts";
import { goOn, type RolloutObject, type Standing, standingLine, standingOf } from "./rollout/standing.ts";
import { print, printJson } from "./terminal/print.ts";

const HELP = `
A rollout brings another version or image of a model API into service step by step: services.model_api.rollout of the platform's
file says how, an update begins it, and Argo Rollouts carries it out in the cluster (docs/rollouts.md).

Examples:
  $ bucketworks rollout status --stack production
  $ bucketworks rollout promote mlops-model-api --stack production
  $ bucketworks rollout abort mlops-model-api --stack production
  $ bucketworks rollout smoke mlops-model-api
  $ bucketworks rollout smoke mlops-model-api --stack production --wait 300 --decide

smoke asks a model API for its health, for a prediction without a token, and for one with the token in MODEL_API_TOKEN; of the model API
of make services it signs one itself. Of a rollout it asks the new pods; with --decide it goes on where all is well, and ends it else.

Exit codes: 0 done, or shown and all is well; 1 a rollout failed or was ended (status), nothing is under way (promote, abort), or the
model API is not well (smoke);
2 wrong use (no such rollout, a stack without a cluster); 3 the cluster can't be asked`;

interface Options {
  readonly stack: string;
  readonly format: "text" | "json";
}

/** `bucketworks rollout status|promote|abort`. */
export function rolloutCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const one = (name: string, what: string, act: typeof promote): Command =>
    withOptions(
      new Command(name)
        .description(what)
        .argument("<name>", "as status lists it, for example mlops-model-api")
        .action((rollout: string, options: Options) => act(rollout, options, checkout)),
    );
  return new Command("rollout")
    .description("see, go on with or end rollouts of services on Kubernetes")
    .addHelpText("after", HELP)
    .addCommand(
      withOptions(
        new Command("status")
          .description("how far each rollout is")
          .action((options: Options) => status(options, checkout)),
      ),
    )
    .addCommand(one("promote", "go on with a rollout that waits for a person", promote))
    .addCommand(one("abort", "end a rollout: the former pods serve again", abort))
    .addCommand(smokeCommand(checkout));
}

function smokeCommand(checkout: Checkout): Command {
  return withOptions(
    new Command("smoke")
      .description("try a model API: its health and a prediction")
      .argument("<name>", "for example mlops-model-api")
      .option("--url <url>", "another model API (default: that of the stack)")
      .option("--ca-file <file>", "PEM file of the CA that signed its certificate (default: of the cluster's Secret)")
      .option("--model-version <number>", "the version that is to answer (default: version in the platform's file)")
      .addOption(new Option("--wait <seconds>", "how long it may take to be well").argParser(seconds).default(0))
      .option("--decide", "go on with the rollout where all is well, end it where not")
      .action((name: string, options: SmokeOptions) => smoke(name, options, checkout)),
  );
}

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number of seconds, like 300");
}

function withOptions(command: Command): Command {
  return command
    .addOption(new Option("-s, --stack <name>", "the stack, which runs on Kubernetes").default("dev"))
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .addHelpText("after", HELP);
}

async function status({ stack, format }: Options, { root }: Checkout): Promise<void> {
  const found = (await (await clusterRollouts(root, stack)).list()).map(standingOf);
  if (format === "json") printJson({ schemaVersion: 1, stack, rollouts: found });
  else for (const each of found) print(standingLine(each));
  if (format === "text" && found.length === 0) print(`stack ${stack}: no service has a rollout`);
  if (found.some(({ phase }) => phase === "Degraded")) process.exitCode = EXIT.findings;
}

async function promote(name: string, options: Options, checkout: Checkout): Promise<void> {
  await change(name, options, checkout, goOn, "goes on");
}

async function abort(name: string, options: Options, checkout: Checkout): Promise<void> {
  await change(name, options, checkout, () => ({ abort: true }), "is ended, the former pods serve");
}

async function change(
  name: string,
  { stack, format }: Options,
  { root }: Checkout,
  statusOf: (rollout: RolloutObject) => object,
  done: string,
): Promise<void> {
  const rollouts = await clusterRollouts(root, stack);
  const all = await rollouts.list();
  const rollout = all.find(({ metadata }) => metadata.name === name);
  if (rollout === undefined) throw new CommandError(unknown(name, stack, all.map(standingOf)), EXIT.wrongUse);
  const before = standingOf(rollout);
  if (!before.isUnderWay) {
    const message = `rollout: ${name}: nothing is under way (${before.phase}), so nothing was changed; an update begins one`;
    throw new CommandError(message, EXIT.findings);
  }
  await rollouts.tell(name, statusOf(rollout));
  if (format === "json") printJson({ schemaVersion: 1, stack, name, before });
  else print(`${name} ${done}; bucketworks rollout status --stack ${stack} shows how far it is`);
}

function unknown(name: string, stack: string, all: readonly Standing[]): string {
  const there = all.length === 0 ? "it has none" : `it has ${all.map((each) => each.name).join(", ")}`;
  return `rollout: stack ${stack} has no rollout ${name}; ${there}`;
}
