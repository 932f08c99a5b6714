import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandError, EXIT } from "../../cli/ending/exit.ts";
import { report } from "../../cli/recover.ts";
import { settlePendingDeletes } from "../../cli/recovery/pending-deletes.ts";
import { locksOfTheDead, type RecoveryContext, recoverStack } from "../../cli/recovery/recover-stack.ts";
import { type Deployment, planRecovery } from "../../cli/recovery/recovery-plan.ts";

const URN = "urn:pulumi:dev::bucketworks::bucketworks:storage:Platform$bucketworks:index:Bucket::";
const BEGAN = new Date("2026-01-02T12:00:00Z");
const seconds = (count: number): Date => new Date(BEGAN.getTime() + count * 1000);

function resource(name: string): { urn: string; type: string; inputs: Record<string, unknown> } {
  return { urn: URN + name, type: "bucketworks:index:Bucket", inputs: { bucket: name, versioning: true } };
}

function pending(type: string, name: string): { type: string; resource: ReturnType<typeof resource> } {
  return { type, resource: resource(name) };
}

function pendingUser(name: string): {
  type: string;
  resource: { urn: string; type: string; inputs: Record<string, unknown> };
} {
  const type = "minio:index/iamUser:IamUser";
  return {
    type: "creating",
    resource: { urn: `urn:pulumi:dev::bucketworks::${type}::${name}`, type, inputs: { name } },
  };
}

describe("of the creations that a killed run left pending", () => {
  const deployment: Deployment = {
    resources: [{ ...resource("there"), id: "there", outputs: {} }],
    pending_operations: [
      ...["made", "unmade", "foreign"].map((name) => pending("creating", name)),
      ...["half-made-user", "unmade-user", "used-user"].map(pendingUser),
    ],
  };
  const existing = {
    buckets: new Map([
      ["there", seconds(-9000)],
      ["made", seconds(2)],
      ["foreign", seconds(-3600)],
      ["somebody-elses", seconds(2)],
    ]),
    users: new Set(["half-made-user", "used-user"]),
    bare: new Set(["half-made-user"]),
  };
  const plan = planRecovery(deployment, existing, BEGAN);

  test("the made ones are taken over, to be finished by the next update (U-054)", () => {
    expect(plan.takenOver).toEqual(["made"]);
    expect(plan.deployment.resources).toEqual([
      deployment.resources?.[0],
      {
        ...resource("made"),
        id: "made",
        outputs: { bucket: "made", versioning: false, tags: {}, lifecycle: [] },
        initErrors: ["its creation was cut short"],
      },
    ]);
  });

  test("those not made are left to the next update", () => expect(plan.notMade).toEqual(["unmade"]));

  test("a bucket older than the run is somebody else's and is left alone", () =>
    expect(plan.older).toEqual(["foreign"]));

  test("a user that has rights wasn't made by the run, and is left alone", () =>
    expect(plan.inUse).toEqual(["used-user"]));

  test("a user made by the run goes, because nobody has its secret", () =>
    expect(plan.halfMade).toEqual(["half-made-user"]));

  test("a user goes only where the beginning of the run is known", () =>
    expect(planRecovery(deployment, existing, undefined).halfMade).toEqual([]));

  test("none stays pending", () => expect(plan.deployment).not.toHaveProperty("pending_operations"));
});

test("an update that was cut short is written again, a deletion is tried again", () => {
  const there = { ...resource("a"), id: "a", outputs: { tags: {} } };
  const going = { ...resource("b"), id: "b", outputs: {} };
  const plan = planRecovery(
    { resources: [there, going], pending_operations: [pending("updating", "a"), pending("deleting", "b")] },
    { buckets: new Map(), users: new Set(), bare: new Set() },
    BEGAN,
  );
  expect(plan.again).toEqual(["a"]);
  expect(plan.deployment.resources).toEqual([{ ...there, initErrors: ["its update was cut short"] }, going]);
});

