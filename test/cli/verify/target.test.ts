import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadTarget, type Target } from "../../../cli/target/target.ts";
import { readSettings } from "../../../config/stack/settings.ts";
import { networkFault } from "../../../live/faults.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-target-"));
  put("trial.yaml", "bucket_groups: {trial: {buckets: [{name: first-bucket}]}}");
  put("Pulumi.dev.yaml", "config: {}");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): string {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
}

function load(env: Record<string, string>, stage = "dev"): Target {
  return loadTarget({ stage, files: [join(root, "trial.yaml")], env, root });
}

const KEYS = { MINIO_ROOT_USER: "user", MINIO_ROOT_PASSWORD: "password" };

test("the stack's configuration wins over the environment", () => {
  const ca = put("ca.pem", "x");
  put(
    "Pulumi.production.yaml",
    "config: {bucketworks:endpoint: 's3.example:443', bucketworks:secure: true, bucketworks:caFile: ca.pem}",
  );
  const { server, model } = load({ ...KEYS, MINIO_ENDPOINT: "other:1" }, "production");
  expect(server).toMatchObject({ endpoint: "s3.example:443", secure: true, caFile: ca, accessKey: "user" });
  expect(model.stage).toBe("production");
});

test("the region is the stack's, whether minio_config is null or says another", () => {
  put("Pulumi.production.yaml", "config: {bucketworks:endpoint: 's3.example:443', bucketworks:region: eu-west-1}");
  const spec = "bucket_groups: {trial: {buckets: [{name: first-bucket}]}}";
  const config = "minio_config: {endpoint: 'm:9000', secure: true, region: us-west-2}";
  for (const text of [
    `${spec}\nenvironments: {production: {minio_config: null}}\n${config}`,
    `${spec}\n${config}`,
    spec,
  ]) {
    put("trial.yaml", text);
    expect(load(KEYS, "production").server.region).toBe("eu-west-1");
  }
});

test("a region that is none is refused with the command that sets it", () => {
  put("Pulumi.production.yaml", "config: {bucketworks:endpoint: 's3.example:443', bucketworks:region: EU West}");
  expect(() => load(KEYS, "production")).toThrow(
    /bucketworks:region must be lower-case letters, digits and dashes, got "EU West"; .*pulumi config set --stack production bucketworks:region/,
  );
});

test("the environment's endpoint, and credentials from the files it names", () => {
  const env = {
    MINIO_ENDPOINT: "localhost:9",
    MINIO_ROOT_USER_FILE: put("user", "from-file\n"),
    MINIO_ROOT_PASSWORD_FILE: put("password", "secret\n"),
  };
  const { server } = load(env);
  expect(server).toMatchObject({ endpoint: "localhost:9", accessKey: "from-file", secretKey: "secret" });
  expect(server.credentialsFrom).toBe("MINIO_ROOT_USER_FILE and MINIO_ROOT_PASSWORD_FILE");
});

test("dev finds the local server of the checkout, another stack doesn't", () => {
  for (const [name, text] of Object.entries({ endpoint: "127.0.0.1:9100", "root-user": "u", "root-password": "p" })) {
    put(`.bucketworks/minio/${name}`, `${text}\n`);
  }
  expect(load({}).server).toMatchObject({ endpoint: "127.0.0.1:9100", accessKey: "u", secretKey: "p" });
  put("Pulumi.production.yaml", "config: {}");
  expect(() => load({}, "production")).toThrow(/no MinIO endpoint: Pulumi.production.yaml/);
});

test("outside dev neither the environment's endpoint nor the one of minio_config is asked", () => {
  put("trial.yaml", "minio_config: {endpoint: 'm:9000'}\nbucket_groups: {trial: {buckets: [{name: first-bucket}]}}");
  put("Pulumi.production.yaml", "config: {bucketworks:endpoint: ''}");
  expect(() => load({ ...KEYS, MINIO_ENDPOINT: "local:1" }, "production")).toThrow(
    /no MinIO endpoint: Pulumi.production.yaml has no bucketworks:endpoint; pulumi config set --stack production/,
  );
});

test("the local server's credentials are not tried on the server that a stack names", () => {
  put("Pulumi.dev.yaml", "config: {bucketworks:endpoint: 's3.example:443'}");
  const [user, password] = ["root-user", "root-password"].map((name) => put(`.bucketworks/minio/${name}`, "x"));
  const env = { MINIO_ROOT_USER_FILE: user ?? "", MINIO_ROOT_PASSWORD_FILE: password ?? "" };
  expect(() => load(env)).toThrow(/no MinIO credentials: Pulumi.dev.yaml/);
});

