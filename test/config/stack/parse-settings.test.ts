import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import { parseStackSettings } from "../../../config/stack/parse-settings.ts";
import { SECRET_KEYS, StackConfig, type StackSettings } from "../../../config/stack/schema.ts";

type Given = Readonly<Record<string, unknown>>;

const parsed = (given: Given) =>
  parseStackSettings(
    Object.fromEntries(Object.entries(given).map(([key, value]) => [key, { value, isEncrypted: false }])),
  );

function settings(given: Given): StackSettings {
  const { settings, faults } = parsed(given);
  expect(faults).toEqual([]);
  return settings;
}

const faults = (given: Given): string[] => parsed(given).faults.map((fault) => formatSettingFault(fault, "lake"));

describe("Pulumi.yaml and the schema", () => {
  const { config } = parse(readFileSync(join(import.meta.dirname, "../../../Pulumi.yaml"), "utf8")) as {
    config: Record<string, { type: string; items?: { type: string }; default: unknown }>;
  };
  const declared = Object.entries(config).map(([key, value]) => [key.replace("bucketworks:", ""), value] as const);

  test("have the same keys", () => {
    expect(declared.map(([key]) => key).sort()).toEqual(Object.keys(StackConfig.shape).sort());
  });

  test.each(declared)("have the same type for %s", (key, { type, items }) => {
    const schema = StackConfig.shape[key as keyof typeof StackConfig.shape];
    const json = z.toJSONSchema(schema, { unrepresentable: "any" }) as { type?: string; items?: { type: string } };
    expect({ type, items }).toEqual({
      // these are maps that hold secrets
      type:
        SECRET_KEYS.has(key) && !/^(alerts|notificationSecrets|(tier|remote|backupTarget)Credentials)$/.test(key)
          ? "string"
          : (json.type ?? "object"),
      items: json.items,
    });
  });

  test("have the same defaults: a stack that sets nothing and one with every default are one", () => {
    const defaults = Object.fromEntries(declared.map(([key, { default: value }]) => [key, value]));
    expect(settings(defaults)).toEqual({ ...settings({}), secure: true });
    const texts = Object.entries(defaults).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    expect(settings(Object.fromEntries(texts))).toEqual({ ...settings({}), secure: true });
  });
});

