import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { isTaken, listenerOn } from "../listener.ts";
import { readText } from "../private-files.ts";
import { HOST } from "../run-record.ts";

/** The setting, from the environment or as `make up NAME=value`. */
const POSTGRES_PORT = "BUCKETWORKS_POSTGRES_PORT";
const FIRST = 5555;
const LAST = 5654;

/**
 * The port that this checkout used last, or the setting's; at first the next free one from 5555 on.
 * @param own the port that our own server holds at the moment
 * @throws CommandError when the setting is no port, or somebody else listens there
 */
export async function choosePostgresPort(
  checkout: Checkout,
  env: NodeJS.ProcessEnv,
  own: number | undefined,
): Promise<number> {
  const asked = env[POSTGRES_PORT]?.trim();
  const wanted = asked ? settingOf(asked) : rememberedPostgresPort(checkout);
  if (wanted === undefined) return nextFree();
  if (wanted === own || !(await isTaken(wanted))) return wanted;
  const listener = listenerOn(wanted);
  const whom = listener === undefined ? "another process" : `${listener.command.split(" ")[0]} (pid ${listener.pid})`;
  throw new CommandError(
    `port ${wanted} for PostgreSQL (${POSTGRES_PORT}) is in use by ${whom}; choose another, for example: make up ${POSTGRES_PORT}=${await nextFree()}`,
    EXIT.couldNotLook,
  );
}

/** The port in `.bucketworks/postgres/endpoint`. */
export function rememberedPostgresPort({ postgres }: Checkout): number | undefined {
  const port = Number(readText(postgres.endpoint)?.replace(`${HOST}:`, ""));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

function settingOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw new CommandError(
    `${POSTGRES_PORT}: must be a port number from 1 to 65535, got ${JSON.stringify(text)}; for example ${POSTGRES_PORT}=${FIRST}`,
    EXIT.wrongUse,
  );
}

async function nextFree(): Promise<number> {
  for (let port = FIRST; port <= LAST; port++) if (!(await isTaken(port))) return port;
  throw new CommandError(
    `no port from ${FIRST} to ${LAST} is free for PostgreSQL; name another: make up ${POSTGRES_PORT}=PORT`,
    EXIT.couldNotLook,
  );
}
