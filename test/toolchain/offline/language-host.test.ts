import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLI, project } from "../project.ts";

const HELLO =
  'import * as pulumi from "@pulumi/pulumi";\nconst stack: string = pulumi.getStack();\nexport const hello = stack;\n';
const PACK = `const { PolicyPack } = require("@pulumi/policy");
new PolicyPack("probe", { policies: [{
  name: "no-stack", description: "refuses the stack", enforcementLevel: "mandatory",
  validateStack: (_stack, report) => report("refused by the pack in " + process.cwd()),
}] });
`;
const PACK_FILES = {
  "policy/PulumiPolicy.yaml": "runtime: nodejs\nmain: index.js\n",
  "policy/package.json": '{"name":"pack","version":"0.0.1","main":"index.js"}\n',
  "policy/index.js": PACK,
};

/** Processes of this machine whose command line holds the text. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

describe("the language host", () => {
  it("runs a TypeScript program without a compiler, with configuration and outputs", () => {
    const { pulumi } = project({
      "index.ts": `${HELLO}export const size = new pulumi.Config().requireNumber("size") + 1;\nexport const key = new pulumi.Config().requireSecret("key");\n`,
    });
    pulumi("config", "set", "size", "41");
    pulumi("config", "set", "--secret", "key", "hidden");
    const up = pulumi("up", "--yes", "--skip-preview");
    expect(up).toMatchObject({ code: 0, stderr: "" });
    expect(up.stdout).not.toContain("warning");
    expect(JSON.parse(pulumi("stack", "output", "--json").stdout)).toEqual({ hello: "t", size: 42, key: "[secret]" });
  });

  it("fails the command with the program's own message when the program throws", () => {
    const { pulumi } = project({ "index.ts": `${HELLO}throw new Error("the moon is full");\n` });
    const { code, stdout } = pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain("the moon is full");
  });

  it("shows an error at once: colouring its stack would take Node half a minute and 2 GB", () => {
    const { pulumi } = project({
      "index.ts": `${HELLO}throw new pulumi.RunError("fix the spec");\n`,
      "Pulumi.yaml": `name: probe\nruntime: {name: nodejs, options: {typescript: false, nodeargs: --max-old-space-size=300}}\nmain: index.ts\n`,
    });
    expect(pulumi("preview").stdout).toContain("error: fix the spec\n");
  });

  it("fails the command when the program ends by itself, with its exit code", () => {
    const { pulumi } = project({ "index.ts": `${HELLO}process.exit(7);\n` });
    const { code, stdout } = pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain("the program ended with exit code 7");
  });

  it("takes the SDK from the program's own folder, and says where it is missing", () => {
    const { pulumi, folder } = project({ "index.ts": HELLO }, { bare: true });
    const { code, stdout } = pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain(`@pulumi/pulumi is not installed for ${folder}: run npm ci there`);
  });

  it("runs a policy pack in the pack's own folder; what it refuses is refused", () => {
    const { pulumi, folder } = project({ "index.ts": HELLO, ...PACK_FILES });
    const { code, stdout } = pulumi("preview", "--policy-pack", "policy");
    expect(stdout).toContain(`refused by the pack in ${join(folder, "policy")}`);
    expect(code).not.toBe(0);
    pulumi("up", "--yes", "--skip-preview");
    expect(pulumi("policy", "analyze", "--policy-pack", "policy").stdout).toContain("refused by the pack");
  });

  it("says which pack has no SDK", () => {
    const { pulumi, folder } = project({ "index.ts": HELLO, ...PACK_FILES }, { bare: true });
    const { code, stdout, stderr } = pulumi("preview", "--policy-pack", "policy");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(
      `@pulumi/pulumi is not installed for ${join(folder, "policy")}: run npm ci there`,
    );
  });

  it("ends with the program and all it started when pulumi is killed with -9", async () => {
    const text = `import { spawn } from "node:child_process";\nimport { writeFileSync } from "node:fs";\nspawn("sleep", ["86389"]);\nwriteFileSync("started", "");\nawait new Promise(() => setInterval(() => {}, 1000));\n`;
    const { folder, env } = project({ "index.ts": text });
    const pulumi = spawn(CLI, ["preview", "--non-interactive"], { cwd: folder, env, stdio: "ignore" });
    await expect.poll(() => existsSync(join(folder, "started")), { timeout: 30_000 }).toBe(true);
    expect(processesWith("86389")).not.toEqual([]);
    pulumi.kill("SIGKILL");
    await expect.poll(() => [...processesWith("86389"), ...processesWith(folder)], { timeout: 3_000 }).toEqual([]);
  });
});
