import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import pMap from "p-map";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minio } from "../../cli/local/minio/service.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { localService } from "../../cli/local/services/local-service.ts";
import { eventually } from "../support/local-checkout.ts";
import { type Ended, NotebookProject } from "../support/notebook-project.ts";
import { ROOT } from "../support/toolchain.ts";

const NAMES = readdirSync(join(ROOT, "notebooks"))
  .filter((name) => name.endsWith(".ipynb"))
  .map((name) => basename(name, ".ipynb"));

let project: NotebookProject;
let ended: ReadonlyMap<string, Ended>;
let token: string;

const folder = () => join(project.checkout.services, "jupyter");
const service = () => localService("jupyter", project.checkout);
const server = () => readRun(service())?.server?.pid;

beforeAll(async () => {
  project = await NotebookProject.make();
  const up = await project.bucketworks("up");
  expect(up.code, up.out).toBe(0);
  const services = await project.bucketworks("services", "up");
  expect(services.code, services.out).toBe(0);
  expect(services.out).toContain("bin/bucketworks services login jupyter");
  token = readFileSync(join(folder(), "token"), "utf8").trim();
  expect(services.out).not.toContain(token);
  const results = await pMap(NAMES, async (name) => [name, await project.runNotebook(name)] as const, {
    concurrency: 2,
  });
  ended = new Map(results);
}, 1_200_000);

afterAll(() => project?.remove());

test.each(NAMES)(
  "the notebook of %s runs from its first cell to its last, by keys that the platform issued",
  (name) => {
    const { code, out } = ended.get(name) ?? { code: null, out: "it didn't run" };
    expect(code, out).toBe(0);
  },
);

test("running the notebooks changes none of them", () => {
  for (const name of NAMES) {
    const file = join("notebooks", `${name}.ipynb`);
    expect(readFileSync(join(project.checkout.root, file), "utf8")).toBe(readFileSync(join(ROOT, file), "utf8"));
  }
});

/** Asks JupyterLab's server, with the token or without. */
async function ask(path: string, options: { method?: string; body?: unknown; as?: string } = {}) {
  const { method = "GET", body, as = token } = options;
  const answer = await fetch(`http://127.0.0.1:${project.port}/api/${path}`, {
    method,
    headers: { Authorization: `token ${as}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

test("JupyterLab lets in who has the token, and nobody else, and listens to this machine alone (ML-083)", async () => {
  expect((await ask("contents")).text).toContain('"usdcop.ipynb"');
  for (const as of ["", "wrong", `${token}x`]) expect((await ask("contents", { as })).status).toBe(403);
  const listening = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local = "", , state]) =>
        state === "0A" && local.endsWith(`:${project.port.toString(16).toUpperCase().padStart(4, "0")}`),
    )
    .map(([, local = ""]) => local.slice(0, 8));
  expect(listening).toEqual(["0100007F"]);
});

test("the token is on no command line, in no environment and no log, and its files are their owner's alone", async () => {
  const pid = server();
  for (const file of ["cmdline", "environ"])
    expect(readFileSync(`/proc/${pid}/${file}`, "latin1")).not.toContain(token);
  expect(readFileSync(service().log, "utf8")).not.toContain(token);
  expect(statSync(join(folder(), "token")).mode & 0o077).toBe(0);
  expect(statSync(folder()).mode & 0o077).toBe(0);
  expect((await project.bucketworks("services", "status")).out).not.toContain(token);
  const login = await project.bucketworks("services", "login", "jupyter");
  expect(login.out.trim()).toBe(`token  ${token}`);
});

const notebook = {
  cells: [
    {
      cell_type: "code",
      id: "a",
      metadata: { tags: ["x"] },
      source: "1",
      outputs: [{ output_type: "stream", name: "stdout", text: "SECRET" }],
      execution_count: 3,
    },
  ],
  metadata: { language_info: { name: "python", version: "3.99" } },
  nbformat: 4,
  nbformat_minor: 5,
};

test("a platform's notebook is saved without what it shows; every other one is a person's own and keeps it", async () => {
  const put = (path: string, body: unknown) => ask(`contents/${path}`, { method: "PUT", body });
  const body = { type: "notebook", format: "json", content: notebook };
  const file = (path: string) => join(project.checkout.root, "notebooks", path);
  const text = (path: string) => readFileSync(file(path), "utf8");
  const before = text("cybersec.ipynb");
  expect((await put("cybersec.ipynb", body)).status).toBe(200);
  const saved = text("cybersec.ipynb");
  writeFileSync(file("cybersec.ipynb"), before);
  expect(saved).not.toMatch(/SECRET|3\.99|"x"/);
  expect(JSON.parse(saved).cells[0]).toMatchObject({ source: ["1"], outputs: [], execution_count: null });
  // Jupyter's menu makes new ones here.
  expect((await put("Untitled.ipynb", body)).status).toBe(201);
  expect(text("Untitled.ipynb")).toContain("SECRET");
  expect((await put("own", { type: "directory" })).status).toBe(201);
  expect((await put("own/kept.ipynb", body)).status).toBe(201);
  expect(text("own/kept.ipynb")).toContain("SECRET");
});

test("saving a platform's notebook as Jupyter read it changes no byte of it", async () => {
  const before = readFileSync(join(ROOT, "notebooks", "usdcop.ipynb"), "utf8");
  const read = JSON.parse((await ask("contents/usdcop.ipynb")).text);
  expect((await ask("contents/usdcop.ipynb", { method: "PUT", body: read })).status).toBe(200);
  expect(readFileSync(join(project.checkout.root, "notebooks", "usdcop.ipynb"), "utf8")).toBe(before);
});

test("a killed JupyterLab is started again with the same token, and a second services up leaves it as it is", async () => {
  const before = server();
  process.kill(Number(before), "SIGKILL");
  await eventually(() => server() !== undefined && server() !== before, 60_000);
  await eventually(() => service().answers({ http: project.port }), 60_000);
  expect((await ask("contents")).status).toBe(200);
  const after = server();
  const again = await project.bucketworks("services", "up");
  expect(again.code, again.out).toBe(0);
  expect(again.out).toContain("JupyterLab reused");
  expect(server()).toBe(after);
});

test("nothing is kept in the person's home, and a service without login says so", async () => {
  expect(existsSync(join(folder(), "runtime", "jupyter_cookie_secret"))).toBe(true);
  const refused = await project.bucketworks("services", "login", "mlops-mlflow");
  expect(refused.out).toContain("mlops-mlflow asks nobody to log in");
  expect(refused.code).toBe(2);
});

test("while the local server is down a notebook says so in one sentence, without a traceback", async () => {
  await stopService(minio(project.checkout));
  const { code, out } = await project.runNotebook("usdcop");
  expect(code).toBe(1);
  expect(out).toMatch(
    /EndpointConnectionError: http:\/\/127\.0\.0\.1:\d+ doesn't answer: start the local server with make up/,
  );
  expect(out).not.toContain("Traceback");
});
