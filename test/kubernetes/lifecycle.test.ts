import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive, markOf, type ProcessMark } from "../../cli/ending/processes.ts";
import { groupsOf, membersOf } from "../support/kubernetes/cgroups.ts";
import { hostTraces } from "../support/kubernetes/host-traces.ts";
import { Kubectl } from "../support/kubernetes/kubectl.ts";
import { findNode } from "../support/kubernetes/node.ts";
import { type Place, placeAt } from "../support/kubernetes/place.ts";
import { type Machine, startCluster } from "../support/kubernetes/start.ts";
import { stopCluster } from "../support/kubernetes/stop.ts";
import { ownMachine, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { eventually } from "../support/local-checkout.ts";

const own = process.env.BUCKETWORKS_TEST_KUBECONFIG === undefined;
const reason = own ? whyNoCluster() : "another cluster was named: none is started";

describe.skipIf(reason !== undefined)(reason ?? "a start and a stop of the test cluster", () => {
  let machine: Machine;
  let place: Place;
  let before: ReturnType<typeof hostTraces>;

  beforeAll(() => {
    machine = ownMachine();
    place = placeAt(mkdtempSync(join(tmpdir(), "bucketworks cluster ")));
    before = hostTraces();
  });

  afterAll(async () => {
    if (reason !== undefined) return;
    await stopCluster(machine.hierarchies, place);
    rmSync(place.folder, { recursive: true, force: true });
  });

  const members = (): ProcessMark[] =>
    membersOf(machine.hierarchies, place.cgroup)
      .map(markOf)
      .filter((mark) => mark !== undefined);

  const expectNothingLeft = (processes: readonly ProcessMark[]) => {
    expect(processes.filter(isAlive)).toEqual([]);
    expect(groupsOf(machine.hierarchies, place.cgroup)).toEqual([]);
    expect(existsSync(place.state)).toBe(false);
    expect(existsSync(place.kubeconfig)).toBe(false);
    expect(hostTraces()).toEqual(before);
  };

  it("a start that is killed half-way leaves a node that the next start clears away", async () => {
    const starter = spawn(process.execPath, ["--input-type=module", "-e", START, place.folder], { stdio: "inherit" });
    const exit = once(starter, "exit");
    await eventually(() => existsSync(join(place.logs, "kube-apiserver.log")));
    starter.kill("SIGKILL");
    await exit;
    const orphans = members();
    expect(orphans.length).toBeGreaterThan(5);
    expect(existsSync(place.kubeconfig)).toBe(false);

    await startCluster(machine, place);
    expect(orphans.filter(isAlive)).toEqual([]);
    const kubectl = new Kubectl(machine.parts.kubernetes, place.kubeconfig);
    expect(await kubectl.run(["get", "nodes", "--no-headers"])).toMatch(/^node1 +Ready /);
  });

  it("its administrator's token stands in files for root alone, and in no command line or environment", () => {
    const { users } = JSON.parse(readFileSync(place.kubeconfig, "utf8"));
    const { token } = users[0].user;
    expect(token).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(place.kubeconfig).mode & 0o777).toBe(0o600);
    expect(statSync(place.state).mode & 0o777).toBe(0o700);
    const texts = members().flatMap(({ pid }) => ["cmdline", "environ"].map((file) => textOf(pid, file)));
    expect(texts.filter((text) => text.includes("kubelet.json"))).toHaveLength(1);
    expect(texts.filter((text) => text.includes(token))).toEqual([]);
  });

  it("a stop leaves no process, mount, cgroup, route, link or changed setting", async () => {
    const processes = members();
    // Components and a pod: else there was nothing to leave.
    expect(processes.length).toBeGreaterThan(10);
    expect(groupsOf(machine.hierarchies, place.cgroup).some((group) => group.includes("kubepods"))).toBe(true);
    await stopCluster(machine.hierarchies, place);
    expectNothingLeft(processes);
    await stopCluster(machine.hierarchies, place);
    expect(hostTraces()).toEqual(before);
  });

  it("starts again after a stop; a crash of its first process ends everything, and a stop clears the rest", async () => {
    await startCluster(machine, place);
    const processes = members();
    const node = findNode(machine.hierarchies, place) ?? 0;
    process.kill(parentOf(node), "SIGKILL");
    await eventually(() => processes.filter(isAlive).length === 0);
    expect(groupsOf(machine.hierarchies, place.cgroup)).not.toEqual([]);
    await stopCluster(machine.hierarchies, place);
    expectNothingLeft(processes);
  });
});

const START = `
import { placeAt } from ${JSON.stringify(new URL("../support/kubernetes/place.ts", import.meta.url))};
import { startCluster } from ${JSON.stringify(new URL("../support/kubernetes/start.ts", import.meta.url))};
import { ownMachine } from ${JSON.stringify(new URL("../support/kubernetes/test-cluster.ts", import.meta.url))};
await startCluster(ownMachine(), placeAt(process.argv[1]));
`;

/** A file of a process, split into its words; empty when the process has ended since. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
