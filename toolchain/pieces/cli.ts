import { chmodSync, copyFileSync, linkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { keyOf } from "../cache/key.ts";
import type { Piece } from "./piece.ts";

/** The folders a CLI is put together from; all lie in the cache. */
export interface CliParts {
  readonly pulumi: string;
  readonly languageHost: string;
  readonly node: string;
}

/**
 * The built CLI with our language host beside it, where the CLI looks for it without warnings. The host's script names
 * the other pieces relative to itself, so a cache may be moved.
 */
export function cli(parts: CliParts, version: string): Piece {
  const names = Object.values(parts).map((folder) => basename(folder));
  return {
    name: "cli",
    version,
    key: keyOf(["cli", ...names]),
    fill: async (folder) => {
      linkOrCopy(join(parts.pulumi, "pulumi"), join(folder, "pulumi"));
      const up = `"\${0%/*}/../`;
      const node = `${up}${basename(parts.node)}/bin/node"`;
      script(folder, "pulumi-language-nodejs", `exec ${up}${basename(parts.languageHost)}/host" ${node} "$@"`);
      script(
        folder,
        "pulumi-resource-pulumi-nodejs",
        `node=${node}\nrun=$("$node" -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")') && exec "$node" "$run" "$@"`,
      );
      return "put together";
    },
  };
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function script(folder: string, name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}
