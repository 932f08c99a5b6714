import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { judgeSpace } from "../../../cli/doctor/checks/server.ts";
import { lookAtLock, lookAtPending, lookAtState, statePlace } from "../../../cli/doctor/checks/state.ts";
import { contextWith } from "../../support/doctor.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "doctor state "));
  writeFileSync(join(root, "Pulumi.yaml"), "name: bucketworks\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (env: NodeJS.ProcessEnv = {}) => contextWith({}, { root, env });
const put = (file: string, text: string) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const state = (latest: object) => JSON.stringify({ version: 4, checkpoint: { stack: "dev", latest } });
const place = (env: NodeJS.ProcessEnv = {}) => statePlace(at(env)).file as string;
const PENDING = [{ type: "creating", resource: { urn: "urn:pulumi:dev::b::t::orders", type: "t" } }];

describe("the state", () => {
  test("that was never made is worth knowing, and no fault", async () => {
    expect(await lookAtState(at())).toMatchObject([{ state: "note", cure: "make up, or pulumi up" }]);
    expect(await lookAtPending(at())).toMatchObject([{ state: "right" }]);
    expect(await lookAtLock(at())).toMatchObject([{ state: "right" }]);
  });

  test("of another folder is read there, and a damaged one is named by its file", async () => {
    const env = { PULUMI_BACKEND_URL: `file://${root}/elsewhere` };
    put(place(env), state({ resources: [{ urn: "u", type: "t" }] }));
    expect(await lookAtState(at(env))).toMatchObject([{ state: "right", seen: expect.stringContaining("1 resource") }]);
    put(place(env), "{");
    const [seen] = await lookAtState(at(env));
    expect(seen).toMatchObject({ state: "wrong", seen: expect.stringContaining("elsewhere") });
  });

  test("elsewhere than in a folder has locks that nobody here can see", async () => {
    const env = { PULUMI_BACKEND_URL: "s3://states" };
    expect(await lookAtLock(at(env))).toMatchObject([{ state: "note", seen: expect.stringContaining("isn't known") }]);
  });

  test("with something half done is wrong; not while its run is at work", async () => {
    put(place(), state({ resources: [], pending_operations: PENDING }));
    expect(await lookAtPending(at())).toMatchObject([
      { state: "wrong", seen: "1 operation not done: creating orders", cure: "bucketworks recover, then pulumi up" },
    ]);
    // Of a machine that isn't this one nobody here can say that it died.
    const lock = { pid: 1, hostname: `not-${hostname()}`, timestamp: new Date().toISOString() };
    put(join(root, ".bucketworks/state/.pulumi/locks/organization/bucketworks/dev/l.json"), JSON.stringify(lock));
    expect(await lookAtPending(at())).toMatchObject([{ state: "note" }]);
    expect(await lookAtLock(at())).toMatchObject([
      { state: "note", seen: expect.stringContaining(`not-${hostname()}`) },
    ]);
  });
});

describe("a drive of the server", () => {
  test.each([
    [0.5, "right"],
    [0.1, "note"],
    [0.01, "wrong"],
  ])("with %f free is %s", (free, verdict) => {
    expect(judgeSpace({ endpoint: "/data", availspace: 1024, free }).state).toBe(verdict);
  });
});
