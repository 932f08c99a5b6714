import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixesMark } from "../../toolchain/go/minio/fixes/apply.ts";
import { readPins, releaseTag } from "../../toolchain/pins.ts";
import { golang, loadBaseImages, node, python } from "../support/images/base-images.ts";
import { ENGINE_DATA, ENGINE_GROUP, type Engine, startEngine } from "../support/images/engine.ts";
import { dockerPackages } from "../support/images/packages.ts";
import { BUILT_ONCE, whyNoEngine } from "../support/images/possible.ts";
import { groupsOf, type Hierarchies } from "../support/kubernetes/cgroups.ts";
import { ownHierarchies } from "../support/kubernetes/possible.ts";
import { platformFile } from "../support/specs.ts";
import { ROOT } from "../support/toolchain.ts";
import { fillWorkloads, WORKLOADS } from "../support/workloads-image.ts";

const BUILD_MS = 3_600_000;
const MINIO = "localhost/images-test/minio:1";
const OURS = "localhost/images-test/workloads:1";
const EXPERIMENTS = "localhost/images-test/experiments:1";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

const reason = whyNoEngine();

describe.skipIf(reason !== undefined)(reason ?? "the images, built by Docker", () => {
  const hierarchies = ownHierarchies() as Hierarchies;
  const pins = readPins(join(ROOT, "toolchain"));
  let ofCluster: string;
  let engine: Engine;

  beforeAll(async () => {
    ofCluster = mkdtempSync(join(tmpdir(), "bucketworks-image-"));
    const packages = await dockerPackages();
    engine = await startEngine(packages, hierarchies);
    await loadBaseImages(engine, packages, [golang(), node(), python()]);
    const build = (name: string, dockerfile: string, context: string, ...more: string[]) => {
      const given = ["--network=host", "--build-arg", `GIT_COMMIT_HASH=${COMMIT}`, ...more];
      return engine.docker("build", ...given, "--tag", name, "--file", join(ROOT, dockerfile), join(ROOT, context));
    };
    await build(MINIO, "images/minio/Dockerfile", "toolchain/go");
    await build(OURS, "images/workloads/Dockerfile", ".", "--build-arg", "HOME_DIR=/srv/work");
    await build(EXPERIMENTS, "images/experiments/Dockerfile", ".", "--build-arg", "HOME_DIR=/srv/work");
    await fillWorkloads(ofCluster);
    writeFileSync(BUILT_ONCE, "");
  }, BUILD_MS);

  afterAll(async () => {
    rmSync(ofCluster, { recursive: true, force: true });
    await engine?.stop();
  });

  /** Runs a container that may write nowhere and has no capability; answers exit code and output. */
  const contained = (image: string, ...words: string[]) =>
    engine.try(
      "run",
      "--rm",
      "--network=none",
      "--read-only",
      "--cap-drop=ALL",
      ...words.slice(0, -1),
      image,
      ...(words.at(-1) ?? "").split(" "),
    );

  const configOf = async (image: string) =>
    JSON.parse(await engine.docker("image", "inspect", "--format", "{{json .Config}}", image));

  it.each(["minio", "mc"] as const)(
    "%s names the pinned release, the server its fixes, in an image without a shell",
    async (name) => {
      const { tag, commit } = releaseTag(pins[name].version);
      const built = name === "minio" ? `${commit}-fixes.${fixesMark()}` : commit;
      const { stdout } = await contained(MINIO, `--entrypoint=/usr/bin/${name}`, "--tmpfs=/tmp", "--version");
      expect(stdout).toContain(`${name} version ${tag} (commit-id=${built})`);
      expect((await contained(MINIO, "--entrypoint=/bin/sh", "-c true")).stderr).toContain("no such file or directory");
    },
  );

  it("MinIO serves from its image as nobody special, on a volume", async () => {
    const id = (
      await engine.docker(
        "run",
        "--detach",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--tmpfs=/data:mode=1777",
        "--tmpfs=/tmp",
        MINIO,
        "server",
        "/data",
      )
    ).trim();
    try {
      const ready = ["exec", id, "/usr/bin/mc", "ready", "--insecure", "local"];
      expect(await engine.docker(...ready)).toContain("The cluster 'local' is ready");
    } finally {
      await engine.docker("rm", "--force", id);
    }
  });

  it("the image of experiments has the statistics: it plans one with nothing to write to, and asks no network", async () => {
    const { code, stdout, stderr } = await contained(EXPERIMENTS, "experiment plan newer-masker --format json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).plan).toMatchObject({ days: 14, alpha: 0.05 });
  });

  it.each([MINIO, OURS, EXPERIMENTS])(
    "%s tells the commit it is from (DO-046) and runs as a user without a name",
    async (image) => {
      const config = await configOf(image);
      expect(config.Labels["org.opencontainers.image.revision"]).toBe(COMMIT);
      expect(config.User).toBe("1000:1000");
      expect(config.Healthcheck).toEqual({ Test: ["NONE"] });
    },
  );

  it("bucketworks judges specs with nothing to write to", async () => {
    const specs = mkdtempSync(join(tmpdir(), "bucketworks-specs-"));
    try {
      execFileSync("chmod", ["a+rx", specs]);
      const right = platformFile("      - {name: one, description: d}");
      writeFileSync(join(specs, "right.yaml"), right);
      writeFileSync(join(specs, "wrong.yaml"), right.replace("retention_days: 90", "retention_days: many"));
      const volume = `--volume=${specs}:/specs:ro`;
      expect(await contained(OURS, volume, "check /specs/right.yaml")).toMatchObject({
        code: 0,
        stdout: "1 file, 1 bucket: right\n",
      });
      expect(await contained(OURS, volume, "check /specs/wrong.yaml")).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('"many"'),
      });
    } finally {
      rmSync(specs, { recursive: true, force: true });
    }
  });

  it("HOME_DIR (DO-047) is home and temporary folder, and the one place where its user writes", async () => {
    const script =
      "for (const at of [os.homedir(), os.tmpdir(), '/opt/bucketworks']) try { fs.writeFileSync(path.join(at, 'x'), ''); console.log(at) } catch (error) { console.log(error.code) }";
    const { stdout } = await engine.try("run", "--rm", "--network=none", "--entrypoint=node", OURS, "--eval", script);
    expect(stdout).toBe("/srv/work\n/srv/work\nEACCES\n");
    const { Env } = await configOf(OURS);
    expect(Env).toContain(`GIT_COMMIT_HASH=${COMMIT}`);
  });

  it("the image of workloads holds the files that the test cluster's has", async () => {
    const id = (await engine.docker("create", OURS)).trim();
    const folder = mkdtempSync(join(tmpdir(), "bucketworks-image-"));
    try {
      await engine.docker("cp", `${id}:${WORKLOADS.project}`, join(folder, "docker"));
      // npm took packages out of these two.
      const changed = ["package.json", "package-lock.json"];
      const files = (root: string) =>
        readdirSync(root, { recursive: true, encoding: "utf8" })
          .filter((name) => !changed.includes(name))
          .sort();
      expect(files(join(folder, "docker"))).toEqual(files(join(ofCluster, WORKLOADS.project)));
    } finally {
      await engine.docker("rm", id);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("a stop of the engine leaves no process, mount or control group", async () => {
    await engine.stop();
    engine = { ...engine, stop: async () => undefined };
    expect(groupsOf(hierarchies, ENGINE_GROUP)).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(ENGINE_DATA);
    const running = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    expect(running).not.toContain(ENGINE_DATA);
  });
});
