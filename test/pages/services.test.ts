import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser } from "../support/browser/browser.ts";
import type { OpenedPage } from "../support/browser/opened-page.ts";
import { eventually } from "../support/local-checkout.ts";
import { LocalProject } from "../support/local-project.ts";
import { freePort } from "../support/minio.ts";
import { startKeptModelApi } from "../support/pipelines/kept-model-api.ts";

const SERVICES = ["prometheus", "alertmanager", "jupyter", "shop-mlflow"] as const;
const SETTINGS = `
alerting: {}
access:
  policies:
    mlflow: {grants: [{role: read_write, bucket: orders}]}
  users:
    shop-mlflow: {policies: [mlflow]}
  service_accounts:
    shop-mlflow-server: {user: shop-mlflow, policies: [mlflow]}
services:
  prometheus: {}
  alertmanager: {}
  jupyter: {}
  mlflow: {service_account: shop-mlflow-server, bucket: orders}
`;
/** By this address, which an MLflow without logins doesn't have, its pages find out that there are none. */
const ASKS_FOR_LOGINS = "/ajax-api/2.0/mlflow/users/current";
/** A page that does nothing it shouldn't. */
const CLEAN = { errors: [], failed: [], elsewhere: [] };

/** Of MLflow's API, what is asked of it here. */
interface Answer {
  readonly experiment_id: string;
  readonly run: { readonly info: { readonly run_id: string } };
}

let project: LocalProject;
let browser: Browser;
const ports: Record<string, number> = {};

beforeAll(async () => {
  browser = await Browser.start();
  project = await LocalProject.make();
  project.declare(project.good + SETTINGS);
  for (const name of SERVICES) {
    ports[name] = await freePort();
    project.ports[`BUCKETWORKS_${name.toUpperCase().replaceAll("-", "_")}_PORT`] = String(ports[name]);
  }
  for (const args of [["up"], ["services", "up"]]) {
    const { code, out } = project.bucketworks(...args);
    expect(code, out).toBe(0);
  }
}, 1_200_000);

afterAll(async () => {
  await browser?.stop();
  project?.bucketworks("services", "down");
  await project?.remove();
});

const open = (name: (typeof SERVICES)[number], path = "/"): Promise<OpenedPage> =>
  browser.open(`http://127.0.0.1:${ports[name]}${path}`);