test("what pulumi config set left in the checkout wins over the tracked settings", () => {
  put("Pulumi.dev.yaml", "config: {bucketworks:endpoint: 'tracked:1', bucketworks:secure: false}");
  put(".bucketworks/stacks/own/Pulumi.dev.yaml", "config: {bucketworks:endpoint: 'own:1'}");
  expect(load(KEYS).server).toMatchObject({ endpoint: "own:1", secure: false });
});

test("minio_config is the last resort", () => {
  put(
    "trial.yaml",
    "minio_config: {endpoint: 'm:9000', access_key: abc, secret_key: abcdefgh, secure: false}\nbucket_groups: {trial: {buckets: [{name: first-bucket}]}}",
  );
  expect(load({}).server).toMatchObject({ endpoint: "m:9000", secure: false, accessKey: "abc" });
});

test("the stack's stage is the one whose overlay is used", () => {
  put("Pulumi.east.yaml", "config: {bucketworks:stage: production, bucketworks:endpoint: 's:1'}");
  expect(load(KEYS, "east").model.stage).toBe("production");
});

describe("a server that the stack deploys on Kubernetes", () => {
  const CLUSTER = "bucketworks:target: kubernetes";
  const TLS = "bucketworks:server: {tls: {from: secret, secret: minio-tls}}";
  const WAY_IN =
    /; it runs in a cluster, .*: bucketworks forward --stack cluster -- bucketworks COMMAND \(after \. toolchain\/env\.sh\)$/;

  function at(...settings: string[]): Target["server"] {
    put("Pulumi.cluster.yaml", `config: {${["bucketworks:stage: dev", CLUSTER, ...settings].join(", ")}}`);
    return load({ ...KEYS, MINIO_ENDPOINT: "local:1" }, "cluster").server;
  }

  test("is looked at through the forwarded port, with TLS where it has a certificate", () => {
    expect(at()).toMatchObject({ endpoint: "127.0.0.1:19000", secure: false, endpointFrom: "Pulumi.cluster.yaml" });
    expect(at("bucketworks:endpoint: ''", "bucketworks:forwardPort: 19555", TLS)).toMatchObject({
      endpoint: "127.0.0.1:19555",
      secure: true,
    });
    expect(at(TLS, "bucketworks:secure: false").secure).toBe(false);
  });

  test("is looked at where the stack says it is", () => {
    const named = at("bucketworks:endpoint: 's3.example:443'", "bucketworks:secure: true");
    expect(named).toMatchObject({ endpoint: "s3.example:443", secure: true });
    expect(named).not.toHaveProperty("wayIn");
  });

  test.each([
    ["no settings", {}],
    ["a port", { forwardPort: "19555" }],
    ["a certificate", { server: '{"tls":{"from":"secret","secret":"minio-tls"}}' }],
    ["an endpoint", { endpoint: "minio-service.mlops.svc:9000" }],
  ])("is looked at where the program deploys to: with %s", (_, settings) => {
    const given = { target: "kubernetes", stage: "dev", rootUser: "u", rootPassword: "p", ...settings };
    const kmsKey = `house:${Buffer.alloc(32, 7).toString("base64")}`;
    const config = Object.entries({ ...given, kmsKey }).map(([key, value]) => [`bucketworks:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(config));
    const secrets = '["bucketworks:rootUser", "bucketworks:rootPassword", "bucketworks:kmsKey"]';
    const { endpoint, secure } = readSettings({ PULUMI_CONFIG_SECRET_KEYS: secrets });
    const lines = Object.entries(settings).map(([key, value]) => `bucketworks:${key}: ${value}`);
    expect(at(...lines)).toMatchObject({ endpoint, secure });
  });

  test("that can't be reached says how the port is forwarded, to either client", async () => {
    const server = { ...at("bucketworks:forwardPort: 1"), accessKey: "u" };
    expect(networkFault({ code: "ECONNREFUSED" }, server).message).toMatch(WAY_IN);
    expect(networkFault({ code: "ETIMEDOUT" }, server).message).not.toMatch(/forward/);
    const { existingOn } = await import("../../../cli/recovery/existing.ts");
    const asked = existingOn(server, [], { failed: "cleanup: nothing was deleted" });
    await expect(asked).rejects.toThrow(WAY_IN);
    await expect(asked).rejects.toThrow(/^cleanup: nothing was deleted: /);
  });

  test("has a port that can be one", () => {
    expect(() => at("bucketworks:forwardPort: 190000")).toThrow(
      /^Pulumi\.cluster\.yaml bucketworks:forwardPort must be a port, 1 to 65535, got 190000; set it again: /,
    );
  });
});

describe("one sentence and exit code 2:", () => {
  const SECRET = "{secure: v1:abc}";
  test.each<[string, string, Record<string, string>, RegExp]>([
    [
      "no credentials",
      "config: {bucketworks:endpoint: 's:1'}",
      {},
      /export MINIO_ROOT_USER and MINIO_ROOT_PASSWORD, or/,
    ],
    [
      "credentials that only the stack can read",
      `config: {bucketworks:endpoint: 's:1', bucketworks:rootUser: u, bucketworks:rootPassword: ${SECRET}}`,
      {},
      /those in Pulumi.x.yaml are encrypted and not read here; export MINIO_ROOT_USER/,
    ],
    [
      "half of the credentials",
      "config: {}",
      { MINIO_ROOT_USER: "u" },
      /MINIO_ROOT_USER is set, MINIO_ROOT_PASSWORD isn't/,
    ],
    [
      "a file that can't be read",
      "config: {}",
      { ...KEYS, MINIO_ROOT_USER: "", MINIO_ROOT_USER_FILE: "/no/x" },
      /ENOENT/,
    ],
    [
      "an encrypted endpoint",
      `config: {bucketworks:endpoint: ${SECRET}}`,
      KEYS,
      /bucketworks:endpoint must be plain text/,
    ],
    ["secure that is no flag", "config: {bucketworks:secure: maybe}", KEYS, /must be true or false, got "maybe"/],
    ["no list of platforms", "config: {bucketworks:platforms: a}", KEYS, /bucketworks:platforms must be a list/],
    ["no YAML", "config: {", KEYS, /Pulumi.x.yaml:1:10 can't be read/],
    [
      "no YAML where a password may stand",
      "config:\n  bucketworks:rootPassword: |S3cretCanary\n",
      KEYS,
      /^Pulumi.x.yaml:2:\d+ can't be read as YAML; (?!.*S3cret)/,
    ],
    [
      "a CA file that isn't there",
      "config: {bucketworks:endpoint: 's:1', bucketworks:caFile: no.pem}",
      KEYS,
      /no.pem can't be/,
    ],
  ])("%s", (_, stack, env, words) => {
    put("Pulumi.x.yaml", stack);
    const fault = (() => {
      try {
        load(env, "x");
      } catch (error) {
        return error as Error;
      }
      return undefined;
    })();
    expect(fault).toMatchObject({ name: "CommandError", exitCode: 2, message: expect.stringMatching(words) });
    expect(fault?.message).not.toContain("\n");
  });
});

describe("where nothing listens, the message says what starts it:", () => {
  const refused = (server: Target["server"]): string =>
    networkFault(Object.assign(new Error("no"), { code: "ECONNREFUSED" }), server).message;

  test("the local server of this checkout, found by its files, by a shell's env.sh or by neither", () => {
    const endpoint = put(".bucketworks/minio/endpoint", "127.0.0.1:9000\n");
    const user = put(".bucketworks/minio/root-user", "user\n");
    const password = put(".bucketworks/minio/root-password", "password\n");
    const shell = {
      MINIO_ENDPOINT: "127.0.0.1:9000",
      MINIO_ROOT_USER_FILE: user,
      MINIO_ROOT_PASSWORD_FILE: password,
    };
    for (const env of [{}, shell]) {
      const message = refused(load(env).server);
      expect(message).toMatch(/connection refused; .*make up starts it/);
      expect(message).not.toContain("MINIO_ENDPOINT");
    }
    rmSync(endpoint);
    put("trial.yaml", "minio_config: {endpoint: 'localhost:9000', secure: false}\nbucket_groups: {}\n");
    expect(refused(load(KEYS).server)).toMatch(/make up/);
  });

  test("a server that the shell names by hand is still asked about by its variable", () => {
    expect(refused(load({ ...KEYS, MINIO_ENDPOINT: "minio.lan:9000" }).server)).toMatch(
      /endpoint of MINIO_ENDPOINT right/,
    );
  });

  test("a stack dev without any server is told of make up, too", () => {
    expect(() => load(KEYS)).toThrow(/no MinIO endpoint: .*make up/);
  });
});
