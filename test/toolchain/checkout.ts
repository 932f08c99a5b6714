import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { EDITS } from "../../toolchain/go/minio/fixes/edits.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT, tool } from "../support/toolchain.ts";

/** What a command answered. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. The environment is `env` alone. */
export function run(file: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Answer {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    ...options,
    encoding: "utf8",
    // bash takes a socket for a remote login and reads ~/.bashrc
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
}

/** Writes an executable script. */
export function script(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

/** Writes what it is asked to build: programs that answer their version as the real ones do. Notes each build in `$NOTES`. */
const FAKE_GO = `#!/bin/sh
case $1 in
  version) echo "go version go\${FAKE_GO_VERSION:-1.26.8} linux/amd64"; exit ;;
  mod) exit ;;
  list) echo "$FAKE_MODULE"; exit ;;
esac
while [ $# -gt 1 ]; do case $1 in -o) out=$2 ;; esac; shift; done
echo "build \${out##*/}" >>"$NOTES"
eval "\${FAKE_GO_BUILD:-}"
tag=$(basename "$(dirname "$(dirname "$out")")" | sed 's/^[a-z]*-\\(RELEASE.*Z\\).*/\\1/')
cat >"$out" <<EOF
#!/bin/sh
case "\${out##*/} \\$1 \\$2" in
  "pulumi version "*) echo v3.258.0 ;;
  "pulumi stack init")
    state=\\\${PULUMI_BACKEND_URL#file://}
    mkdir -p "\\\${state%%[?]*}/.pulumi/stacks/bucketworks"
    echo '{"version":3,"checkpoint":{}}' >"\\\${state%%[?]*}/.pulumi/stacks/bucketworks/dev.json"
    echo 'encryptionsalt: v1:fake' >Pulumi.dev.yaml ;;
  "pulumi-resource-minio --version "*) echo 0.17.1 ;;
  "actionlint -version "*) echo \${FAKE_LINTER_VERSION:-v1.7.12} ;;
  "promtool --version "*) echo "promtool, version \${FAKE_CHECKER_VERSION:-3.13.5} (branch: , revision: )" ;;
  "compose-config --version "*) echo "compose-config \${FAKE_COMPOSE_VERSION:-v2.16.2}" ;;
  m*" --version "*) echo "\${out##*/} version $tag (commit-id=0)" ;;
esac
EOF
chmod 755 "$out"
`;

const FAKE_NPM = `#!/bin/sh
echo "npm $*" >>"$NOTES"
`;

/** What the fixes look for in MinIO's module, and nothing else. */
function fakeModule(folder: string): string {
  for (const { file, find } of EDITS) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    appendFileSync(join(folder, file), find);
  }
  return folder;
}

/** All that the toolchain reads of `config/`, as import-rules.ts permits. */
export const OF_CONFIG = ["config/stack/backend.ts", "config/system-fault.ts", "config/text/shell.ts"];

/** A checkout of its own cache, where `go` and `npm` are stand-ins and nothing is downloaded. Node is the real one. */
export function fakeCheckout(folder: string = temporaryFolder()): {
  root: string;
  notes: () => string[];
  env: NodeJS.ProcessEnv;
} {
  const root = join(folder, "check out");
  mkdirSync(root, { recursive: true });
  cpSync(join(ROOT, "toolchain"), join(root, "toolchain"), { recursive: true });
  for (const path of ["Pulumi.yaml", ...OF_CONFIG]) cpSync(join(ROOT, path), join(root, path));
  const cache = join(folder, "cache", "bucketworks", "toolchain");
  const node = dirname(dirname(realpathSync(tool("node"))));
  const entry = join(cache, node.slice(dirname(node).length + 1));
  if (!existsSync(entry)) {
    mkdirSync(cache, { recursive: true });
    symlinkSync(node, entry);
  }
  const bin = join(folder, "bin");
  script(join(bin, "go"), FAKE_GO);
  script(join(bin, "npm"), FAKE_NPM);
  for (const name of [
    "sh",
    "env",
    "sed",
    "cut",
    "uname",
    "dirname",
    "basename",
    "cat",
    "mkdir",
    "rm",
    "ln",
    "cp",
    "chmod",
    "mv",
  ])
    link(bin, name);
  for (const name of ["sleep", "date", "tail", "tar", "sha256sum", "shasum", "grep", "dd", "readlink", "gzip"])
    link(bin, name);
  const notes = join(folder, "notes");
  const env = {
    PATH: bin,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, "cache"),
    BUCKETWORKS_TOOLCHAIN_SOURCE: "build",
    NOTES: notes,
    FAKE_MODULE: fakeModule(join(folder, "module")),
  };
  return { root, env, notes: () => (existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : []) };
}

function link(bin: string, name: string): void {
  const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  if (found.startsWith("/") && !existsSync(join(bin, name))) symlinkSync(found, join(bin, name));
}

/** `make toolchain` of a fake checkout. */
export function bootstrap(
  checkout: { root: string; env: NodeJS.ProcessEnv },
  env: NodeJS.ProcessEnv = {},
  args: string[] = [],
): Answer {
  return run("sh", ["toolchain/bootstrap.sh", ...args], { cwd: checkout.root, env: { ...checkout.env, ...env } });
}
