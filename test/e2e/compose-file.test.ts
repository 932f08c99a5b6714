import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composeProject, composeText } from "../../builders/compose/project.ts";
import { composePrograms } from "../../cli/compose/files.ts";
import { run } from "../../toolchain/process.ts";
import { askedServices } from "../support/compose.ts";
import { HOSTILE } from "../support/hostile.ts";
import { PLATFORMS } from "../support/our-files.ts";
import { composeConfig, ROOT } from "../support/toolchain.ts";

/** As Docker Compose's own library reads them. */
interface Project {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}
interface Service {
  readonly command: readonly string[] | null;
  readonly user: string;
  readonly ports?: readonly { readonly host_ip?: string; readonly published: string; readonly target: number }[];
}

const programs = composePrograms(askedServices());
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-compose-file-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads a project with `.env.example` and the settings given beside it. */
async function read(text: string, env: Readonly<Record<string, string>>) {
  const [yaml, settings] = [join(folder, "compose.yaml"), join(folder, "env")];
  writeFileSync(yaml, text);
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(settings, readFileSync(join(ROOT, ".env.example"), "utf8") + lines.join(""));
  // None of the shell's variables: they would win over the file's.
  const { code, stdout, stderr } = await run(composeConfig(), [yaml, settings], { env: { PATH: process.env.PATH } });
  return { code, stderr, project: code === 0 ? (JSON.parse(stdout) as Project) : undefined };
}
const committed = () => readFileSync(join(ROOT, "compose.yaml"), "utf8");
const FILLED = { BUCKETWORKS_SECRETS: "./secrets" };

test("Docker Compose takes compose.yaml: its schema, every reference, with .env.example and the folder of the secrets", async () => {
  const { code, stderr, project } = await read(committed(), FILLED);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(Object.keys(project?.services ?? {}).sort()).toEqual(
    Object.keys(composeProject(programs, PLATFORMS).services).sort(),
  );
  expect(project?.name).toBe("bucketworks");
  expect(project?.secrets["minio-root-user"]?.file).toBe(join(folder, "secrets/minio-root-user"));
});

test("as Docker Compose reads it, every published port is this machine's alone", async () => {
  const { project } = await read(committed(), FILLED);
  const ports = Object.values(project?.services ?? {}).flatMap(({ ports: own = [] }) => own);
  expect(ports.length).toBeGreaterThan(3);
  for (const port of ports) expect(port.host_ip).toBe("127.0.0.1");
});

test("a port, user or registry in .env is taken", async () => {
  const env = { ...FILLED, BUCKETWORKS_PORT: "9100", BUCKETWORKS_UID: "1001", BUCKETWORKS_GID: "1002" };
  const { project } = await read(committed(), env);
  expect(project?.services.minio).toMatchObject({ user: "1001:1002" });
  expect(project?.services.minio?.ports?.[0]).toMatchObject({ published: "9100", target: 9000 });
});

test("U-066: with .env.example as it is Docker Compose starts nothing, and says what to run and where to write it", async () => {
  const { code, stderr } = await read(committed(), {});
  expect(code).toBe(1);
  expect(stderr).toMatch(/BUCKETWORKS_SECRETS is missing a value: run bin\/bucketworks compose secrets .* into \.env/);
});

test("no text in a service's arguments becomes a variable of Docker Compose", async () => {
  const first = programs.find(({ instance }) => instance.kind === "prometheus");
  if (first === undefined) throw new Error("no platform asks for Prometheus");
  // What no process can be given as an argument: half a character, and a null byte.
  const words = HOSTILE.filter((text) => !/[\p{Cs}\0]/u.test(text));
  const text = composeText(composeProject([{ ...first, command: ["/bin/true", ...words] }], PLATFORMS));
  const { code, stderr, project } = await read(text, { ...FILLED, INJECTED: "a value of the environment" });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(project?.services[first.instance.name.replaceAll("_", "-")]?.command).toEqual(["/bin/true", ...words]);
});

test.each([
  ["a key that Compose doesn't know", (text: string) => text.replace("    read_only: true", "    readonly: true")],
  ["a service that waits for none", (text: string) => text.replace("      volume-owner:\n", "      nobody:\n")],
  ["a secret that isn't declared", (text: string) => text.replace("      - minio-root-user\n", "      - root-user\n")],
  ["a port that is none", (text: string) => text.replace(/(- \S+):9000\n/, "$1:none\n")],
])("the test of compose.yaml can fail: Docker Compose refuses %s", async (_, broken) => {
  expect(broken(committed())).not.toBe(committed());
  expect(await read(broken(committed()), FILLED)).toMatchObject({ code: 1 });
});
