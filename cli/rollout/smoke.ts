import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Platform } from "../../config/model.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { attended } from "../ending/signals.ts";
import { readStackFile } from "../stack-file.ts";
import { modelOf } from "../target/specs.ts";
import { print, printJson, tell } from "../terminal/print.ts";
import { type ApiPlace, clusterPlace, localPlace, namedPlace, predictorToken } from "./api-place.ts";
import { clusterRollouts, type Rollouts } from "./cluster-rollouts.ts";
import { goOn, type RolloutObject, type Standing, standingOf } from "./standing.ts";
import { type Tried, tryApi } from "./try-api.ts";

const AGAIN_MS = 2000;
const SUFFIX = "-model-api";

export interface SmokeOptions {
  readonly stack: string;
  readonly format: "text" | "json";
  readonly url?: string;
  /** File of the authority that signed its certificate. */
  readonly caFile?: string;
  readonly modelVersion?: string;
  /** Seconds. */
  readonly wait: number;
  readonly decide?: true;
}

/** `bucketworks rollout smoke`: tries a model API, of a rollout its new pods, and goes on with it or ends it. */
export async function smoke(name: string, options: SmokeOptions, checkout: Checkout): Promise<void> {
  const { stack, url, decide = false, wait, format } = options;
  const { deployed, stage = stack } = readStackFile(checkout.root, stack);
  if (decide && deployed === undefined) {
    const message = `rollout: stack ${stack} doesn't run on Kubernetes, so there is no rollout to decide; leave out --decide`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const isOfCluster = deployed !== undefined && (url === undefined || decide);
  const rollouts = isOfCluster ? await rolloutsOf(checkout.root, stack, decide) : undefined;
  const found = await rollouts?.list().then((all) => all.find(({ metadata }) => metadata.name === name));
  if (decide && found === undefined) {
    const message = `rollout: stack ${stack} has no rollout ${name} to decide (services.model_api.rollout)`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const isLocal = deployed === undefined && url === undefined;
  const token = await predictorToken(name, checkout, isLocal);
  const declared = declaredApi(name, { stage, stack, root: checkout.root });
  const version = options.modelVersion ?? declared?.version?.toString();
  const place = await placeOf();
  let tried: Tried;
  try {
    tried = await attended((stop) => tryUntil(place, { token, version }, wait, stop));
  } finally {
    place.close();
  }
  const decided = decide && rollouts !== undefined ? await decideOn(name, rollouts, tried) : undefined;
  const where = url ?? (found === undefined ? name : `the new pods of ${name}`);
  if (format === "json") printJson({ schemaVersion: 1, stack, name, ...tried, decided: decided ?? null });
  else if ("version" in tried) print(`${where}: version ${tried.version} is healthy and predicts`);
  else tell(`rollout: ${where}: ${tried.fault}`);
  if (format === "text" && decided !== undefined) print(`${name} ${decided}`);
  if ("fault" in tried) process.exitCode = EXIT.findings;

  async function placeOf(): Promise<ApiPlace> {
    const authority = options.caFile === undefined ? undefined : authorityIn(options.caFile);
    if (url !== undefined) return namedPlace(url, authority);
    if (deployed === undefined) return localPlace(name, checkout);
    if (declared === undefined) {
      const message = `rollout: no platform of stack ${stack} has a model API ${name}; name it PLATFORM${SUFFIX}`;
      throw new CommandError(message, EXIT.wrongUse);
    }
    const service = found === undefined ? name : `${name}-new`;
    return clusterPlace(deployed, { name, service, port: declared.port }, authority);
  }
}

function authorityIn(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(
      `--ca-file ${path} can't be read (${(error as NodeJS.ErrnoException).code}); fix the path`,
      EXIT.wrongUse,
    );
  }
}

/** Without Argo Rollouts there is a Deployment to be tried; who wants to decide is told. */
async function rolloutsOf(root: string, stack: string, decide: boolean): Promise<Rollouts | undefined> {
  const rollouts = await clusterRollouts(root, stack);
  if (decide) return rollouts;
  const all = await rollouts.list().catch((): readonly RolloutObject[] => []);
  return { ...rollouts, list: async () => all };
}

/** What the platform's file says of it; undefined where that is no platform's model API. */
function declaredApi(
  name: string,
  { stage, stack, root }: { readonly stage: string; readonly stack: string; readonly root: string },
): NonNullable<Platform["services"]["modelApi"]> | undefined {
  const { platforms } = modelOf({ files: [], stage, stack, root });
  return platforms.find((each) => `${each.name}${SUFFIX}` === name)?.services.modelApi ?? undefined;
}

async function tryUntil(
  place: ApiPlace,
  asked: { readonly token: string; readonly version: string | undefined },
  wait: number,
  stop: AbortSignal,
): Promise<Tried> {
  const end = Date.now() + wait * 1000;
  for (;;) {
    const tried = await tryApi({ ...asked, url: place.url, trust: place.trust }, stop);
    if ("version" in tried) return tried;
    if (Date.now() >= end)
      return { fault: [tried.fault, place.kept()].filter((each) => each !== undefined).join("; ") };
    await sleep(AGAIN_MS, undefined, { signal: stop });
  }
}

/** What was done; a rollout that doesn't wait for anybody goes on by itself, and none is begun here. */
async function decideOn(name: string, rollouts: Rollouts, tried: Tried): Promise<string> {
  const rollout = (await rollouts.list()).find(({ metadata }) => metadata.name === name);
  const standing: Standing | undefined = rollout === undefined ? undefined : standingOf(rollout);
  if (rollout === undefined || standing === undefined || !standing.isUnderWay) return "has no rollout under way";
  if ("fault" in tried) {
    await rollouts.tell(name, { abort: true });
    return "is ended, the former pods serve";
  }
  if (standing.phase !== "Paused") return "goes on by itself";
  await rollouts.tell(name, goOn(rollout));
  return "goes on";
}
