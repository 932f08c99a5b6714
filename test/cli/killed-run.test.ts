import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { KilledRun } from "../../cli/recovery/accounts.ts";
import { killedRun } from "../../cli/recovery/killed-run.ts";
import { recoverStack } from "../../cli/recovery/recover-stack.ts";
import { type StatePlaces, statePlaces } from "../../toolchain/state/state-files.ts";

const BEGAN = new Date(Date.now() - 60_000);
const after = (seconds: number): string => new Date(BEGAN.getTime() + seconds * 1000).toISOString();
const PENDING = {
  type: "creating",
  resource: { urn: "urn:b", type: "bucketworks:index:Bucket", inputs: { bucket: "b" } },
};

let places: StatePlaces;
const backend = (): string => `file://${join(places.root, ".bucketworks", "state")}`;
const locks = (): string => join(places.root, ".bucketworks/state/.pulumi/locks/organization/bucketworks/dev");

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const state = (time: string): string =>
  JSON.stringify({ version: 3, checkpoint: { latest: { manifest: { time }, pending_operations: [PENDING] } } });

const lock = (name: string, pid: number, host = hostname()): void =>
  write(join(locks(), name), JSON.stringify({ pid, username: "x", hostname: host, timestamp: BEGAN }));

beforeEach(() => {
  places = statePlaces(mkdtempSync(join(tmpdir(), "bucketworks killed ")), "bucketworks", "dev");
  write(`${places.file}.bak`, state(after(1)));
  write(places.file, state(after(2)));
});

afterEach(() => rmSync(places.root, { recursive: true, force: true }));

test("the state that a killed run wrote last says what it had pending", () => {
  expect(killedRun(places, BEGAN)?.deployment.pending_operations).toEqual([PENDING]);
});

test.for<[string, () => void]>([
  ["a copy from before the run", () => write(places.file, state(after(-5)))],
  ["Pulumi's copy, put in its place", () => copyFileSync(`${places.file}.bak`, places.file)],
  ["Pulumi's copy, moved there", () => rmSync(`${places.file}.bak`)],
  ["one cut off", () => write(places.file, '{"version":3,"checkpo')],
  ["one without a time", () => write(places.file, state("x"))],
  ["none", () => rmSync(places.file)],
])("a state that is %s proves nothing", ([, change]) => {
  change();
  expect(killedRun(places, BEGAN)).toBeUndefined();
});

test("a key in the state, a history or a copy of any stack of the checkout is known", () => {
  write(join(places.root, ".bucketworks/state/.pulumi/stacks/bucketworks/test.json"), "{KEY-OF-TEST}");
  write(join(places.root, ".bucketworks/state/.pulumi/history/bucketworks/dev/dev-1.checkpoint.json"), "{KEY-BEFORE}");
  write(join(places.root, ".bucketworks/state-kept/dev/1.json"), "{KEY-KEPT}");
  const known = killedRun(places, BEGAN)?.isKnown;
  expect(["KEY-OF-TEST", "KEY-BEFORE", "KEY-KEPT", "KEY-OF-NOBODY"].map((key) => known?.(key))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

/** What is proved at the moment of ending, after `meanwhile`. */
async function proved(own: boolean, meanwhile: () => void): Promise<KilledRun | undefined> {
  let proof: KilledRun | undefined;
  await recoverStack({
    project: "bucketworks",
    stack: "dev",
    backend: backend(),
    places: own ? places : undefined,
    pulumi: async () => JSON.stringify({ version: 3, deployment: { pending_operations: [PENDING] } }),
    existing: async () => ({ buckets: new Map(), users: new Set(), bare: new Set() }),
    removeUsers: async () => undefined,
    endOrphans: async (_, prove) => {
      meanwhile();
      proof = prove();
      return { orphaned: [], unknown: [] };
    },
  });
  return proof;
}

const DEAD = 2 ** 22 + 1;

test("at the moment of ending, state and lock of the dead run prove what it made", async () => {
  lock("dead.json", DEAD);
  expect(await proved(true, () => undefined)).toBeDefined();
});

test("a backend that isn't the checkout's own, and a state whose lock is gone, prove nothing", async () => {
  expect(await proved(true, () => undefined)).toBeUndefined();
  lock("dead.json", DEAD);
  expect(await proved(false, () => undefined)).toBeUndefined();
});

test("a run that began, or ended, while the server was asked ends nothing", async () => {
  lock("dead.json", DEAD);
  expect(await proved(true, () => rmSync(join(locks(), "dead.json")))).toBeUndefined();
  lock("dead.json", DEAD);
  await expect(proved(true, () => lock("live.json", 1, "elsewhere"))).rejects.toThrow(
    /stack dev is in use by process 1/,
  );
});

test("the state is read anew at the moment of ending", async () => {
  lock("dead.json", DEAD);
  expect(await proved(true, () => copyFileSync(`${places.file}.bak`, places.file))).toBeUndefined();
});
