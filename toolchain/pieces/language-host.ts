import { readFileSync } from "node:fs";
import { join } from "node:path";
import { folderParts, keyOf, platform } from "../cache/key.ts";
import { checkGoMod } from "../pins.ts";
import { buildGo } from "../sources/go.ts";
import type { Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

/** Of the SDK the host needs the wire formats alone; programs bring the SDK they run with. */
const SDK = "github.com/pulumi/pulumi/sdk/v3";

/** Our Node language host, for a CLI that came without one. */
export function languageHost({ toolchain, pins }: Recipe): Piece {
  const { version } = pins.pulumi;
  const folder = join(toolchain, "offline/language-host");
  checkGoMod("toolchain/offline/language-host/go.mod", readFileSync(join(folder, "go.mod"), "utf8"), {
    module: SDK,
    version,
  });
  return {
    name: "language-host",
    version,
    key: keyOf(["language-host", platform(), ...folderParts(folder)]),
    fill: async (filled, work) => {
      const stamps = { "main.version": version.slice(1) };
      await buildGo({ folder, target: ".", stamps, output: join(filled, "host") }, work);
      return "built from its Go module";
    },
  };
}
