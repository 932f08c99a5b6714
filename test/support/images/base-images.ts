import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { keyOf } from "../../../toolchain/cache/key.ts";
import { makeImage } from "../kubernetes/images.ts";
import { addPython, machinePython, modulesIn, VENV } from "../pipelines/machine-python.ts";
import { ROOT, tool } from "../toolchain.ts";
import { ENGINE_DATA, type Engine } from "./engine.ts";
import { copyLibraries, copyProgram } from "./program.ts";

const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/** An image that a Dockerfile begins from. */
export interface Base {
  /** The pinned name, for example `golang:1.26.8-bookworm`. */
  readonly name: string;
  /** The machine's part that decides what the image is. */
  readonly version: string;
  readonly env: readonly string[];
  readonly fill: (root: string) => void;
}

/**
 * Gives the engine what the Dockerfiles begin from, made of this machine's Go, Node and npm: no registry serves images to
 * it. They go by the pinned names, so that the Dockerfiles are built as they are.
 */
export async function loadBaseImages(engine: Engine, packages: string, bases: readonly Base[]): Promise<void> {
  for (const base of bases) {
    const busybox = join(packages, "bin", "busybox");
    const key = keyOf([base.name, base.version, packages, readFileSync(AUTHORITIES, "utf8")]);
    const loaded = join(ENGINE_DATA, `base-${key}`);
    if (existsSync(loaded)) continue;
    const root = mkdtempSync(join(tmpdir(), "bucketworks-base-"));
    try {
      shell(join(root, "files"), busybox);
      base.fill(join(root, "files"));
      const archive = join(root, "archive.tar");
      await makeImage(join(root, "files"), base.name, { Env: base.env, Cmd: ["/bin/sh"] }, archive);
      await engine.docker("load", "--input", archive);
      writeFileSync(loaded, base.name);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
}

export function golang(): Base {
  const go = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
  return {
    name: argDefault("images/minio/Dockerfile", "GO_IMAGE"),
    version: readFileSync(join(go, "VERSION"), "utf8"),
    env: ["PATH=/usr/local/go/bin:/usr/bin:/bin", "GOPATH=/go"],
    fill: (root) => {
      for (const name of ["VERSION", "go.env", "bin", "pkg", "src"]) {
        cpSync(join(go, name), join(root, "usr/local/go", name), { recursive: true });
      }
    },
  };
}

export function node(): Base {
  const command = execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim();
  const npm = dirname(dirname(realpathSync(command)));
  const { version } = JSON.parse(readFileSync(join(npm, "package.json"), "utf8")) as { version: string };
  return {
    name: argDefault("images/workloads/Dockerfile", "NODE_IMAGE"),
    version: `${realpathSync(tool("node"))} ${version}`,
    env: ["PATH=/usr/local/bin:/usr/bin:/bin", `NODE_EXTRA_CA_CERTS=${AUTHORITIES}`],
    fill: (root) => {
      copyProgram(tool("node"), root, "usr/local/bin/node");
      cpSync(npm, join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
      symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
    },
  };
}

/** Its pip takes packages from where the machine's does. */
export function python(): Base {
  const { program, packages } = machinePython();
  const index = process.env.PIP_INDEX_URL;
  return {
    name: argDefault("pipelines/cybersec/Dockerfile", "PYTHON_IMAGE"),
    version: `${program} ${realpathSync(tool("uv"))}`,
    env: [
      "PATH=/usr/local/bin:/usr/bin:/bin",
      `PIP_CERT=${AUTHORITIES}`,
      ...(index === undefined ? [] : [`PIP_INDEX_URL=${index}`]),
    ],
    fill: (root) => {
      const version = addPython(root);
      // The official image has them: what uv, which packs our own packages, and compiled packages need.
      copyLibraries([tool("uv"), ...modulesIn(VENV)], root);
      const filter = (from: string): boolean => basename(from) !== "__pycache__";
      cpSync(join(packages, "pip"), join(root, "usr/local/lib", version, "site-packages/pip"), {
        recursive: true,
        filter,
      });
    },
  };
}

/** A shell with its small tools, and the authorities that the machine trusts. */
function shell(root: string, busybox: string): void {
  for (const folder of ["bin", "usr/bin", "root", dirname(AUTHORITIES)]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  mkdirSync(join(root, "tmp"), { mode: 0o1777 });
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  copyFileSync(busybox, join(root, "bin/busybox"));
  for (const name of ["sh", "sed", "mkdir", "dirname"]) symlinkSync("busybox", join(root, "bin", name));
  symlinkSync("../../bin/busybox", join(root, "usr/bin/env"));
  copyFileSync(realpathSync(AUTHORITIES), join(root, AUTHORITIES));
}

/** The value of an ARG of a Dockerfile. @throws Error where there is none */
export function argDefault(dockerfile: string, arg: string): string {
  const text = readFileSync(join(ROOT, dockerfile), "utf8");
  const [, value] = new RegExp(`^ARG ${arg}=(\\S+)$`, "m").exec(text) ?? [];
  if (value === undefined) throw new Error(`${dockerfile}: has no ARG ${arg} with a value`);
  return value;
}