test("a tier that may be made is finished by the next update, wherever it leads, and its keys stay encrypted", () => {
  const type = "bucketworks:index:Tier";
  const key = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
  const keys = { name: "GLACIER", onDelete: "retain", accessKey: key, secretKey: key };
  const inputs = { ...keys, type: "minio", endpoint: "https://cold.example:9000", bucket: "archive" };
  const tier = { urn: `urn:pulumi:dev::bucketworks::${type}::GLACIER`, type, custom: true, inputs };
  const plan = planRecovery(
    { resources: [], pending_operations: [{ type: "creating", resource: tier }] },
    { buckets: new Map(), users: new Set(), bare: new Set() },
    BEGAN,
  );
  expect(plan.again).toEqual(["GLACIER"]);
  expect(plan.deployment.resources).toEqual([
    {
      ...tier,
      id: "GLACIER",
      inputs: keys,
      outputs: { name: "GLACIER", onDelete: "retain" },
      initErrors: ["its creation was cut short"],
    },
  ]);
});

describe("the lock of a stack", () => {
  let state: string;
  let locks: string;

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "bucketworks state "));
    locks = join(state, ".pulumi", "locks", "organization", "bucketworks", "dev");
    mkdirSync(locks, { recursive: true });
  });

  afterEach(() => rmSync(state, { recursive: true, force: true }));

  const lock = (pid: number, host = hostname()): void =>
    writeFileSync(join(locks, `${pid}.json`), JSON.stringify({ pid, username: "x", hostname: host, timestamp: BEGAN }));

  /** Recovers where a bucket and a user are there, whose creations are pending. @param made when the bucket was */
  const recoverPending = async (made: Date, holds: readonly string[] = [], bare = ["cut-user"]) => {
    const gone: string[] = [];
    const deployment = { pending_operations: [pending("creating", "cut-data"), pendingUser("cut-user")] };
    const { takenOver, older, inUse, unproved } = await recoverStack({
      project: "bucketworks",
      stack: "dev",
      backend: `file://${state}?metadata=skip`,
      places: undefined,
      pulumi: async () => JSON.stringify({ version: 3, deployment }),
      existing: async (_, asked) => ({
        buckets: new Map([["cut-data", made]]),
        users: new Set(["cut-user"]),
        bare: new Set(bare),
        filled: new Set(holds.filter((name) => asked.includes(name))),
      }),
      removeUsers: async (names) => void gone.push(...names),
      endOrphans: async () => ({ orphaned: [], unknown: [] }),
    });
    return { takenOver, older, inUse, unproved, gone };
  };
  const locked = (timestamp: Date): void =>
    writeFileSync(
      join(locks, "1.json"),
      JSON.stringify({ pid: 2 ** 22 + 1, username: "x", hostname: hostname(), timestamp }),
    );

  test("from a time to come proves nothing: an empty bucket is finished, one that holds something and a user are left alone and told", async () => {
    const user = { older: [], inUse: ["cut-user"], gone: [] };
    locked(new Date(Date.now() + 3 * 3600_000));
    expect(await recoverPending(new Date())).toEqual({ takenOver: ["cut-data"], unproved: [], ...user });
    locked(new Date(Date.now() + 3 * 3600_000));
    expect(await recoverPending(new Date(), ["cut-data"])).toEqual({ takenOver: [], unproved: ["cut-data"], ...user });
  });

  test("from before proves what is the run's and what is older", async () => {
    locked(new Date(Date.now() - 5_000));
    const own = { takenOver: ["cut-data"], older: [], inUse: [], unproved: [], gone: ["cut-user"] };
    expect(await recoverPending(new Date(), ["cut-data"])).toEqual(own);
    locked(new Date(Date.now() - 5_000));
    const others = { takenOver: [], older: ["cut-data"], inUse: ["cut-user"], unproved: [], gone: [] };
    expect(await recoverPending(new Date(Date.now() - 3 * 3600_000), [], [])).toEqual(others);
  });

  test("cut off while it was written says nothing of the time, so no user is removed", async () => {
    writeFileSync(join(locks, "x.json"), "");
    utimesSync(join(locks, "x.json"), BEGAN, BEGAN);
    expect((await recoverPending(new Date())).gone).toEqual([]);
  });

  const NOBODY = { orphaned: [], unknown: [] };
  const recover = (endOrphans: RecoveryContext["endOrphans"] = async () => NOBODY) =>
    recoverStack({
      project: "bucketworks",
      stack: "dev",
      backend: `file://${state}?metadata=skip`,
      places: undefined,
      pulumi: async () => JSON.stringify({ version: 3, deployment: { resources: [] } }),
      existing: async () => ({ buckets: new Map(), users: new Set(), bare: new Set() }),
      removeUsers: async () => undefined,
      endOrphans,
    });

  test("of a dead process is told as broken with what failed after it", async () => {
    lock(2 ** 22 + 1);
    const down = new CommandError("the server is down", EXIT.couldNotLook);
    const failed = recover(() => Promise.reject(down));
    await expect(failed).rejects.toThrow(/^lock of dead process \d+ from \S+ broken\nthe server is down$/);
  });

  test("of a dead process is broken", async () => {
    lock(2 ** 22 + 1);
    expect((await recover()).broken).toHaveLength(1);
    expect(readdirSync(locks)).toEqual([]);
  });

  test("whose pid belongs to something else by now is broken", async () => {
    lock(process.pid);
    expect((await recover()).broken).toHaveLength(1);
  });

  test.for([
    ["cut off before its first byte", "x.json", ""],
    ["cut off in the middle", "x.json", '{"pid":1,"hostn'],
    ["left over as a draft by a full disk", "x.json.18ec8c86e3bd6d22.tmp", ""],
    ["of zeros", "x.json", "\0\0\0"],
    ["that holds another document", "x.json", "null"],
    ["whose process is garbled", "x.json", '{"pid":"x","hostname":"elsewhere","timestamp":"2026-01-02T12:00:00Z"}'],
  ] as const)("%s is broken, and counts from when it was written", async ([, name, text]) => {
    writeFileSync(join(locks, name), text);
    utimesSync(join(locks, name), BEGAN, BEGAN);
    const { broken } = await recover();
    expect(broken).toMatchObject([{ pid: undefined, file: join(locks, name), since: BEGAN }]);
    expect(readdirSync(locks)).toEqual([]);
    expect(
      report({
        broken,
        kept: [],
        takenOver: [],
        notMade: [],
        unproved: [],
        again: [],
        halfMade: [],
        orphaned: [],
        unknown: [],
      }),
    ).toMatch(/^lock file x\.json\S* from \S+, cut off or left over by a full disk, removed$/);
  });

  test("that is just being written is waited for, and left alone once it is whole", async () => {
    const draft = join(locks, "1.json.tmp");
    writeFileSync(draft, "");
    const recovered = recover();
    rmSync(draft);
    lock(1, "elsewhere");
    await expect(recovered).rejects.toThrow(/stack dev is in use by process 1 on elsewhere/);
  });

  test("that can't say whose it is, and is new, is left alone where other machines write, and named", async () => {
    const file = join(locks, "x.json");
    writeFileSync(file, '{"pid":1,"hostn');
    await expect(recover()).rejects.toThrow(`stack dev may be in use: ${file}: says nothing yet`);
    expect(readdirSync(locks)).toEqual(["x.json"]);
  });

  test("that can't say whose it is, and is new, is broken in a checkout's own backend", async () => {
    const own = join(state, ".bucketworks", "state");
    const ownLocks = join(own, ".pulumi", "locks", "organization", "bucketworks", "dev");
    mkdirSync(ownLocks, { recursive: true });
    writeFileSync(join(ownLocks, "x.json"), "");
    const stack = { backend: `file://${own}`, project: "bucketworks", stack: "dev" };
    expect(await locksOfTheDead(stack)).toMatchObject([{ pid: undefined, file: join(ownLocks, "x.json") }]);
  });

  test("of another machine is left alone", async () => {
    lock(1, "elsewhere");
    await expect(recover()).rejects.toThrow(/stack dev is in use by process 1 on elsewhere since 2026-01-02/);
    expect(readdirSync(locks)).toEqual(["1.json"]);
  });
});

describe("a pending deletion of a bucket", () => {
  const live = { ...resource("a"), id: "a", outputs: {} };
  const other = { urn: "urn:other", type: "minio:index/iamUser:IamUser", id: "ada", delete: true };

  test("that the state still has is taken out, and no other is", () => {
    const { kept, deployment } = settlePendingDeletes({ resources: [{ ...live, delete: true }, other, live] });
    expect(kept).toEqual(["a"]);
    expect(deployment.resources).toEqual([other, live]);
  });

  test("that nothing replaced makes it a resource like any other: the spec decides on it", () => {
    const { kept, deployment } = settlePendingDeletes({ resources: [{ ...live, delete: true }] });
    expect({ kept, resources: deployment.resources }).toEqual({ kept: ["a"], resources: [live] });
  });

  test("that isn't there changes nothing", () => {
    const deployment: Deployment = { resources: [live, other] };
    expect(settlePendingDeletes(deployment)).toEqual({ kept: [], deployment });
  });
});
