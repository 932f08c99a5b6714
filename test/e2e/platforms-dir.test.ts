import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";

const SHOP = `${platformFile("      - {name: shop-data, description: d, on_delete: purge, tags: {data_type: raw}}")}access:
  policies: {reader: {grants: [{role: read, bucket: shop-data}]}}
  users: {shop-reading: {policies: [reader]}}
environments:
  europe: {bucket_groups: {all: {retention_days: 7}}}
`;
const TUTORIAL = /```yaml\n([\s\S]*?)```/;

let checkout: TestCheckout;
const at = (path: string) => join(checkout.root, path);
const cli = (...args: string[]) => checkout.run("bin/bucketworks", ...args);
const setFolder = (folder: string, stack = "dev") =>
  checkout.must("pulumi", "config", "set", "--stack", stack, "bucketworks:platformsDir", folder);

beforeAll(async () => {
  checkout = await TestCheckout.make();
  mkdirSync(at("lake/specs"), { recursive: true });
  writeFileSync(at("lake/specs/shop.yaml"), SHOP);
  await setFolder("lake/specs");
});
afterAll(() => checkout?.remove());

test("a stack deploys the platforms of its own folder, and none of the project's", async () => {
  const said = await checkout.must("pulumi", "up", "--yes", "--skip-preview", "--stack", "dev");
  // an update says what changed; what it answers is asked for
  expect(said).not.toMatch(/Outputs:|arn:aws/);
  const buckets = await checkout.must("pulumi", "stack", "output", "--stack", "dev", "--json", "buckets");
  expect(Object.keys(JSON.parse(buckets))).toEqual(["shop-data"]);
});

test.each<[args: string[], code: number, said: RegExp]>([
  [["check"], 0, /^1 file, 1 bucket: right\n/],
  [["explain", "--stage", "dev"], 0, /shop-data/],
  [["path", "--stage", "dev", "shop/shop-dat"], 2, /did you mean shop\/shop-data\?/],
  [["verify"], 0, /2 buckets|1 bucket/],
  [["scan"], 0, /as the specs say/],
  [["key", "list"], 0, /shop-reading/],
  [["purge", "shop-data", "--yes-delete", "shop-data"], 2, /lake\/specs\/shop\.yaml|allowPurge/],
  [["import-server", "--missing-from-stack", "dev", "--out", ".bucketworks/import"], 0, /lacks nothing/],
])("a command reads that folder, too: %j", async (args, code, said) => {
  const outcome = await cli(...args);
  expect(outcome.stdout + outcome.stderr).toMatch(said);
  expect(outcome.code).toBe(code);
});

test("what scan finds has its place there", async () => {
  writeFileSync(at("lake/specs/shop.yaml"), SHOP.replace("90", "91"));
  const { code, stdout } = await cli("scan", "--format", "sarif");
  expect(code).toBe(1);
  expect(stdout).toContain('"uri": "lake/specs/shop.yaml"');
  writeFileSync(at("lake/specs/shop.yaml"), SHOP);
});

test("init writes where the stack looks, and the tutorial's example passes beside it", async () => {
  const { stdout } = await cli("init", "weather");
  expect(stdout).toMatch(/^wrote lake\/specs\/weather\.yaml\n[\s\S]*platforms of lake\/specs/);
  writeFileSync(at("lake/specs/scratch.yaml"), TUTORIAL.exec(readFileSync(at("docs/tutorial.md"), "utf8"))?.[1] ?? "");
  expect(await cli("check")).toMatchObject({ code: 0, stdout: "3 files, 4 buckets: right\n" });
  for (const name of ["weather", "scratch"]) rmSync(at(`lake/specs/${name}.yaml`));
});

