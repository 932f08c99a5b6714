import { describe, expect, test } from "vitest";
import { deploymentFaults } from "../../../config/stack/deployment-faults.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import { parseStackSettings } from "../../../config/stack/parse-settings.ts";

const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");
const SECRETS = ["rootUser", "rootPassword", "kmsKey", "databaseKey", "servicesKey", "imagesPassword", "hopsworksKey"];

type Given = Readonly<Record<string, unknown>>;

/** @param plain secrets that the stack's file holds in plaintext */
function faults(
  given: Given,
  { stage = "production", plain = [] }: { stage?: string; plain?: string[] } = {},
): string[] {
  const raw = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, { value, isEncrypted: SECRETS.includes(key) && !plain.includes(key) }] as const);
  const { settings, faults: wrong } = parseStackSettings(Object.fromEntries(raw));
  expect(wrong).toEqual([]);
  return deploymentFaults(settings, stage, "stack").map((fault) => formatSettingFault(fault, "east"));
}

const NAMED = { endpoint: "minio.example.com:9000", rootUser: "deployer", rootPassword: "not-a-default-1" };

describe("a stack that names its server", () => {
  test("with TLS, a user and an encrypted password is right", () => expect(faults(NAMED)).toEqual([]));

  test.each<[string, Given, string[], RegExp]>([
    [
      "an endpoint",
      { endpoint: undefined },
      [],
      /names no MinIO endpoint; stage production never uses the local server or minio_config; set it: pulumi config set --stack east bucketworks:endpoint HOST:PORT$/,
    ],
    ["a user", { rootUser: undefined }, [], /has no user to deploy with; .* --secret bucketworks:rootUser$/],
    ["a password", { rootPassword: undefined }, [], /no password .* --secret bucketworks:rootPassword$/],
    ["an encrypted password", {}, ["rootPassword"], /in plaintext; .* --secret bucketworks:rootPassword$/],
    [
      "an encrypted user",
      {},
      ["rootUser"],
      /rootUser is written in plaintext: .*docs\/servers\.md.* --secret bucketworks:rootUser - and /,
    ],
    ["TLS", { secure: false }, [], /travel in plaintext, refused outside dev; .* bucketworks:secure true$/],
    ["a user of its own", { rootUser: "minioadmin" }, [], /a well-known default, refused outside dev/],
    ["a password of its own", { rootPassword: "minioadmin123" }, [], /a well-known default, refused outside dev/],
  ])("needs %s, and is told so in one sentence that has the command", (_, change, plain, words) => {
    const found = faults({ ...NAMED, ...change }, { plain });
    expect(found).toEqual([expect.stringMatching(words)]);
    expect(found[0]).toMatch(/pulumi config set --stack east /);
  });

  test.each<[string, Given, string[], RegExp]>([
    [
      "in plaintext",
      { hopsworksKey: "k" },
      ["hopsworksKey"],
      /^bucketworks:hopsworksKey stands in plaintext .* --secret bucketworks:hopsworksKey$/,
    ],
    [
      "of no server",
      { hopsworksKey: "k" },
      [],
      /^bucketworks:hopsworksKey is set, and no server that it is for; .*hopsworks\.host HOST$/,
    ],
  ])("has no key of Hopsworks %s", (_, change, plain, words) => {
    const found = faults({ ...NAMED, ...change }, { plain });
    expect(found).toEqual([expect.stringMatching(words)]);
    const hopsworks = { host: "hopsworks.example.org", project: "lake", connector: "bucket" };
    expect(faults({ ...NAMED, ...change, hopsworks })).toEqual([]);
  });

  test("is told all its faults at once, and no password", () => {
    const all = faults({ secure: false, rootPassword: "changeme" });
    expect(all).toHaveLength(4);
    expect(all.join()).not.toContain("changeme");
  });

  test("keeps the user secret in stage dev, too, and isn't told its name", () => {
    const [fault, ...others] = faults({ ...NAMED, rootUser: "root-name" }, { stage: "dev", plain: ["rootUser"] });
    expect([fault, others]).toEqual([expect.stringMatching(/written in plaintext/), []]);
    expect(fault).not.toContain("root-name");
  });

  test("may do without TLS and with default credentials in stage dev", () => {
    const defaults = { rootUser: "minioadmin", rootPassword: "minioadmin", secure: false };
    expect(faults({ ...NAMED, ...defaults }, { stage: "dev" })).toEqual([]);
    expect(faults(defaults, { stage: "dev" })).toEqual([expect.stringMatching(/names no MinIO endpoint; set it/)]);
  });
});

