import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endingOf } from "../../../cli/ending/error-to-exit.ts";
import { askPulumi } from "../../../cli/pulumi/run-pulumi.ts";
import { bucketworks } from "../../support/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-pulumi-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The environment of a shell whose pulumi says this and fails. */
function failing(said: string) {
  const program = join(folder, "pulumi");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$SAID" >&2\nexit 255\n`);
  chmodSync(program, 0o755);
  return { PATH: `${folder}:${process.env.PATH}`, PULUMI_BACKEND_URL: `file://${folder}`, SAID: said };
}

/** How a command ends whose pulumi says this and fails. */
async function ending(said: string) {
  const env = failing(said);
  const args = ["stack", "output", "--json", "--stack", "east"];
  return endingOf(await askPulumi(folder, env, args).catch((error: unknown) => error));
}

describe("a command that asks Pulumi of a stack ends", () => {
  test("with 2 and what to do where there is no such stack", async () => {
    const { exitCode, text } = await ending("error: no stack named 'east' found");
    expect(exitCode).toBe(2);
    expect(text).toMatch(/no stack "east" in the state's backend; pulumi stack ls .*, pulumi stack init east makes it/);
  });

  test.each(["error: passphrase must be set", "error: no stack named 'west' found"])(
    "with 3 and Pulumi's own words where something else failed: %s",
    async (said) => {
      const { exitCode, text } = await ending(said);
      expect(exitCode).toBe(3);
      expect(text).toContain(said);
    },
  );

  test.each([["drift"], ["preview", "--out", "/dev/null"], ["key", "list"], ["recover"]])(
    "and so do all commands that need its state: %s",
    async (...command) => {
      const env = failing("error: no stack named 'east' found");
      const { code, stderr } = await bucketworks([...command, "--stack", "east"], { env });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/^no stack "east" in the state's backend; .* pulumi stack init east makes it\n$/),
      });
    },
  );
});
