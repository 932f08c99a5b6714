import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { DATA_PIPELINE_PLATFORM, DATA_PIPELINE_STEPS, MODEL_TRAINING_STEPS } from "../../builders/compose/jobs.ts";
import { CHECKOUT, FOLDER, type Program } from "../../builders/compose/programs.ts";
import { composeProject, composeText } from "../../builders/compose/project.ts";
import { COMPOSE_SECRETS } from "../../builders/compose/secrets.ts";
import type { ComposeService } from "../../builders/compose/service.ts";
import { ownerPassword } from "../../builders/postgres/passwords.ts";
import { checkoutAt } from "../../cli/checkout.ts";
import { composeFiles, composePrograms } from "../../cli/compose/files.ts";
import { writePostgresSettings } from "../../cli/compose/postgres-settings.ts";
import { ensureComposeSecrets } from "../../cli/compose/secrets.ts";
import { kindOf } from "../../cli/local/services/local-service.ts";
import { NO_LOGINS } from "../../cli/local/services/logins.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { PostgresServerConfig } from "../../config/postgres-server/schema.ts";
import { settingsFiles } from "../../toolchain/wrapper/settings.ts";
import { askedServices } from "../support/compose.ts";
import { HOSTILE } from "../support/hostile.ts";
import { PLATFORMS } from "../support/our-files.ts";
import { ROOT } from "../support/toolchain.ts";

const asked = askedServices();
const project = composeProject(composePrograms(asked), PLATFORMS);
const services = Object.entries(project.services);
/** Who has to be root: it gives new volumes to the others. */
const ROOTS = ["volume-owner"];
const of = (name: string): ComposeService => {
  const found = project.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-compose-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("U-006, ML-077: compose.yaml and .env.example are what bucketworks compose writes (else: make docs)", () => {
  for (const [name, text] of Object.entries(composeFiles(asked)))
    expect(readFileSync(join(ROOT, name), "utf8"), name).toBe(text);
});

test("U-066, ML-078: .env.example has every variable of compose.yaml and no other, and no value for the secrets", () => {
  const { "compose.yaml": yaml, ".env.example": env } = composeFiles(asked);
  const used = [...yaml.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name);
  const named = env
    .split("\n")
    .filter((line) => /^\w/.test(line))
    .map((line) => line.split("=")[0]);
  expect(named.sort()).toEqual([...new Set(used)].sort());
  expect(env).toContain("BUCKETWORKS_SECRETS=\n");
});

test("the image's postgres_exporter gets no flag that its release doesn't know: it would end at once", () => {
  const collectors = of("postgres-exporter").command?.filter((word) => word.includes("collector"));
  expect(collectors).toEqual([]);
});

test("Grafana's image has variables that win over its file: they name the folders that the file does", async () => {
  const [instance] = asked.instances.filter(({ kind }) => kind === "grafana");
  if (instance === undefined) throw new Error("no platform asks for Grafana");
  const given = {
    ...{ folder: FOLDER, instance, shared: asked.shared, platforms: asked.platforms, isJudged: true },
    ...{ alerts: undefined, peers: { minio: undefined, services: {} }, logins: NO_LOGINS },
  };
  const { "grafana.ini": ini = "" } = await kindOf("grafana").kind.documents(given, "0.0.0.0:3000");
  const { GF_PATHS_DATA, GF_PATHS_PROVISIONING } = of("grafana").environment ?? {};
  expect(ini).toContain(`[paths]\ndata = ${GF_PATHS_DATA}\nprovisioning = ${GF_PATHS_PROVISIONING}\n`);
});

test("no port is published beyond this machine, and each is the one of the specs unless .env says another", () => {
  const ports = services.flatMap(([, { ports = [] }]) => ports);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{BUCKETWORKS_\w*PORT:-(\d+)\}:\1$/);
  for (const { name, kind, port } of asked.instances)
    if (kind === "prometheus" || kind === "alertmanager")
      expect(of(name).ports).toEqual([expect.stringContaining(`:-${port}}:${port}`)]);
});

test("no password stands in compose.yaml: every secret comes by a file that the container alone sees", () => {
  const secret = /password|passphrase|secret|token|_key$|^key/i;
  for (const [name, { environment = {}, secrets = [] }] of services) {
    for (const [variable, value] of Object.entries(environment).filter(([each]) => secret.test(each))) {
      expect(`${name} ${variable}`).toMatch(/_FILE$/);
      expect(secrets.map((each) => `/run/secrets/${each}`)).toContain(value);
    }
  }
  const text = composeText(project);
  expect(text).not.toMatch(/minioadmin|changeme|admin:admin/i);
});

test("every container runs as nobody special, writes to volumes and /tmp alone, and has limits", () => {
  for (const [name, service] of services) {
    expect([name, service.user === "0:0"]).toEqual([name, ROOTS.includes(name)]);
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    expect(service.deploy.resources.limits).toMatchObject({ memory: expect.stringMatching(/^\d+[mg]$/), pids: 512 });
  }
  for (const name of ROOTS) {
    expect(of(name)).toMatchObject({ network_mode: "none", cap_add: ["CHOWN"] });
    expect(of(name)).not.toHaveProperty("secrets");
  }
});

