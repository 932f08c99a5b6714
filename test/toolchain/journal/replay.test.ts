import { describe, expect, test } from "vitest";
import { type Deployment, type Entry, KIND, type Resource } from "../../../toolchain/journal/deployment.ts";
import { replay } from "../../../toolchain/journal/replay.ts";

const STACK = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
const urn = (name: string): string => `urn:pulumi:dev::p::t:index:T::${name}`;
const resource = (name: string, more: Partial<Resource> = {}): Resource => ({ urn: urn(name), ...more });
const NOW = new Date("2026-01-02T12:00:00Z");

/** Entries with their numbers in order; `operationID` names the step. */
function entries(...some: readonly Partial<Entry>[]): Entry[] {
  return some.map((each, index) => ({
    version: 1,
    kind: KIND.success,
    sequenceID: index + 1,
    operationID: 0,
    ...each,
  }));
}

function replayed(base: Deployment, ...some: readonly Partial<Entry>[]): Deployment {
  return replay(base, entries(...some), "v3.258.0", NOW).deployment;
}

const names = ({ resources = [] }: Deployment) => resources.map((each) => each.urn.split("::").at(-1));
const creating = (name: string) => ({ type: "creating", resource: resource(name) });

describe("an update that is replayed over the state before", () => {
  test("has what it made before what it hasn't come to yet", () =>
    expect(names(replayed({ resources: [resource("old")] }, { operationID: 1, state: resource("new") }))).toEqual([
      "new",
      "old",
    ]));

  test("has what it changed once, as it is now", () => {
    const base = { resources: [resource("a", { id: "1" }), resource("b")] };
    const changed = replayed(base, { operationID: 1, removeOld: 0, state: resource("a", { id: "2" }) });
    expect(changed.resources).toEqual([resource("a", { id: "2" }), resource("b")]);
    expect(base.resources).toHaveLength(2);
  });

  test("lacks what it deleted", () =>
    expect(names(replayed({ resources: [resource("a"), resource("b")] }, { removeOld: 1 }))).toEqual(["a"]));

  test("lacks what it made and took away again", () =>
    expect(names(replayed({}, { operationID: 1, state: resource("a") }, { operationID: 2, removeNew: 1 }))).toEqual(
      [],
    ));

  test("marks what is to be deleted or replaced, old or new", () => {
    const base = { resources: [resource("old"), resource("older")] };
    const { resources } = replayed(
      base,
      { operationID: 1, state: resource("a"), deleteOld: 0 },
      { operationID: 2, state: resource("b"), deleteNew: 1, pendingReplacementOld: 1 },
    );
    expect(resources).toEqual([
      resource("a", { delete: true }),
      resource("b"),
      resource("old", { delete: true }),
      resource("older", { pendingReplacement: true }),
    ]);
  });

  test("has outputs that came later, of old and new", () => {
    const base = { resources: [resource("old")] };
    const { resources } = replayed(
      base,
      { operationID: 1, state: resource("new") },
      { kind: KIND.outputs, operationID: 2, removeNew: 1, state: resource("new", { outputs: { x: 1 } }) },
      { kind: KIND.outputs, operationID: 3, removeOld: 0, state: resource("old", { outputs: { x: 2 } }) },
    );
    expect(resources?.map(({ outputs }) => outputs)).toEqual([{ x: 1 }, { x: 2 }]);
  });

  test("has what it had begun as pending, and nothing that has ended or failed", () => {
    const { pending_operations: pending } = replayed(
      {},
      { kind: KIND.begin, operationID: 1, operation: creating("a") },
      { kind: KIND.begin, operationID: 2, operation: creating("b") },
      { kind: KIND.begin, operationID: 3, operation: creating("c") },
      { kind: KIND.success, operationID: 1, state: resource("a") },
      { kind: KIND.failure, operationID: 2 },
    );
    expect(pending).toEqual([creating("c")]);
  });

  test("keeps creations of before pending, until somebody settles them", () => {
    const deleting = { type: "deleting", resource: resource("gone") };
    const base = { pending_operations: [creating("lost"), deleting] };
    expect(replayed(base, {}).pending_operations).toEqual([creating("lost")]);
  });

  test("counts an entry once that was sent twice, and heeds numbers where batches crossed", () => {
    const [made, changed] = entries(
      { operationID: 1, state: resource("a", { id: "1" }) },
      { kind: KIND.outputs, operationID: 1, removeNew: 1, state: resource("a", { id: "2" }) },
    );
    const { deployment } = replay({}, [changed, made, made] as Entry[], "v3.258.0", NOW);
    expect(deployment.resources).toEqual([resource("a", { id: "2" })]);
  });

  test("begins anew at the state that it made, where the engine says so", () => {
    const { resources } = replayed(
      { resources: [resource("a"), resource("b")] },
      { kind: KIND.refreshSuccess, operationID: 1, removeOld: 0, state: null },
      { kind: KIND.rebuiltBaseState },
      { operationID: 2, removeOld: 0, state: resource("b", { id: "new" }) },
    );
    expect(resources).toEqual([resource("b", { id: "new" })]);
  });

  test("counts from another state, where the engine gives one", () =>
    expect(
      names(
        replayed({ resources: [resource("a")] }, { kind: KIND.write, newSnapshot: { resources: [resource("b")] } }),
      ),
    ).toEqual(["b"]));

  test("refers to nothing that a refresh found gone", () => {
    const parent = resource("parent", { parent: STACK });
    const child = resource("child", {
      parent: urn("parent"),
      dependencies: [urn("parent"), urn("kept")],
      propertyDependencies: { x: [urn("parent")] },
      deletedWith: urn("parent"),
    });
    const base = { resources: [{ urn: STACK }, resource("kept", { parent: STACK }), parent, child] };
    const { resources = [] } = replayed(base, { kind: KIND.refreshSuccess, removeOld: 2, state: null });
    expect(resources.at(-1)).toEqual(resource("child", { dependencies: [urn("kept")] }));
  });

  test("refers to what was renamed by its new name", () => {
    const renamed = resource("new", { aliases: [urn("old")] });
    const user = resource("user", { parent: urn("old"), dependencies: [urn("old")], provider: `${urn("old")}::id` });
    const { resources = [] } = replayed({ resources: [renamed, user] }, {});
    expect(resources[1]).toMatchObject({
      urn: "urn:pulumi:dev::p::t:index:T$t:index:T::user",
      parent: urn("new"),
      dependencies: [urn("new")],
      provider: `${urn("new")}::id`,
    });
  });

  test("says which engine wrote it and when, in the form of the engine's own", () =>
    expect(replayed({}, {}).manifest).toEqual({
      time: NOW.toISOString(),
      magic: "1d08ede38404d100c907b5014bf45967bcbf4f862c5e51b5e0f24a3ad8a90283",
      version: "v3.258.0",
    }));

  test("names what an older engine can't read", () => {
    const hooked = resource("a", { resourceHooks: { beforeCreate: ["x"] } });
    expect(replay({ resources: [hooked] }, [], "v3.258.0", NOW)).toMatchObject({ version: 4, features: ["hooks"] });
    expect(replay({ resources: [resource("a")] }, [], "v3.258.0", NOW)).toMatchObject({ version: 3, features: [] });
  });

  test.each([
    ["a kind that is unknown here", { kind: 99 }, "kind 99"],
    ["another version", { version: 2 }, "version 2"],
    ["a reference to what was never made", { removeNew: 7 }, "operation 7 made nothing"],
  ])("is refused with %s", (_, entry, words) => expect(() => replayed({}, entry)).toThrow(words));
});
