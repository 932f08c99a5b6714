import { POSTGRES_USER } from "./database.ts";
import { type ComposeService, ownImage, service, USER } from "./service.ts";

const FOLDER = "/volumes";
/** Those that belong to another user than ours. */
const OF_POSTGRES = ["postgres_data"];

/**
 * Docker makes a new volume root's. This gives each to the user who writes there; it sees no network and no secret, and has
 * one right.
 */
export function volumeOwner(volumes: readonly string[]): ComposeService {
  const ours = volumes.filter((name) => !OF_POSTGRES.includes(name));
  const chown = (user: string, names: readonly string[]) =>
    `chown ${user} ${names.map((name) => `${FOLDER}/${name}`).join(" ")}`;
  return service({
    image: ownImage("workloads"),
    build: { context: ".", dockerfile: "images/workloads/Dockerfile" },
    memory: "64Mi",
    once: true,
    user: "0:0",
    cap_add: ["CHOWN"],
    entrypoint: ["/bin/sh", "-euc"],
    command: [`${chown(USER, ours)}\n${chown(`${POSTGRES_USER}:${POSTGRES_USER}`, OF_POSTGRES)}`],
    volumes: volumes.map((name) => `${name}:${FOLDER}/${name}`),
    network_mode: "none",
  });
}