test("who waits for a service to be healthy waits for one with a health check, and to be done for one that ends", () => {
  for (const [name, { depends_on = {} }] of services) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const { healthcheck, restart } = of(other);
      if (condition === "service_healthy") expect([name, other, healthcheck]).not.toContain(undefined);
      else expect([name, other, restart]).toEqual([name, other, "no"]);
    }
  }
});

test("U-070: every service that a platform asks for waits until the initialiser has made its buckets and keys", () => {
  for (const { instance } of composePrograms(asked)) {
    const { depends_on } = of(instance.name.replaceAll("_", "-"));
    expect(depends_on).toMatchObject({ "usdcop-bucket-init": { condition: "service_completed_successfully" } });
  }
  expect(of("usdcop-bucket-init").depends_on).toMatchObject({
    minio: { condition: "service_healthy" },
    "postgres-migrations": { condition: "service_completed_successfully" },
  });
});

test("receivers that are set in the initialiser lie in the volume of the state, which containers to come mount, too", () => {
  const { own, tracked } = settingsFiles(CHECKOUT, "dev");
  for (const name of ["usdcop-bucket-init", "infrastructure-validator"]) {
    const [, mounted] =
      of(name)
        .volumes?.find((each) => each.startsWith("state:"))
        ?.split(":") ?? [];
    expect(own.startsWith(`${mounted}/`)).toBe(true);
    expect(tracked.startsWith(`${mounted}/`)).toBe(false);
  }
});

test("only the initialiser and the service itself see the volume with a service's keys", () => {
  for (const { instance } of composePrograms(asked)) {
    const seen = services.filter(([, { volumes = [] }]) =>
      volumes.some((each) => each.startsWith(`${instance.name}:`)),
    );
    expect(seen.map(([name]) => name)).toEqual([
      "volume-owner",
      "usdcop-bucket-init",
      instance.name.replaceAll("_", "-"),
    ]);
  }
});

test("M-020: MinIO and PostgreSQL are the images that Kubernetes gets, with ports 9000, 9001 and 5432", () => {
  expect(of("minio").image).toBe(MinioServerConfig.parse({}).image);
  expect(of("postgres").image).toBe(PostgresServerConfig.parse({}).image);
  expect(of("minio").ports?.map((port) => port.split(":").at(-1))).toEqual(["9000", "9001"]);
  expect(of("minio").command).toEqual(["server", "--console-address", ":9001", "/data"]);
  expect(of("minio").volumes).toEqual(["minio_data:/data"]);
  expect(of("postgres").ports?.map((port) => port.split(":").at(-1))).toEqual(["5432"]);
});

test("M-014: the server's own address is the source's, under which containers find it", () => {
  expect(of("minio").environment?.MINIO_SERVER_URL).toBe("http://minio:9000");
});

test("M-023: containers find minio and prometheus by these names, and this machine MLflow at port 5000", () => {
  const { services: all } = parse(readFileSync(join(ROOT, "compose.yaml"), "utf8")) as { services: object };
  expect(Object.keys(all)).toEqual(expect.arrayContaining(["minio", "prometheus"]));
  expect(of("mlops-mlflow").ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:.*:-5000}:5000$/)]);
});

test("no two containers meet in a network with a way out: who has one has a port on this machine, or fetches data", () => {
  const outside = Object.entries(project.networks).flatMap(([name, { internal }]) => (internal ? [] : [name]));
  for (const network of outside) {
    const members = services.filter(([, { networks = [] }]) => networks.includes(network));
    expect([network, members.length]).toEqual([network, 1]);
    for (const [name, { ports }] of members) expect([name, ports ?? name === "data-pipeline"]).not.toContain(false);
  }
  const reached = (name: string) => of(name).networks?.filter((network) => !outside.includes(network));
  expect(reached("postgres")).toEqual(["database"]);
  expect(reached("minio")).toEqual(["storage"]);
  expect(reached("prometheus")).toEqual(["monitoring", "storage"]);
  expect(reached("alertmanager")).toEqual(["monitoring"]);
});

test("whatever text is in a program's arguments stays text", () => {
  const first = composePrograms(asked).find(({ instance }) => instance.kind === "prometheus");
  if (first === undefined) throw new Error("no platform asks for Prometheus");
  const hostile: Program = { ...first, command: ["/bin/true", ...HOSTILE] };
  const read = parse(composeText(composeProject([hostile], PLATFORMS)));
  const [name = ""] = [first.instance.name.replaceAll("_", "-")];
  const words: string[] = read.services[name].command.slice(1);
  expect(words.map((word) => word.replaceAll("$$", "$"))).toEqual([...HOSTILE]);
  for (const word of words) expect(word.replaceAll("$$", "")).not.toContain("$");
});

