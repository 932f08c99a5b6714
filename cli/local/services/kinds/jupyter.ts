import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { JUPYTER_FILES, jupyterSettings } from "../../../../builders/services/jupyter.ts";
import { readText, writePrivate } from "../../private-files.ts";
import type { Kind } from "./kind.ts";

export const jupyter: Kind = {
  title: "JupyterLab",
  source: { environment: "jupyter" },
  // What tells its version to anybody, and nothing else.
  ready: "/api",
  // Python reads hundreds of files before it listens.
  patience: 240_000,
  executable: "python",
  mark: ["--config=", JUPYTER_FILES.settings],
  folders: ["data", "ipython", "runtime"],
  command: ({ root, source }, address) => {
    const { hostname, port } = new URL(`http://${address}`);
    return {
      file: join(source, "bin", "serve-notebooks"),
      args: [
        `--ServerApp.ip=${hostname}`,
        `--ServerApp.port=${port}`,
        `--ServerApp.root_dir=${join(root, "notebooks")}`,
      ],
    };
  },
  startedWith: () => ({}),
  documents: async () => ({ [JUPYTER_FILES.settings]: `${JSON.stringify(jupyterSettings(), undefined, 2)}\n` }),
  takes: "restart",
  login: { secret: "token", file: JUPYTER_FILES.token },
  prepare: async ({ folder }) => {
    const file = join(folder, JUPYTER_FILES.token);
    if (readText(file) === undefined) writePrivate(file, randomBytes(24).toString("base64url"));
  },
};
