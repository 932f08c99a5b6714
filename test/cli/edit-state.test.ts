import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { BackendFiles } from "../../cli/history/backend-files.ts";
import { editState } from "../../cli/recovery/edit-state.ts";

describe("an edit of a state", () => {
  const before = '{"checkpoint":1}';
  /** A backend whose state is another from the `changed`th look on, and which `locks` hold. */
  const edited = (changed: number, locks: readonly string[] = []) => {
    const calls: string[] = [];
    let looks = 0;
    const files: BackendFiles = {
      list: async (folder) => (folder.startsWith("locks/") ? [...locks] : ["dev.json"]),
      read: async () => (++looks >= changed ? `${before} ` : before),
    };
    const pulumi = async (args: readonly string[]) => {
      calls.push(args.includes("--file") ? readFileSync(args.at(-1) ?? "", "utf8") : args.slice(0, 2).join(" "));
      return JSON.stringify({ version: 3, deployment: { resources: [{ urn: "urn:a", type: "t" }] } });
    };
    const stack = { project: "bucketworks", stack: "dev", pulumi, files };
    return { calls, done: editState(stack, (deployment) => ({ ...deployment, resources: [] })) };
  };

  test("is written where nobody was at the stack meanwhile", async () => {
    const { calls, done } = edited(3);
    await done;
    expect(calls).toEqual(["stack export", JSON.stringify({ version: 3, deployment: { resources: [] } })]);
  });

  test.for([
    ["another run has written it meanwhile", 2, []],
    ["another run holds the stack", 3, ["x.json"]],
  ] as const)("is dropped where %s: that run's state stays", async ([, changed, locks]) => {
    const { calls, done } = edited(changed, locks);
    await expect(done).rejects.toThrow(/another run is at the stack.*nothing was changed: run it again/);
    expect(calls).toEqual(["stack export"]);
  });
});
