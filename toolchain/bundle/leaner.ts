import type { Plugin } from "rolldown";

/** A place in a package's file, and what stands there in a bundle. */
interface Rewrite {
  /** End of the file's path. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const DEBUGGABLE = "@pulumi/pulumi/runtime/debuggable.js";

/** What Pulumi's runtime keeps of each of its promises, 22 a resource, for PULUMI_DEBUG_PROMISE_LEAKS to show. */
const KEPT = ["_debugId", "_debugCtx", "_debugStackTrace"].map((name): Rewrite => {
  const statement = `    Object.defineProperty(p, "${name}"`;
  return {
    file: DEBUGGABLE,
    from: statement,
    to: statement.replace("Object", "if (exports.debugPromiseLeaks) Object"),
  };
});

/** What costs each resource or promise something and is read by nobody here ([ADR 64](../../docs/adr/0064-what-a-resource-costs.md)). */
const REWRITES: readonly Rewrite[] = [
  ...KEPT,
  {
    // One promise for both ways: the first handler can't throw, so the second one has nothing to catch of it.
    file: DEBUGGABLE,
    from: "        return val;\n    })\n        .catch((err) => {",
    to: "        return val;\n    }, (err) => {",
  },
  {
    // A stack of any depth, put into words, sent and kept in the state. Here its places would be lines of the bundle.
    file: "@pulumi/pulumi/resource.js",
    from: "const stackTrace = Resource.stackTrace(4);",
    to: "const stackTrace = [];",
  },
  {
    // Three calls of the engine for each resource, one after the other. With `--debug` the sources run, which make them.
    file: "@pulumi/pulumi/log/index.js",
    from: "function debug(msg, resource, streamId, ephemeral) {",
    to: "function debug() {\n    return Promise.resolve();",
  },
];

/** Has Pulumi's runtime do less for each resource. @throws where a package isn't as it was: no bundle is better than half of one */
export function leaner(): Plugin {
  return {
    name: "leaner",
    transform: (code, id) => {
      const asked = REWRITES.filter(({ file }) => id.endsWith(file));
      return asked.length === 0 ? null : asked.reduce(rewritten, code);
    },
  };
}

function rewritten(code: string, { file, from, to }: Rewrite): string {
  if (code.split(from).length === 2) return code.replace(from, () => to);
  throw new Error(`${file} has no one place that says ${JSON.stringify(from)}, see toolchain/bundle/leaner.ts`);
}
