import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { API_PORT, NODE } from "./addresses.ts";
import { type Access, hasCondition, readApi } from "./api.ts";
import { baseObjects } from "./base-objects.ts";
import { type Hierarchies, makeGroups } from "./cgroups.ts";
import { commandLines } from "./components.ts";
import { configurationFiles } from "./configuration.ts";
import { importImage, nodeImages, takesImages } from "./images.ts";
import { kubeconfig } from "./kubeconfig.ts";
import { Kubectl } from "./kubectl.ts";
import { findNode, startNode, startRelay } from "./node.ts";
import type { Parts } from "./parts.ts";
import { type Account, makePki, type Tokens } from "./pki.ts";
import type { Place } from "./place.ts";
import { StartFailure } from "./start-failure.ts";
import { stopCluster } from "./stop.ts";
import { makeVolumes, VOLUMES } from "./volumes.ts";

const READY_SECONDS = 90;

/** What a start needs from the machine. */
export interface Machine {
  readonly hierarchies: Hierarchies;
  readonly parts: Parts;
}

/**
 * Starts a cluster at a place, over whatever an earlier start left there; answers when pods can run and names resolve.
 * A start that fails leaves its logs alone.
 * @throws StartFailure naming what was waited for and the last lines of the component that answers for it
 */
export async function startCluster(machine: Machine, place: Place): Promise<void> {
  await stopCluster(machine.hierarchies, place);
  rmSync(place.logs, { recursive: true, force: true });
  try {
    await bringUp(machine, place);
  } catch (error) {
    await stopCluster(machine.hierarchies, place);
    throw error;
  }
}

async function bringUp({ hierarchies, parts }: Machine, place: Place): Promise<void> {
  makeGroups(hierarchies, place.cgroup);
  const tokens = writeState(place);
  const node = startNode(hierarchies, place, parts);
  const until = waiting(place, () => node.exitCode === null);
  await until("the node's namespaces", "node", () => existsSync(join(place.state, "node-is-up")));
  const first = findNode(hierarchies, place) ?? 0;
  const port = await startRelay(hierarchies, place, first);
  const authority = readFileSync(join(place.state, "pki", "ca.crt"), "utf8");
  const access: Access = { port, authority, token: tokens.admin };

  const loadImages = async () => {
    const archives = await nodeImages(place, parts);
    await until("containerd", "containerd", () => takesImages(first));
    for (const archive of archives) await importImage(place, first, archive);
  };
  const fillApi = async () => {
    await until("the API server", "kube-apiserver", async () => (await readApi(access, "/readyz")) !== undefined);
    const unfinished = join(place.state, "kubeconfig");
    writeFileSync(unfinished, kubeconfig(`https://127.0.0.1:${port}`, authority, tokens.admin), { mode: 0o600 });
    const objects = [...baseObjects(), ...makeVolumes(place, VOLUMES.count, VOLUMES.size)];
    await new Kubectl(parts.kubernetes, unfinished).create(objects);
    await until("a node that is Ready", "kubelet", () => hasCondition(access, `/api/v1/nodes/${NODE}`, "Ready"));
    return unfinished;
  };
  const [unfinished] = await Promise.all([fillApi(), loadImages()]);
  const dns = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
  await until("CoreDNS", "kubelet", () => hasCondition(access, dns, "Available"));
  const account = "/api/v1/namespaces/default/serviceaccounts/default";
  await until(
    "service accounts",
    "kube-controller-manager",
    async () => (await readApi(access, account)) !== undefined,
  );
  // Last: a place with a kubeconfig is a whole cluster.
  renameSync(unfinished, place.kubeconfig);
}

/** Writes certificates, tokens, configuration and command lines; answers the tokens. */
function writeState(place: Place): Tokens {
  mkdirSync(place.state, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string, mode = 0o600) => {
    const file = join(place.state, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  };
  const tokens = makePki(join(place.state, "pki"));
  const authority = readFileSync(join(place.state, "pki", "ca.crt"), "utf8");
  for (const [name, text] of Object.entries(configurationFiles(place.cgroup))) write(join("config", name), text);
  for (const account of Object.keys(tokens) as Account[]) {
    const text = kubeconfig(`https://127.0.0.1:${API_PORT}`, authority, tokens[account]);
    if (account !== "admin") write(join("config", `${account}.kubeconfig`), text);
  }
  for (const [name, words] of Object.entries(commandLines())) {
    write(join("commands", name), `#!/bin/sh\nexec ${words.join(" \\\n  ")}\n`, 0o700);
  }
  return tokens;
}

type Until = (what: string, component: string, claim: () => boolean | Promise<boolean>) => Promise<void>;

/** Polls claims until they hold, as long as the node lives. */
function waiting(place: Place, lives: () => boolean): Until {
  const deadline = Date.now() + READY_SECONDS * 1000;
  return async (what, component, claim) => {
    while (!(await claim())) {
      if (!lives()) throw new StartFailure(place, `the node ended while waiting for ${what}`, "node");
      if (Date.now() > deadline) throw new StartFailure(place, `waited ${READY_SECONDS} s for ${what}`, component);
      await sleep(50);
    }
  };
}
