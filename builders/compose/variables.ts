import { commentLines } from "../../config/text/comment.ts";

interface Setting {
  /** Empty where the user has to say it. */
  readonly usual: string;
  /** What it is, for people; a line each. */
  readonly says: readonly string[];
}

/** What a user may set in `.env`, in the order of `.env.example`. Ports of services come from the specs. */
const SETTINGS = {
  BUCKETWORKS_SECRETS: {
    usual: "",
    says: [
      "Folder of the secrets. Compose starts nothing while it is empty: run `bin/bucketworks compose secrets`, which makes them,",
      "and write here the folder that it names.",
    ],
  },
  BUCKETWORKS_UID: { usual: "1000", says: ["User whose files the secrets are (id -u); containers run as it."] },
  BUCKETWORKS_GID: { usual: "1000", says: ["Its group (id -g)."] },
  BUCKETWORKS_CPUS: { usual: "1", says: ["Processors that one container may use; no more than the machine has."] },
  BUCKETWORKS_REGISTRY: {
    usual: "bucketworks",
    says: ["Beginning of the names of images that are built from this repository, like registry.example/team."],
  },
  BUCKETWORKS_TAG: { usual: "local", says: ["Their tag: the commit, where a registry has them."] },
} as const satisfies Record<string, Setting>;

type Own = keyof typeof SETTINGS;
/** A variable of `.env`: one of ours, or the port of a service. */
export type Variable = Own | `BUCKETWORKS_${string}_PORT` | "BUCKETWORKS_PORT";

/** As Compose reads it: with its usual value, or refused while it is empty. */
export function variable(name: Variable, usual = usualOf(name)): string {
  if (usual !== "") return `\${${name}:-${usual}}`;
  return `\${${name}:?run bin/bucketworks compose secrets and write the folder that it names into .env}`;
}

/** A port of this machine that a service is published at. */
export interface PublishedPort {
  readonly variable: Variable;
  readonly port: number;
  /** Title of the service. */
  readonly of: string;
}

/** `.env.example`: every variable of compose.yaml with its usual value. */
export function envExample(ports: readonly PublishedPort[]): string {
  const head = [
    "Settings of compose.yaml (docs/compose.md). Copy this to .env, which git ignores, and edit it. No secret belongs here.",
    "Written by bucketworks compose (make docs).",
  ];
  const own = Object.entries<Setting>(SETTINGS).map(
    ([name, { usual, says }]) => `${commentLines(says)}${name}=${usual}\n`,
  );
  const published = ports.map(({ variable: name, port, of }) => `${commentLines([`${of}.`])}${name}=${port}\n`);
  const between = commentLines(["Ports of this machine, on 127.0.0.1 alone; each may be another one."]);
  return [commentLines(head), ...own, between.trimEnd(), published.join("")].join("\n");
}

function usualOf(name: Variable): string {
  return SETTINGS[name as Own]?.usual ?? "";
}