describe("a setting", () => {
  test.each([
    ["platforms", '["usdcop"]', ["usdcop"]],
    ["forwardPort", "19555", 19_555],
    ["secure", "false", false],
    [
      "images",
      '{"registry":"r.example","build":["minio"]}',
      { registry: "r.example", build: ["minio"], platform: "linux/amd64" },
    ],
    ["stage", "2026", "2026"],
    ["platformsDir", "lake/specs", "lake/specs"],
    ["platformsDir", "./..specs/", "..specs"],
    ["platformsDir", "lake//specs/", "lake/specs"],
    ["platformsDir", "", "config/platforms"],
    ["platforms", "[]", undefined],
    ["images", "{}", undefined],
  ])("%s is read from %j of Pulumi's configuration as from the value of a file", (key, text, value) => {
    expect(settings({ [key]: text })).toMatchObject({ [key]: value });
    if (value !== undefined) expect(settings({ [key]: value })).toEqual(settings({ [key]: text }));
  });

  test("that is a number in a file is text where text is meant", () => {
    expect(settings({ stage: 2026, context: true })).toMatchObject({ stage: "2026", context: "true" });
  });

  test.each<[Given, RegExp]>([
    [
      { target: "openshift" },
      /^bucketworks:target must be one of external, kubernetes, got "openshift"; set it again: pulumi config set --stack lake bucketworks:target external$/,
    ],
    [
      { platforms: "usdcop" },
      /^bucketworks:platforms must be a list, got "usdcop"; .* --path 'bucketworks:platforms\[0\]' NAME$/,
    ],
    [
      { platforms: [1] },
      /^bucketworks:platforms\[0\] must be text, got 1; .* --path 'bucketworks:platforms\[0\]' NAME$/,
    ],
    [
      { platformsDir: "/srv/specs" },
      /^bucketworks:platformsDir must be a folder in the project, .*, got "\/srv\/specs"; .* config\/platforms$/,
    ],
    [{ platformsDir: "config/../../specs" }, /^bucketworks:platformsDir must be a folder in the project, /],
    [{ platformsDir: "~/specs" }, /^bucketworks:platformsDir must be a folder in the project, /],
    [{ platformsDir: "C:\\specs" }, /^bucketworks:platformsDir must be a folder in the project, /],
    [{ platformsDir: "./" }, /^bucketworks:platformsDir must be a folder below the project's root, /],
    [{ platformsDir: ".bucketworks/specs" }, /^bucketworks:platformsDir must be a folder that git keeps, /],
    [{ platformsDir: ["specs"] }, /^bucketworks:platformsDir must be text, got \["specs"\]; /],
    [{ secure: "maybe" }, /^bucketworks:secure must be true or false, got "maybe"; /],
    [{ forwardPort: "http" }, /^bucketworks:forwardPort must be a port, 1 to 65535, got "http"; /],
    [{ keyChecksums: "always" }, /^bucketworks:keyChecksums must be when_required or empty, got "always"; /],
    [
      { endpoint: "https://m:9000" },
      /^bucketworks:endpoint must be host:port, without scheme, path or user, got "https:\/\/m:9000"; /,
    ],
    [
      { region: "EU West" },
      /^bucketworks:region must be lower-case letters, digits and dashes, got "EU West"; .* us-east-1$/,
    ],
    [
      { hopsworks: { host: "https://h", project: "p", connector: "c" } },
      /^bucketworks:hopsworks\.host must be a host name, without scheme and port; .*, got "https:\/\/h"; .* HOST$/,
    ],
    [
      { workloadsImage: "w" },
      /^bucketworks:workloadsImage must name a tag or a digest, got "w"; .* REGISTRY\/workloads:TAG$/,
    ],
    [
      { programImages: { cybersec: "c:latest" } },
      /^bucketworks:programImages\.cybersec must name one version, not latest, got "c:latest"; .* --path 'bucketworks:programImages\.cybersec' REGISTRY\/cybersec:COMMIT$/,
    ],
    [
      { programImages: { cybersex: "c:1" } },
      /^bucketworks:programImages\.cybersex is an unknown key, allowed are cybersec, dataops, experiments, features, mlops; did you mean cybersec\? /,
    ],
    [{ caFile: ["a.pem"] }, /^bucketworks:caFile must be text, got \["a\.pem"\]; /],
    [
      { images: { build: ["minio"] } },
      /^bucketworks:images\.registry must be text, got nothing; .* --path 'bucketworks:images\.registry' registry\.example\/team$/,
    ],
    [
      { images: { registry: "https://r.example", build: ["minio"] } },
      /^bucketworks:images\.registry must be a registry and a path in it, without scheme and tag, got /,
    ],
    [{ images: { registry: "team", build: ["minio"] } }, /^bucketworks:images\.registry must be .*, got "team"; /],
    [
      { images: { registry: "r.example/team:1", build: ["minio"] } },
      /^bucketworks:images\.registry must be .*without scheme and tag/,
    ],
    [
      { images: { registry: "r.example", build: ["postgres"] } },
      /^bucketworks:images\.build\[0\] must be one of minio, workloads, cybersec, dataops, experiments, features, mlops, mlflow-server, database-backup, got "postgres"; .*'bucketworks:images\.build\[0\]' workloads$/,
    ],
    [
      { images: { registry: "r.example", build: [] } },
      /^bucketworks:images\.build must name one or more of minio, workloads, cybersec, dataops, experiments, features, mlops, mlflow-server, database-backup, got \[\]; .* --path 'bucketworks:images\.build\[0\]' workloads$/,
    ],
    [
      { images: { registry: "r.example", build: ["minio"], platform: "windows/amd64" } },
      /^bucketworks:images\.platform must be linux\/amd64 or linux\/arm64, got "windows\/amd64"; /,
    ],
    [
      { images: { registry: "r.example", build: ["minio"], push: false } },
      /^bucketworks:images\.push is an unknown key, allowed are registry, build, platform; pulumi config rm --stack lake --path 'bucketworks:images\.push'$/,
    ],
    [{ images: "minio" }, /^bucketworks:images must be a map, got "minio"; /],
    [
      { postgres: { kind: "pod" } },
      /^bucketworks:postgres\.kind must be one of statefulset, cloudnative-pg, got "pod"; /,
    ],
    [
      { target: "kubernetes", postgres: { name: "a".repeat(34) } },
      /^bucketworks:postgres\.name must be a name of Kubernetes: .*, 33 at most, got "a+" of 34; set it again: pulumi config set /,
    ],
    [
      { postgres: { kind: "statefulset" } },
      /^bucketworks:postgres is set, .* its target is external; remove it: pulumi config rm --stack lake bucketworks:postgres, or pulumi config set --stack lake bucketworks:target kubernetes$/,
    ],
  ])("%j is refused in one sentence with the command that fixes it", (given, words) => {
    expect(faults(given)).toEqual([expect.stringMatching(words)]);
  });

  test.each(["localhost:5000", "registry.example", "registry:5000/a", "ghcr.example:443/team/data_platform"])(
    "images.registry may be %s",
    (registry) => expect(settings({ images: { registry, build: ["minio"] } }).images?.registry).toBe(registry),
  );

  test.each([
    [
      "minio",
      { server: { image: "r.example/minio:1" } },
      /^bucketworks:server\.image names r\.example\/minio:1, and .*; pulumi config rm --stack lake --path 'bucketworks:server\.image', or take minio out/,
    ],
    [
      "workloads",
      { workloadsImage: "r.example/w:1" },
      /^bucketworks:workloadsImage names r\.example\/w:1, and .*; pulumi config rm --stack lake --path 'bucketworks:workloadsImage', or take workloads out/,
    ],
    [
      "cybersec",
      { programImages: { cybersec: "r.example/c:1" } },
      /^bucketworks:programImages\.cybersec names r\.example\/c:1, and .* --path 'bucketworks:programImages\.cybersec', or take cybersec out/,
    ],
  ])("%s runs from the image that is built or from the one that is named, not both", (image, named, fault) => {
    const images = { registry: "r.example", build: ["minio", "workloads", "cybersec"] };
    expect(faults({ images, ...named })).toEqual([expect.stringMatching(fault)]);
    const others = images.build.filter((each) => each !== image);
    expect(faults({ images: { ...images, build: others }, ...named })).toEqual([]);
  });
});

describe("a key that isn't known", () => {
  test.each([
    [
      "platfroms",
      /^bucketworks:platfroms is an unknown key, allowed are stage, .*; did you mean platforms\? remove it: pulumi config rm --stack lake bucketworks:platfroms$/,
    ],
    ["root_user", /did you mean rootUser\?/],
    ["colour", /allowed are .*, allowTierRemoval; pulumi config rm --stack lake bucketworks:colour$/],
    [
      "handedOver",
      /^bucketworks:handedOver is now called bucketworks:exportedServiceAccounts; set it by that name: pulumi config set --stack lake --path 'bucketworks:exportedServiceAccounts\[0\]' NAME, then pulumi config rm --stack lake bucketworks:handedOver$/,
    ],
  ])("%s is refused with the nearest one, and its value isn't shown", (key, words) => {
    for (const value of ["value-1", "", ["value-1"]]) {
      expect(faults({ [key]: value })).toEqual([expect.stringMatching(words)]);
      expect(faults({ [key]: value }).join()).not.toContain("value-1");
    }
  });
});

test("every fault is told at once, and a key with a fault causes no other", () => {
  const all = faults({ target: "x", region: "A B", postgres: { kind: "pod" }, server: { servers: 3 }, colour: 1 });
  expect(all.map((fault) => fault.split(" ")[0])).toEqual([
    "bucketworks:target",
    "bucketworks:server.servers",
    "bucketworks:postgres.kind",
    "bucketworks:region",
    "bucketworks:colour",
  ]);
});

describe("what is encrypted", () => {
  const read = (key: string, value: unknown) => parseStackSettings({ [key]: { value, isEncrypted: true } });

  test("and may be is known to be there, whether it can be read or not", () => {
    expect(read("rootUser", undefined).settings.rootUser).toEqual({ text: undefined, isEncrypted: true });
    expect(read("rootUser", "root").settings.rootUser).toEqual({ text: "root", isEncrypted: true });
    expect(read("rootUser", "").settings.rootUser).toBeUndefined();
  });

  test.each(["endpoint", "stage", "server"])("and needn't be, %s, is refused without its value", (key) => {
    const { faults } = read(key, "hidden");
    expect(faults.map((fault) => formatSettingFault(fault, "lake"))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^bucketworks:${key} must be plain text, it is encrypted: .*; set it again: pulumi config set --stack lake --plaintext bucketworks:${key} VALUE$`,
        ),
      ),
    ]);
    expect(JSON.stringify(faults)).not.toContain("hidden");
  });
});