test("Prometheus's pages open without an error and ask nothing of the network, and their menu leads to targets and alerts", async () => {
  // It finds them some seconds after its start, and its page isn't drawn again by itself.
  await eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.prometheus}/api/v1/targets`);
    return (await answer.text()).includes("minio-cluster");
  });
  const opened = await open("prometheus");
  const { page } = opened;
  await page
    .getByText(/^\s*Status/)
    .first()
    .click();
  await page
    .getByText(/^\s*Target(s| health)\s*$/)
    .first()
    .click();
  await page.getByText("minio-cluster").first().waitFor();
  await page
    .getByText(/^\s*Alerts\s*$/)
    .first()
    .click();
  await page.getByText("ObjectStorageSilent").first().waitFor();
  expect(await opened.landmarks()).toContain("navigation");
  expect(opened.faults).toEqual(CLEAN);
  await opened.close();
});

test("Alertmanager's page opens without an error and asks nothing of the network", async () => {
  const opened = await open("alertmanager");
  expect(await opened.page.title()).toBe("Alertmanager");
  expect(opened.faults).toEqual(CLEAN);
  await opened.close();
});

test("JupyterLab asks for its token, lets in with it, and opens a platform's notebook without an error and without the network", async () => {
  const opened = await open("jupyter");
  const { page } = opened;
  expect(page.url()).toContain("/login");
  const { out } = project.bucketworks("services", "login", "jupyter");
  await page.getByLabel(/Password or token/).fill(out.replace(/^token +/, "").trim());
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("listitem", { name: /usdcop\.ipynb/ }).dblclick();
  await page.getByRole("heading", { name: /^USDCOP: from raw bars/ }).waitFor();
  await page.getByText(/Python 3 \(ipykernel\) \| Idle/).waitFor();
  expect(await opened.landmarks()).toEqual(["banner", "complementary", "contentinfo", "main", "navigation"]);
  expect(opened.faults).toEqual(CLEAN);
  await opened.close();
});

test("MLflow's pages show an experiment, a run of it and the registered models without an error and without the network", async () => {
  const api = `http://127.0.0.1:${ports["shop-mlflow"]}/api/2.0/mlflow`;
  const post = async (path: string, body: unknown): Promise<Answer> => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${api}/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Answer;
  };
  const { experiment_id } = await post("experiments/create", { name: "weekly sales" });
  const { run } = await post("runs/create", { experiment_id, run_name: "first of May", start_time: 1 });
  await post("runs/log-metric", { run_id: run.info.run_id, key: "accuracy", value: 0.93, timestamp: 1 });
  await post("registered-models/create", { name: "forecast" });
  for (const [path, text] of [
    ["/", "weekly sales"],
    [`/#/experiments/${experiment_id}/runs`, "first of May"],
    [`/#/experiments/${experiment_id}/runs/${run.info.run_id}`, "accuracy"],
    ["/#/models", "forecast"],
  ] as const) {
    const opened = await open("shop-mlflow", path);
    await opened.page.getByText(text, { exact: true }).first().waitFor();
    const { errors, failed, elsewhere } = opened.faults;
    const others = [...errors, ...failed].filter((line) => !line.includes(ASKS_FOR_LOGINS));
    expect([...others, ...elsewhere], path).toEqual([]);
    await opened.close();
  }
});

test("the model API's page lists its routes and masks a text by a token, without an error and without the network", async () => {
  const api = await startKeptModelApi();
  try {
    const opened = await browser.open(`${api.url}/docs`);
    const { page } = opened;
    await page.getByRole("heading", { name: /^Model API: identity-masker/ }).waitFor();
    await page.getByRole("button", { name: "Authorize", exact: true }).first().click();
    await page.getByRole("textbox").fill(api.token);
    await page.getByRole("button", { name: "Apply credentials" }).click();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByText("Find and mask what the model finds").click();
    await page.getByRole("button", { name: /Try it out/ }).click();
    await page.getByRole("button", { name: "Execute", exact: true }).click();
    await page
      .getByText(/Contact: \[PERSON\], \[EMAIL\]/)
      .first()
      .waitFor();
    expect(opened.faults).toEqual(CLEAN);
    await opened.close();
  } finally {
    await api.stop();
  }
});

test("a wrong token leads back to the login, with a word of why", async () => {
  const opened = await open("jupyter");
  await opened.page.getByLabel(/Password or token/).fill("wrong");
  await opened.page.getByRole("button", { name: "Log in", exact: true }).click();
  await opened.page.getByText("Invalid credentials").waitFor();
  expect(opened.page.url()).toContain("/login");
  await opened.close();
});

test("what these tests look for is found: errors, an answer of 404, a request to another machine", async () => {
  const opened = await open("alertmanager");
  await opened.page.evaluate(async () => {
    console.error("canary");
    setTimeout(() => {
      throw new Error("nobody catches it");
    });
    await fetch("/none");
    await fetch("https://example.org/").catch(() => undefined);
  });
  const { errors, failed, elsewhere } = opened.faults;
  expect(errors.join("\n")).toMatch(/canary[\s\S]*nobody catches it/);
  expect(failed.join("\n")).toMatch(
    /GET http:\/\/127\.0\.0\.1:\d+\/none: 404[\s\S]*https:\/\/example\.org\/: net::ERR_NAME_NOT_RESOLVED/,
  );
  expect(elsewhere).toEqual(["https://example.org/"]);
  await opened.close();
});
