import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { leaner } from "../../toolchain/bundle/leaner.ts";
import { ROOT } from "../support/toolchain.ts";

type Transform = (code: string, id: string) => string | null;
const transform = leaner().transform as Transform;
const file = (name: string) => join(ROOT, "node_modules/@pulumi/pulumi", name);
/** Of a file of Pulumi's runtime, the lines that go and those that come in its place. */
function changed(name: string): { readonly gone: string; readonly new: string } {
  const before = readFileSync(file(name), "utf8");
  const after = transform(before, file(name)) ?? "";
  const [olds, news] = [before.split("\n"), after.split("\n")];
  return {
    gone: olds.filter((line) => !news.includes(line)).join("\n"),
    new: news.filter((line) => !olds.includes(line)).join("\n"),
  };
}

describe("in a bundle, Pulumi's runtime", () => {
  it("sends no debug line, which was three calls a resource, and every other one", async () => {
    type Log = Record<"debug" | "info", (line: string) => Promise<void>>;
    const { debug, info } = evaluated("log/index.js") as Log;
    await debug("Registering resource");
    await info("told");
    expect(said).toEqual(["told"]);
  });

  it("takes no stack of each resource", () => {
    expect(changed("resource.js")).toEqual({
      gone: "        const stackTrace = Resource.stackTrace(4);",
      new: "        const stackTrace = [];",
    });
  });

  it("keeps what each promise is for where PULUMI_DEBUG_PROMISE_LEAKS asks, and tells of a leak as before", async () => {
    const leak = new Promise<void>(() => undefined);
    const failing = Promise.reject(new Error("told"));
    const shown = vi.spyOn(console, "error").mockImplementation(() => undefined);
    for (const asked of [undefined, "true"]) {
      process.env.PULUMI_DEBUG_PROMISE_LEAKS = asked ?? "";
      const runtime = evaluated("runtime/debuggable.js") as {
        debuggablePromise: (promise: Promise<unknown>, what: string) => Promise<unknown>;
        leakedPromises: () => [Set<unknown>, string];
        promiseDebugString: (promise: unknown) => string;
      };
      const kept = runtime.debuggablePromise(Promise.resolve(1), "kept");
      const failed = runtime.debuggablePromise(failing, "failed");
      await expect(failed).rejects.toMatchObject({ message: "told", promise: failing });
      await expect(kept).resolves.toBe(1);
      void runtime.debuggablePromise(leak, "waits for ever");
      const told = runtime.promiseDebugString(leak);
      expect(told.includes("waits for ever") && told.includes("leaner.test.ts")).toBe(asked === "true");
      const [leaked, message] = runtime.leakedPromises();
      expect([...leaked]).toEqual([leak]);
      expect(message).toMatch(/1 promise was still active/);
    }
    expect(shown.mock.calls.flat().join("\n")).toMatch(/^Promise leak detected:\nCONTEXT\(\d+\): waits for ever\n/);
    shown.mockRestore();
  });

  it("isn't rewritten where it isn't as it was: the build says what is missing", () => {
    expect(() => transform("", file("resource.js"))).toThrow(/resource\.js has no one place that says .*stackTrace/);
    expect(transform("", file("output.js"))).toBeNull();
  });
});

/** What the engine was told. */
const said: string[] = [];

/** A file of the runtime as the bundle has it, with stand-ins for what it asks for. */
function evaluated(name: string): unknown {
  const code = transform(readFileSync(file(name), "utf8"), file(name)) ?? "";
  const store = { leakCandidates: new Set(), logErrorCount: 1, pendingResourceRegistrations: undefined };
  const asked = {
    getStore: () => store,
    getEngine: () => ({
      log: (request: { getMessage: () => string }, told: () => void) => {
        said.push(request.getMessage());
        told();
      },
    }),
    rpcKeepAlive: () => () => undefined,
    hasErrors: () => true,
  };
  const module = { exports: {} };
  new Function("exports", "require", "module", code)(
    module.exports,
    (path: string) => (path.endsWith("_pb") ? createRequire(file(name))(path) : asked),
    module,
  );
  return module.exports;
}
