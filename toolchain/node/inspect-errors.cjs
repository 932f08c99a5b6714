// Loaded into every Node process that pulumi starts (see bin/pulumi). @pulumi/pulumi shows an error by `util.inspect` with
// colours, and its source maps name files as `node_modules/@pulumi/resource.ts`. Node 22.23, still the one on darwin-arm64,
// looks for a third slash there when it colours a stack, finds none, and copies the line until memory ends: half a minute
// and 2 GB for each error, also for one that only tells the user what to fix. Without colours errors are shown at once.
const util = require("node:util");

const { inspect } = util;

function inspectPlainly(value, options, ...more) {
  const plain =
    util.types.isNativeError(value) && typeof options === "object" ? { ...options, colors: false } : options;
  return inspect(value, plain, ...more);
}

util.inspect = Object.defineProperties(inspectPlainly, Object.getOwnPropertyDescriptors(inspect));
