import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { TestServer } from "../support/minio.ts";
import { platformFile } from "../support/specs.ts";
import { rootClient } from "../support/state.ts";

const SERVERS = 5;
const STACKS = Array.from(
  { length: Number(process.env.STACKS ?? 50) },
  (_, index) => `site-${String(index).padStart(2, "0")}`,
);
/** Its settings have a wrong password at first. */
const LOCKED_OUT = "site-06";

let checkout: TestCheckout;
const servers: TestServer[] = [];

beforeAll(async () => {
  while (servers.length < SERVERS) servers.push(await TestServer.start());
  const bucket = (stack: string) =>
    `      - {name: ${stack}-data, description: data of a site, tags: {data_type: readings}}`;
  const platforms = Object.fromEntries(STACKS.map((stack) => [stack, platformFile(bucket(stack))]));
  checkout = await TestCheckout.make(platforms, servers[0]);
  for (const stack of STACKS) settings(stack);
  for (const stack of STACKS.slice(0, SERVERS)) {
    await checkout.must("pulumi", "stack", "init", stack, "--no-select");
    const { user, password } = serverOf(stack);
    const secrets = ["--secret", `bucketworks:rootUser=${user}`, "--secret", `bucketworks:rootPassword=${password}`];
    await checkout.must("pulumi", "config", "set-all", "--stack", stack, ...secrets);
  }
  for (const stack of STACKS.slice(SERVERS)) copyStack(STACKS[STACKS.indexOf(stack) % SERVERS] ?? "", stack);
  await password(LOCKED_OUT, "wrong-wrong");
});
afterAll(async () => {
  for (const server of servers.slice(1)) await server.stop();
  await checkout?.remove();
});

function serverOf(stack: string): TestServer {
  return servers[STACKS.indexOf(stack) % SERVERS] as TestServer;
}

/** As Pulumi.<stack>.yaml has them. */
function settings(stack: string): void {
  const config = {
    stage: "dev",
    platforms: [stack],
    endpoint: serverOf(stack).endpoint,
    secure: "false",
    tags: { fleet: "sites", server: `s${STACKS.indexOf(stack) % SERVERS}` },
  };
  const named = Object.fromEntries(Object.entries(config).map(([key, value]) => [`bucketworks:${key}`, value]));
  writeFileSync(join(checkout.root, `Pulumi.${stack}.yaml`), JSON.stringify({ config: named }));
}

async function password(stack: string, text: string): Promise<void> {
  await checkout.must("pulumi", "config", "set", "--stack", stack, "--secret", "bucketworks:rootPassword", text);
}

/** What `pulumi stack init` and `config set` make of another name: an empty state, the salt, and secrets under it. */
function copyStack(from: string, to: string): void {
  const state = (stack: string) => join(checkout.root, `.bucketworks/state/.pulumi/stacks/bucketworks/${stack}.json`);
  writeFileSync(state(to), readFileSync(state(from), "utf8").replaceAll(from, to));
  const own = (stack: string) => join(checkout.root, `.bucketworks/stacks/own/Pulumi.${stack}.yaml`);
  copyFileSync(own(from), own(to));
}

async function bucketsOf(server: TestServer): Promise<string[]> {
  const s3 = rootClient(server);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  s3.destroy();
  return Buckets.map(({ Name = "" }) => Name).sort();
}

const fleet = (...args: string[]) => checkout.run("bin/bucketworks", "fleet", ...args);

test("fifty stacks on five servers are updated by one command; one that fails stops no other, and is first in the table", async () => {
  const out = join(checkout.root, "reports");
  const { code, stdout } = await fleet("up", "--tag", "fleet=sites", "--yes", "--parallel", "6", "--out", out);
  expect(code).toBe(1);
  const [, first = ""] = stdout.split("\n");
  expect(first).toMatch(new RegExp(`^${LOCKED_OUT} .* failed .* refuses the credentials`));
  expect(stdout).toMatch(/up of 50 stacks: 1 failed, 49 done/);
  for (const server of servers) {
    const own = STACKS.filter((stack) => serverOf(stack) === server && stack !== LOCKED_OUT);
    expect(await bucketsOf(server)).toEqual(own.map((stack) => `${stack}-data`));
  }
  expect(JSON.parse(readFileSync(join(out, "fleet.json"), "utf8")).results).toHaveLength(50);
  expect(readFileSync(join(out, "fleet.html"), "utf8")).toMatch(/<th scope="row">site-06<\/th>/);
  const log = readFileSync(join(checkout.root, `.bucketworks/fleet/up/${LOCKED_OUT}.log`), "utf8");
  expect(log).toMatch(/refuses the credentials/);
  expect(log).not.toContain(serverOf(LOCKED_OUT).password);
});

test("a resumed run does what is left, and no more", async () => {
  await password(LOCKED_OUT, serverOf(LOCKED_OUT).password);
  const { code, stdout, stderr } = await fleet("up", "--tag", "fleet=sites", "--yes", "--resume");
  expect(code).toBe(0);
  expect(stderr).toMatch(/^49 of 50 stacks came to their end before\n50 of 50: site-06: .*\n$/);
  expect(stdout).toMatch(/up of 50 stacks: 50 done/);
});

test("stacks of a tag are verified, and where their server is away each says so", async () => {
  const ours = await fleet("verify", "--tag", "server=s3", "--parallel", "2", "--json");
  expect(ours.code).toBe(0);
  expect(JSON.parse(ours.stdout).results.map(({ code }: { code: number }) => code)).toEqual(Array(10).fill(0));
  await servers[4]?.stop();
  const away = await fleet("verify", "--tag", "server=s4");
  expect(away.code).toBe(3);
  expect(away.stdout).toMatch(/verify of 10 stacks: 10 could not look/);
});

test("stacks that aren't there, and an update without consent, change nothing", async () => {
  writeFileSync(join(checkout.root, "wave.txt"), "site-01\nsite-99\n");
  const unknown = await fleet("preview", "--file", "wave.txt");
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no stack "site-99"') });
  const without = await fleet("up");
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("look at fleet preview, then add --yes") });
});
