import { relative } from "node:path";
import type { Plugin } from "rolldown";

/** Loaded only when asked for: what Pulumi needs to serialise functions, which no program of ours does. */
const LAZY = ["@npmcli/arborist", "typescript"];

/** Modules that cost each start something and do nothing here, by the end of their name. */
const EMPTY: Readonly<Record<string, string>> = {
  // Maps stack traces of compiled TypeScript.
  "source-map-support/register": "module.exports = {};",
  // Has V8's debugger tell of each script, to find the source of a function that is serialised.
  "closure/v8Hooks": "exports.isInitializedAsync = () => Promise.resolve();",
};

/** Leaves out of a bundle what isn't used at every start. */
export function leftOut(): Plugin {
  const replaced = (source: string) => Object.keys(EMPTY).find((name) => source.endsWith(name));
  return {
    name: "left-out",
    resolveId: (source) => {
      if (LAZY.includes(source)) return `\0lazy:${source}`;
      const name = replaced(source);
      return name === undefined ? null : `\0empty:${name}`;
    },
    load: (id) => {
      if (id.startsWith("\0empty:")) return EMPTY[id.slice("\0empty:".length)] ?? null;
      return id.startsWith("\0lazy:") ? lazy(id.slice("\0lazy:".length)) : null;
    },
  };
}

/** A module that becomes the real one when the first of its members is read. */
function lazy(name: string): string {
  return `
const { createRequire } = require("node:module");
let loaded;
const real = () => (loaded ??= createRequire(import.meta.url)(${JSON.stringify(name)}));
module.exports = new Proxy({}, {
  get: (_, key) => (key === "__esModule" ? true : key === "default" ? real() : real()[key]),
});`;
}

/** Has a module find the files beside it where they are, not beside the bundle. @param folder that of the bundle */
export function ownPlaces(folder: string): Plugin {
  return {
    name: "own-places",
    transform: (code, id) => {
      if (id.startsWith("\0") || !/\b__(dir|file)name\b|\bimport\.meta\.url\b/.test(code)) return null;
      const place = `new URL(${JSON.stringify(relative(folder, id))}, import.meta.url)`;
      const own = code.replaceAll("import.meta.url", `${place}.href`);
      if (!/\b__(dir|file)name\b/.test(code)) return own;
      return `const __filename = globalThis.process.getBuiltinModule("node:url").fileURLToPath(${place});
const __dirname = globalThis.process.getBuiltinModule("node:path").dirname(__filename);
${own}`;
    },
  };
}