describe("a stack that deploys its servers", () => {
  const DEPLOYED = { ...NAMED, target: "kubernetes", kmsKey: `house:${base64(32)}` };
  const dev = { stage: "dev" };

  test("asks for no endpoint", () => {
    expect(faults({ ...DEPLOYED, endpoint: undefined }, dev)).toEqual([]);
  });

  test.each<[string, Given, string[], RegExp]>([
    [
      "no key",
      { kmsKey: undefined },
      [],
      /has no key .*while it runs: kubectl .*; else make one: echo .* \| pulumi config set --stack east --secret bucketworks:kmsKey$/,
    ],
    ["a key of another form", { kmsKey: "k:c2VjcmV0" }, [], /^bucketworks:kmsKey must be NAME:KEY, .* exactly 32 /],
    ["a key in plaintext", {}, ["kmsKey"], /^bucketworks:kmsKey stands in plaintext .* else keep it, and encrypt it: /],
    [
      "no key for its databases",
      { postgres: { size: "1Gi" } },
      [],
      /no key for the passwords of its databases; set it: head /,
    ],
    [
      "a weak key",
      { postgres: { size: "1Gi" }, databaseKey: "c2hvcnQ=" },
      [],
      /must be base64 of 32 random bytes or more; /,
    ],
    [
      "their key in plaintext",
      { postgres: { size: "1Gi" }, databaseKey: base64(32) },
      ["databaseKey"],
      /^bucketworks:databaseKey stands in plaintext /,
    ],
    [
      "a weak key for its services",
      { servicesKey: "c2hvcnQ=" },
      [],
      /^bucketworks:servicesKey must be base64 of 32 random/,
    ],
    [
      "the key of its services in plaintext",
      { servicesKey: base64(32) },
      ["servicesKey"],
      /^bucketworks:servicesKey stands in plaintext .*--secret bucketworks:servicesKey$/,
    ],
  ])("with %s is refused, and the key isn't shown", (_, change, plain, words) => {
    const found = faults({ ...DEPLOYED, ...change }, { ...dev, plain });
    expect(found).toEqual([expect.stringMatching(words)]);
    expect(found[0]).not.toMatch(/c2VjcmV0|c2hvcnQ|BwcH/);
  });

  test("sends nothing in plaintext outside dev", () => {
    const found = faults({ ...DEPLOYED, postgres: { size: "1Gi" }, databaseKey: base64(32) });
    expect(found).toEqual([
      expect.stringMatching(
        /^bucketworks:server\.tls is none: credentials and data would travel in plaintext, refused/,
      ),
      expect.stringMatching(
        /^bucketworks:postgres\.tls is none: data would travel in plaintext, refused outside dev; .*--path bucketworks:postgres\.tls\.from secret, then /,
      ),
    ]);
  });
});

describe("a stack that builds images", () => {
  const BUILDS = { ...NAMED, images: { registry: "registry.example/team", build: ["workloads"] } };

  test.each<[Given, string[], RegExp]>([
    [
      { imagesUser: "ci" },
      [],
      /^bucketworks:imagesUser is set and has no password; .* --secret bucketworks:imagesPassword$/,
    ],
    [{ imagesPassword: "very-secret" }, [], /^bucketworks:imagesPassword is set and bucketworks:imagesUser isn't; /],
    [
      { imagesUser: "ci", imagesPassword: "very-secret" },
      ["imagesPassword"],
      /^bucketworks:imagesPassword is written in plaintext; /,
    ],
  ])("is refused with %j, and no message holds the password", (change, plain, words) => {
    const found = faults({ ...BUILDS, ...change }, { plain });
    expect(found).toEqual([expect.stringMatching(words)]);
    expect(found.join()).not.toContain("very-secret");
  });
});