test("stacks with folders of their own: a stage's files are those of the stack that has it", async () => {
  writeFileSync(at("Pulumi.eu.yaml"), "config:\n  bucketworks:stage: europe\n  bucketworks:platformsDir: lake/eu\n");
  mkdirSync(at("lake/eu"));
  writeFileSync(at("lake/eu/market.yaml"), platformFile("      - {name: market-data, description: d}"));
  for (const args of [
    ["--stack", "eu"],
    ["--stage", "europe"],
  ])
    expect((await cli("explain", ...args)).stdout).toMatch(/stage europe[\s\S]*market-data/);
  expect((await cli("diff", "--from", "dev", "--to", "europe")).stdout).toMatch(
    /- bucket shop-data[\s\S]*\+ bucket market-data|\+ bucket market-data[\s\S]*- bucket shop-data/,
  );
  expect((await cli("init", "tide", "--stack", "eu", "--quiet")).code).toBe(0);
  expect(existsSync(at("lake/eu/tide.yaml"))).toBe(true);
  // an overlay of that stage has a stack now; without the stack it has none
  expect((await cli("check")).stderr).toBe("");
  rmSync(at("Pulumi.eu.yaml"));
  expect((await cli("check")).stderr).toMatch(
    /^warning: lake\/specs\/shop\.yaml:\d+:3 environments\.europe: no stack has this stage/,
  );
  writeFileSync(at("lake/specs/shop.yaml"), SHOP.split("environments:")[0] ?? "");
});

test("explain reads the folder of another version of the project, as a review does", async () => {
  const before = join(checkout.root, ".bucketworks", "before");
  mkdirSync(join(before, "old"), { recursive: true });
  writeFileSync(join(before, "Pulumi.dev.yaml"), "config: {bucketworks:platformsDir: old}\n");
  writeFileSync(join(before, "old", "shop.yaml"), platformFile("      - {name: shop-before, description: d}"));
  const { stdout } = await cli("explain", "--stage", "dev", "--format", "json", "--project", before);
  expect(JSON.parse(stdout).platforms[0].buckets[0].name).toBe("shop-before");
});

test("make preview compares with the folder that the base has", async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: checkout.root });
  writeFileSync(at("Pulumi.dev.yaml"), "config:\n  bucketworks:stage: dev\n  bucketworks:platformsDir: lake/old\n");
  renameSync(at("lake/specs"), at("lake/old"));
  git("init", "-q");
  git("add", "-f", "Pulumi.dev.yaml", "lake");
  git("commit", "-qm", "base");
  renameSync(at("lake/old"), at("lake/specs"));
  const { code, stdout, stderr } = await checkout.run("make", "-o", "packages", "preview", "BASE=HEAD");
  expect(stdout + stderr).toMatch(/preview of stack dev: succeeded/);
  expect(code).toBe(0);
  for (const model of ["before", "after"]) {
    const { platforms } = JSON.parse(readFileSync(at(`.bucketworks/review/dev/${model}.json`), "utf8"));
    expect(platforms.map(({ name }: { name: string }) => name)).toEqual(["shop"]);
  }
});

test.each<[what: string, folder: string, make: () => void, said: RegExp]>([
  [
    "isn't there",
    "lake/none",
    () => {},
    /lake\/none (unreadable-file )?can't be read: no such folder; .*bucketworks:platformsDir/,
  ],
  [
    "is a file",
    "lake/a.yaml",
    () => writeFileSync(at("lake/a.yaml"), SHOP),
    /lake\/a\.yaml (unreadable-file )?can't be read: is not a folder; /,
  ],
  [
    "is empty",
    "lake/empty",
    () => mkdirSync(at("lake/empty")),
    /lake\/empty (unreadable-file )?holds no \.yaml file; .*bucketworks init NAME/,
  ],
  ["is elsewhere", "../specs", () => {}, /platformsDir must be a folder in the project, .*got "\.\.\/specs"/],
  ["is absolute", "/srv/specs", () => {}, /platformsDir must be a folder in the project, .*got "\/srv\/specs"/],
])("a folder that %s is refused by program and commands", async (_, folder, make, said) => {
  make();
  await setFolder(folder);
  for (const command of [["check"], ["scan"]]) {
    const { code, stderr } = await cli(...command);
    expect({ command, code, stderr }).toEqual({ command, code: 2, stderr: expect.stringMatching(said) });
  }
  if (folder.startsWith("lake/") && folder !== "lake/none") return; // the program reads it as the commands do
  const preview = await checkout.run("pulumi", "preview", "--stack", "dev");
  expect(preview).toMatchObject({ code: 1, stdout: expect.stringMatching(said) });
});
