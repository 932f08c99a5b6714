import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { killedAt } from "../support/killed-at.ts";
import { ACCESS, peopleSpec, UPDATE } from "../support/people.ts";

const CREATE_BUCKET = /^PUT \/clean-data\/?$/;

let checkout: TestCheckout;
/** Between all commands and the server. */
let proxy: CuttingProxy;

beforeAll(async () => {
  checkout = await TestCheckout.make({ people: peopleSpec() });
  proxy = await CuttingProxy.before(checkout.server.url);
  writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), proxy.endpoint);
});
afterAll(async () => {
  proxy?.stop();
  await checkout?.remove();
});

const own = (path: string): string => join(checkout.root, ".bucketworks/state/.pulumi", path);
const journal = (): string => own("journals/bucketworks/dev.jsonl");

/** The process that keeps the journal. */
function keeper(): number {
  return (JSON.parse(readFileSync(journal(), "utf8").split("\n")[0] ?? "") as { pid: number }).pid;
}

interface Written {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly [more: string]: unknown;
}

/** What the state says of each resource, without what each creation makes anew: times, ids, ciphertext, values of identities. */
function written(): { readonly resources: Written[]; readonly [more: string]: unknown } {
  const { version, features, checkpoint } = JSON.parse(readFileSync(own("stacks/bucketworks/dev.json"), "utf8"));
  const { resources = [], pending_operations: pending } = checkpoint.latest as {
    resources?: Written[];
    [more: string]: unknown;
  };
  const plain = resources.map(
    ({ created: _, modified: _modified, id: _id, inputs = {}, outputs = {}, ...rest }): Written => {
      const isBucket = rest.type === "bucketworks:index:Bucket";
      const { provider } = rest;
      return JSON.parse(
        JSON.stringify({
          ...rest,
          provider: String(provider).replace(/::[^:]*$/, ""),
          // the server orders what a policy permits anew with each answer
          inputs: isBucket ? inputs : Object.keys(inputs).sort(),
          outputs: isBucket ? outputs : Object.keys(outputs).sort(),
        }),
        (key, value) => {
          if (key === "ciphertext") return "ciphertext";
          // in the order in which the program's promises were kept
          return Array.isArray(value) && String(value[0]).startsWith("urn:") ? value.toSorted() : value;
        },
      );
    },
  );
  const byUrn = plain.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  return { version, features, stack: checkpoint.stack, pending, resources: byUrn };
}

test("an update, a change, a refresh and a destruction leave the state that Pulumi writes itself, and its history", async () => {
  const states: Record<string, unknown[]> = { journal: [], pulumi: [] };
  const changed = peopleSpec().replace("clean-data, description: d", "clean-data, description: d, tags: {a: b}");
  for (const [how, prefix] of [
    ["journal", []],
    ["pulumi", ["env", "PULUMI_DISABLE_JOURNALING=true"]],
  ] as const) {
    const run = async (...args: string[]) => {
      const [command = "", ...rest] = [...prefix, "pulumi", ...args, "--yes", "--skip-preview"];
      await checkout.must(command, ...rest);
      // The next one may begin at once.
      expect(readdirSync(own("locks/organization/bucketworks/dev"))).toEqual([]);
      states[how]?.push(written());
    };
    checkout.writePlatforms({ people: peopleSpec() });
    await run("up");
    // In the bundle they are lines of one file, and change with each build.
    expect(JSON.stringify(written())).not.toMatch(/sourcePosition|stackTrace/);
    checkout.writePlatforms({ people: changed });
    await run("up");
    await run("refresh");
    await checkout.must("pulumi", "preview", "--expect-no-changes");
    await run("destroy");
  }
  expect(states.journal).toEqual(states.pulumi);

  const history = JSON.parse(await checkout.must("pulumi", "stack", "history", "--json")) as Record<string, unknown>[];
  const told = history.map(({ kind, result, resourceChanges }) => ({ kind, result, resourceChanges }));
  expect(told.slice(4)).toEqual(told.slice(0, 4));
  expect(readdirSync(own("backups/bucketworks/dev")).length).toBe(history.length);
  expect(existsSync(journal())).toBe(false);
  // The CLI's own log of each run holds what all resources are.
  expect(statSync(join(checkout.root, ".bucketworks/pulumi-home/logs")).isFile()).toBe(true);
});

test("killed together with its keeper, what was done is in the journal without a secret in plaintext, and the next command makes it the state", async () => {
  await killedAt(checkout, proxy, CREATE_BUCKET, "pulumi", ...UPDATE);
  const text = readFileSync(journal(), "utf8");
  expect(text).toContain("clean-data");
  expect(text).not.toContain(checkout.server.password);
  expect(written()).toMatchObject({ resources: [] });

  const exported = JSON.parse(await checkout.must("pulumi", "stack", "export"));
  const pending = exported.deployment.pending_operations.map(({ type, resource }: never) => [
    type,
    (resource as { inputs: { bucket?: string } }).inputs.bucket,
  ]);
  expect(pending).toContainEqual(["creating", "clean-data"]);
  expect(existsSync(journal())).toBe(false);

  expect(await checkout.must("bin/bucketworks", "recover")).toMatch(
    /made by the killed run, in the state now: .*clean-data/,
  );
  await checkout.must("pulumi", ...UPDATE);
  await checkout.must("bin/bucketworks", "verify");
});

test("where the keeper alone is killed, the update fails and nothing of it is lost", async () => {
  const more = ACCESS.replace("  users:\n", "  users:\n    grace: {policies: [reader]}\n");
  checkout.writePlatforms({ people: peopleSpec(more) });
  let killed = false;
  proxy.cut = (request) => {
    if (killed || !/^PUT \/minio\/admin\/v\d\/add-user/.test(request)) return undefined;
    killed = true;
    process.kill(keeper(), "SIGKILL");
    return undefined;
  };
  const outcome = await checkout.run("pulumi", ...UPDATE);
  proxy.cut = () => undefined;
  expect(killed).toBe(true);
  expect(outcome.code).not.toBe(0);
  await checkout.must("bin/bucketworks", "recover");
  await checkout.must("pulumi", ...UPDATE);
  await checkout.must("bin/bucketworks", "verify");
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a journal of another state is refused by every command that would build upon it, and stays", async () => {
  mkdirSync(dirname(journal()), { recursive: true });
  const foreign = `${JSON.stringify({ journal: 1, base: "0", pid: 2 ** 22 + 1, cli: 2 ** 22 + 1, engine: "v3.258.0" })}\n{"kind":0}\n`;
  writeFileSync(journal(), foreign);
  for (const args of [UPDATE, ["preview"], ["stack", "export"]]) {
    const { code, stderr } = await checkout.run("pulumi", ...args);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /journals\/bucketworks\/dev\.jsonl: the journal of an update, and the state was changed since it began/,
    );
  }
  expect(readFileSync(journal(), "utf8")).toBe(foreign);
});