test("secrets are made once, each in a file that its owner alone reads", () => {
  const checkout = checkoutAt(folder);
  expect(ensureComposeSecrets(checkout)).toEqual([...COMPOSE_SECRETS]);
  const texts = () => COMPOSE_SECRETS.map((name) => readFileSync(join(checkout.compose, name), "utf8"));
  const before = texts();
  expect(new Set(before).size).toBe(COMPOSE_SECRETS.length);
  for (const name of COMPOSE_SECRETS) expect(statSync(join(checkout.compose, name)).mode & 0o777).toBe(0o600);
  expect(statSync(checkout.compose).mode & 0o777).toBe(0o700);
  rmSync(join(checkout.compose, "minio-root-user"));
  expect(ensureComposeSecrets(checkout)).toEqual(["minio-root-user"]);
  expect(texts().slice(1)).toEqual(before.slice(1));
});

test("a secret of Compose that is garbled is named and never shown, and nothing is made", () => {
  const checkout = checkoutAt(folder);
  ensureComposeSecrets(checkout);
  writeFileSync(join(checkout.compose, "database-key"), "INJECTED");
  rmSync(join(checkout.compose, "minio-root-user"));
  expect(() => ensureComposeSecrets(checkout)).toThrow(/compose\/database-key: .* garbled .* 32 bytes/);
  expect(() => ensureComposeSecrets(checkout)).not.toThrow(/INJECTED/);
  expect(readdirSync(checkout.compose)).not.toContain("minio-root-user");
});

test("PostgreSQL is started from settings of the platforms' databases, and from no password and no key", () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  writeFileSync(join(folder, "key"), key);
  writePostgresSettings(folder, join(folder, "key"));
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  expect(text("settings/pg_hba.conf")).toContain('host "dataops_db" "dataops_loader" all scram-sha-256');
  expect(text("settings/start.sh")).toContain("exec postgres");
  expect(text("secret/bootstrap.sql")).toMatch(/ALTER ROLE bucketworks_owner .* PASSWORD 'SCRAM-SHA-256\$/);
  for (const name of ["settings/start.sh", "settings/pg_hba.conf", "settings/postgresql.conf", "secret/bootstrap.sql"])
    for (const secret of [key, ownerPassword(key)]) expect(text(name)).not.toContain(secret);
});

test.each([
  ["missing", undefined],
  ["garbled", "short"],
])("settings of PostgreSQL aren't written with a key that is %s", (_, key) => {
  if (key !== undefined) writeFileSync(join(folder, "key"), key);
  expect(() => writePostgresSettings(join(folder, "out"), join(folder, "key"))).toThrow(
    /database-key: .*run bucketworks compose secrets/,
  );
  expect(readdirSync(folder)).not.toContain("out");
});

test("U-069, ML-084, ML-085, ML-086: what somebody runs by hand is in no plain start, and ends by itself", () => {
  for (const name of ["infrastructure-validator", "data-pipeline", "model-training", "testing"])
    expect(of(name)).toMatchObject({ profiles: ["tools"], restart: "no" });
  expect(of("infrastructure-validator").command).toEqual(["bucketworks", "verify", "--wait", "1m"]);
  expect(of("data-pipeline").command?.slice(0, 3)).toEqual(["run", "--table", "raw_binance_btcusdt_spot"]);
  expect(of("testing")).toMatchObject({ network_mode: "none" });
});

test("U-071: every image that is built here has its Dockerfile in the checkout, and so has all that is mounted of it", () => {
  for (const [name, { build, volumes = [] }] of services) {
    if (build !== undefined)
      expect([name, existsSync(join(ROOT, build.context, build.dockerfile))]).toEqual([name, true]);
    for (const [from = ""] of volumes.map((each) => each.split(":")).filter(([from = ""]) => from.startsWith("./")))
      expect([from, existsSync(join(ROOT, from))]).toEqual([from, true]);
  }
  expect(of("usdcop-bucket-init").build?.dockerfile).toBe("images/bucket-init/Dockerfile");
});

test("each step of the data pipeline has a key and a login that its platform has", () => {
  const platform = asked.platforms.find(({ name }) => name === DATA_PIPELINE_PLATFORM);
  const accounts = platform?.access.serviceAccounts.map(({ name }) => name);
  const roles = platform?.database?.roles.map(({ name }) => name);
  for (const { account, role } of Object.values(DATA_PIPELINE_STEPS)) {
    expect(accounts).toContain(account);
    expect(roles).toContain(role);
  }
  const mlops = asked.platforms.find(({ name }) => name === "mlops")?.access.serviceAccounts.map(({ name }) => name);
  for (const { account } of Object.values(MODEL_TRAINING_STEPS)) expect(mlops).toContain(account);
  const volumes = composeProject(composePrograms(asked), ["mlops"]).services;
  expect(Object.keys(volumes)).not.toContain("data-pipeline");
});
