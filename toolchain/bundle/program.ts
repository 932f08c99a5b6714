/**
 * Loaded by Node before Pulumi's runner (`nodeargs` in Pulumi.yaml). The runner, the SDK and the program are three thousand
 * files; where their bundle is fresh it takes the place of the first and of `index.ts`. Else nothing happens here.
 */
import { enableCompileCache, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freshBundle, ROOT } from "./fresh.ts";

enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(ROOT, ".bucketworks", "compile-cache"));
const folder = freshBundle("program");
if (folder !== undefined) {
  const program = pathToFileURL(join(ROOT, "index.ts")).href;
  const bundled = (name: string) => ({
    url: pathToFileURL(join(folder, `${name}.mjs`)).href,
    format: "module",
    shortCircuit: true,
  });
  registerHooks({
    resolve: (specifier, context, next) => {
      if (/[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run([\\/]index\.js)?$/.test(specifier)) return bundled("runner");
      if (specifier === program) return bundled("program");
      return next(specifier, context);
    },
  });
}
