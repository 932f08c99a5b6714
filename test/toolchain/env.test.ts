import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";
import { run, script } from "./checkout.ts";

const SHELLS = ["dash", "bash", "zsh", "sh"].filter(
  (shell) => run("sh", ["-c", `command -v ${shell} || true`], { cwd: "/", env: process.env }).stdout !== "",
);

/** A checkout with nothing but env.sh and a built toolchain's folder. */
function checkout(): string {
  const root = join(temporaryFolder(), "check out");
  mkdirSync(join(root, "toolchain"), { recursive: true });
  cpSync(join(ROOT, "toolchain/env.sh"), join(root, "toolchain/env.sh"));
  script(join(root, ".bucketworks/toolchain/bin/pulumi"), "#!/bin/sh\n");
  return root;
}

const PATH = process.env.PATH;

describe.each(SHELLS)(". toolchain/env.sh in %s", (shell) => {
  it("works from another folder, under set -eu, and a second time without growing PATH", () => {
    const root = checkout();
    const twice =
      'set -eu; cd /; . "$FILE"; . "$FILE"; printf "%s\\n" "$PATH" "$PULUMI_BACKEND_URL" "$PULUMI_HOME" "$MC_CONFIG_DIR"';
    const { code, stdout, stderr } = run(shell, ["-c", twice], {
      cwd: "/",
      env: { PATH, FILE: join(root, "toolchain/env.sh") },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trim().split("\n")).toEqual([
      `${root}/.bucketworks/toolchain/bin:${PATH}`,
      `file://${root}/.bucketworks/state?metadata=skip`,
      `${root}/.bucketworks/pulumi-home`,
      `${root}/.bucketworks/mc`,
    ]);
  });

  it("puts its programs first again after another checkout's did", () => {
    const [one, other] = [checkout(), checkout()];
    const script = '. "$0"; . "$1"; . "$0"; printf "%s\\n" "$PATH" "$BUCKETWORKS_ROOT"';
    const files = [one, other].map((root) => join(root, "toolchain/env.sh"));
    const { stdout } = run(shell, ["-c", script, ...files], { cwd: "/", env: { PATH } });
    const [first, second] = [one, other].map((root) => `${root}/.bucketworks/toolchain/bin`);
    expect(stdout).toBe(`${first}:${second}:${PATH}\n${one}\n`);
  });

  it("leaves nothing of another checkout's server in the shell, also where this one has none yet", () => {
    const [one, fresh] = [checkout(), checkout()];
    const own = join(one, ".bucketworks");
    for (const server of ["minio", "postgres"]) {
      mkdirSync(join(own, server));
      writeFileSync(join(own, server, "endpoint"), "127.0.0.1:9000\n");
    }
    const files = [one, fresh].map((root) => join(root, "toolchain/env.sh"));
    const shown = (lines: string, env: NodeJS.ProcessEnv = {}) =>
      run(shell, ["-c", `set -eu; ${lines}; env`, ...files], { cwd: "/", env: { PATH, ...env } });
    expect(shown('. "$0"').stdout).toContain(`BUCKETWORKS_POSTGRES=${own}/postgres\n`);
    const managed = { BUCKETWORKS_MANAGED_BUCKETS: `${own}/managed-buckets` };
    const { code, stdout } = shown('. "$0"; . "$1"', managed);
    expect(code).toBe(0);
    const values = stdout.split("\n").filter((line) => !/^(PATH|OLDPWD|_)=/.test(line));
    expect(values.filter((line) => line.includes(one) || line.startsWith("MINIO_"))).toEqual([]);
    expect(values).toContain(`BUCKETWORKS_ROOT=${fresh}`);
    // back again: the server of the first one
    expect(shown('. "$0"; . "$1"; . "$0"').stdout).toContain(`MINIO_ROOT_USER_FILE=${own}/minio/root-user\n`);
  });

  it("leaves a server that belongs to no checkout as it was named", () => {
    const root = checkout();
    const env = { PATH, MINIO_ENDPOINT: "minio.example:9000", MINIO_ROOT_PASSWORD_FILE: "/run/secrets/password" };
    const { stdout } = run(shell, ["-c", '. "$0"; env', join(root, "toolchain/env.sh")], { cwd: "/", env });
    expect(stdout).toContain("MINIO_ENDPOINT=minio.example:9000\n");
    expect(stdout).toContain("MINIO_ROOT_PASSWORD_FILE=/run/secrets/password\n");
  });

  it("exports where the passphrase is, not what it is, and leaves no variable or function of its own", () => {
    const root = checkout();
    writeFileSync(join(root, ".bucketworks/passphrase"), "open sesame\n");
    const env = { PATH, PULUMI_CONFIG_PASSPHRASE: "another" };
    const { stdout } = run(shell, ["-c", '. "$0"; env; echo ---; set', join(root, "toolchain/env.sh")], {
      cwd: root,
      env,
    });
    expect(stdout).toContain(`PULUMI_CONFIG_PASSPHRASE_FILE=${root}/.bucketworks/passphrase\n`);
    expect(stdout).not.toMatch(/open sesame|PULUMI_CONFIG_PASSPHRASE=/);
    expect(stdout.split("---")[1]).not.toMatch(/^_bucketworks/m);
  });

  it("names the local server's endpoint and credential files once there is a server", () => {
    const root = checkout();
    mkdirSync(join(root, ".bucketworks/minio"));
    writeFileSync(join(root, ".bucketworks/minio/endpoint"), "127.0.0.1:9000\n");
    const { stdout } = run(
      shell,
      ["-c", '. "$0"; echo "$MINIO_ENDPOINT $MINIO_ROOT_USER_FILE"', join(root, "toolchain/env.sh")],
      {
        cwd: root,
        env: { PATH },
      },
    );
    expect(stdout).toBe(`127.0.0.1:9000 ${root}/.bucketworks/minio/root-user\n`);
  });

  it("says that the toolchain is not built and returns, without ending the shell or changing it", () => {
    const root = join(temporaryFolder(), "bare");
    mkdirSync(join(root, "toolchain"), { recursive: true });
    cpSync(join(ROOT, "toolchain/env.sh"), join(root, "toolchain/env.sh"));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell, not TypeScript
    const text = '. "$0" || echo "went on, $?, ${PULUMI_HOME-unset}"';
    const { stdout, stderr } = run(shell, ["-c", text, join(root, "toolchain/env.sh")], { cwd: root, env: { PATH } });
    expect(stdout).toBe("went on, 1, unset\n");
    expect(stderr).toBe(`env.sh: the toolchain is not built; run make toolchain in ${root}\n`);
  });
});
