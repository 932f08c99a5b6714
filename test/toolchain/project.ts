import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT, tool } from "../support/toolchain.ts";
import { type Answer, run } from "./checkout.ts";

/** A Pulumi program in a folder of its own, with a state of its own, run by the toolchain's CLI. */
export interface Project {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly pulumi: (...args: string[]) => Answer;
}

/** The toolchain's CLI; for projects of other folders its wrapper hands everything through. */
export const CLI = tool("pulumi");

/** Makes a project of the given files with stack `t`; the packages of this checkout are its own unless `bare`. */
export function project(files: Record<string, string>, options: { bare?: boolean } = {}): Project {
  const folder = temporaryFolder();
  const all = {
    "Pulumi.yaml": "name: probe\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.ts\n",
    "package.json": '{"name":"probe","type":"module","main":"index.ts"}\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  if (!options.bare) symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "state"));
  const env = {
    ...process.env,
    PATH: `${dirname(tool("node"))}:${process.env.PATH}`,
    PULUMI_HOME: join(ROOT, ".bucketworks/pulumi-home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: "probe",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: "t",
  };
  const pulumi = (...args: string[]) => run(CLI, [...args, "--non-interactive"], { cwd: folder, env });
  const { code, stderr } = pulumi("stack", "init", "t", "--no-select");
  if (code !== 0) throw new Error(`stack init: ${stderr}`);
  return { folder, env, pulumi };
}
