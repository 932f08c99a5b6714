import { join } from "node:path";
import { judgeCheckpoint } from "../../../toolchain/state/checkpoint.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { hasStackFile, readStackFile } from "../../stack-file.ts";
import { counted } from "../../terminal/print.ts";
import { readText } from "../private-files.ts";
import { HOST } from "../service/local-service.ts";
import { PROJECT, STACK } from "./name.ts";

/**
 * Whether the stack dev says itself where its server is: then none is started, stopped or deleted here.
 * @returns host:port as the stack says it, empty where it has credentials but no endpoint; undefined: the local server
 */
export function namedServer(checkout: Checkout): string | undefined {
  if (!hasStackFile(checkout.root, STACK)) return undefined;
  const { endpoint, hasCredentials } = readStackFile(checkout.root, STACK);
  return endpoint ?? (hasCredentials ? "" : undefined);
}

/**
 * Refuses to deploy a stack that has its buckets on another server: there, buckets of the same names would be taken
 * for its own. The local server may change its port.
 * @param endpoint host:port that the stack names; undefined is the local server
 */
export function refuseMove(checkout: Checkout, endpoint: string | undefined): void {
  const { url, buckets } = deployed(readText(stateFile(checkout)));
  if (url === undefined || buckets === 0) return;
  const before = new URL(url);
  const same = endpoint === undefined ? before.hostname === HOST : before.host === hostOf(endpoint, before.protocol);
  if (same) return;
  const now = endpoint === undefined ? "names no endpoint any more" : `names ${endpoint} now`;
  throw new CommandError(
    `stack ${STACK} has ${counted(buckets, "bucket")} on ${url} and ${now}: buckets of the same names there would be taken for its own. ` +
      `Set bucketworks:endpoint back and run make destroy first; for a server that only has a new address, run pulumi up --refresh --run-program by hand`,
    EXIT.wrongUse,
  );
}

/** As URLs have it: without the port that goes without saying. */
function hostOf(endpoint: string, protocol: string): string {
  return new URL(`${protocol}//${endpoint}`).host;
}

interface Deployed {
  readonly url: string | undefined;
  readonly buckets: number;
}

/** Where a state's buckets are, as the last update left it; a damaged one is refused before anything is deployed. */
export function deployed(state: string | undefined): Deployed {
  if (state === undefined || judgeCheckpoint(state).kind === "damaged") return { url: undefined, buckets: 0 };
  const { checkpoint } = JSON.parse(state) as Checkpoint;
  const resources = checkpoint?.latest?.resources ?? [];
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const buckets = resources.filter(({ type }) => type === "bucketworks:index:Bucket").length;
  return { url: stack?.outputs?.endpoint, buckets };
}

interface Checkpoint {
  readonly checkpoint?: {
    readonly latest?: {
      readonly resources?: readonly { readonly type: string; readonly outputs?: { readonly endpoint?: string } }[];
    } | null;
  };
}

function stateFile(checkout: Checkout): string {
  return join(checkout.state, ".pulumi", "stacks", PROJECT, `${STACK}.json`);
}
