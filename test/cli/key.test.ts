import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { checkoutAt } from "../../cli/checkout.ts";
import { endingOf } from "../../cli/ending/error-to-exit.ts";
import { keepKey, keyFileName, writeAllKeys, writeNewKey } from "../../cli/key/files.ts";
import { FORMATS, type Format, formatsWithChecksums, type Key } from "../../cli/key/formats.ts";
import { listedKeys } from "../../cli/key/list.ts";
import { keyOf, requireBucket, type StackKeys } from "../../cli/key/stack-keys.ts";
import { platform } from "../support/platforms.ts";

const KEY: Key = {
  identity: "ada",
  endpoint: "https://store.example:9000",
  region: "eu-west-1",
  accessKey: "ada",
  secretKey: "s3cret",
};
const TRUSTED: Key = { ...KEY, caFile: "/etc/ssl/own.pem", ca: "PEM\n" };
const all = Object.keys(FORMATS) as Format[];
const variables = (text: string) => Object.fromEntries(text.split("\n").map((line) => line.split(/=(.*)/s, 2)));

describe("a key tells its reader all it needs of the server", () => {
  test.each(all)("%s names the region, key, secret and server, and ends with a line feed", (format) => {
    const text = FORMATS[format].text(KEY);
    for (const part of ["eu-west-1", "s3cret", "store.example:9000"]) expect(text).toContain(part);
    expect(text).toMatch(/[^\n]\n$/);
  });

  test.each(["env", "mlflow"] as const)("%s has the region under both names that SDKs read", (format) => {
    const found = variables(FORMATS[format].text(KEY));
    expect(found).toMatchObject({ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" });
  });

  test.each([
    ["https://store.example:9000", "true"],
    ["http://127.0.0.1:9000", "false"],
  ])("env says beside the bare host of %s whether TLS is spoken there: %s", (endpoint, secure) => {
    const found = variables(FORMATS.env.text({ ...KEY, endpoint }));
    expect(found).toMatchObject({ MINIO_ENDPOINT: new URL(endpoint).host, MINIO_SECURE: secure });
  });

  test.each([
    ["https://store.example:9000", true],
    ["http://store.example:9000", false],
  ])("minio is what the SDK is made with at %s, and the bucket where one is named", (endpoint, secure) => {
    const login = { endpoint: "store.example:9000", access_key: "ada", secret_key: "s3cret", secure };
    const read = (key: Key) => JSON.parse(FORMATS.minio.text(key));
    expect(read({ ...KEY, endpoint })).toEqual({ ...login, region: "eu-west-1" });
    expect(read({ ...KEY, endpoint, bucket: "b" })).toEqual({ ...login, region: "eu-west-1", bucket: "b" });
  });

  test("airflow is a connection whose extra has endpoint and region", () => {
    const { conn_type, login, password, extra } = JSON.parse(FORMATS.airflow.text(TRUSTED));
    expect({ conn_type, login, password }).toEqual({ conn_type: "aws", login: "ada", password: "s3cret" });
    const verify = "/etc/ssl/own.pem";
    expect(extra).toEqual({ endpoint_url: KEY.endpoint, region_name: "eu-west-1", verify });
  });

  test("rclone is a remote that never asks for a bucket to be made", () => {
    const text = FORMATS.rclone.text(KEY);
    expect(text).toMatch(/^\[ada\]\ntype = s3\nprovider = Minio\n/);
    expect(text).toContain("\nno_check_bucket = true\n");
  });

  test("dvc is a remote of the identity's name, and what its file reads as more than text is quoted", () => {
    expect(FORMATS.dvc.text({ ...TRUSTED, caFile: "/etc/ssl/own, #2.pem" })).toBe(
      `['remote "ada"']
endpointurl = "https://store.example:9000"
region = "eu-west-1"
access_key_id = "ada"
secret_access_key = "s3cret"
ssl_verify = "/etc/ssl/own, #2.pem"
`,
    );
    expect(FORMATS.dvc.text({ ...KEY, caFile: '/etc/"own".pem' })).toContain(`ssl_verify = '/etc/"own".pem'\n`);
  });

  test.each([
    ["https://store.example:9000", "1"],
    ["http://store.example:9000", "0"],
  ])("kserve is a Secret whose annotations name the host of %s without its scheme", (endpoint, https) => {
    const [secret, ...more] = parseAllDocuments(FORMATS.kserve.text({ ...KEY, endpoint })).map((each) => each.toJS());
    expect(more).toEqual([]);
    expect(secret).toMatchObject({ kind: "Secret", stringData: { AWS_SECRET_ACCESS_KEY: "s3cret" } });
    expect(secret.metadata.annotations).toEqual({
      "serving.kserve.io/s3-endpoint": "store.example:9000",
      "serving.kserve.io/s3-usehttps": https,
      "serving.kserve.io/s3-region": "eu-west-1",
    });
  });

  test("kserve brings an authority of one's own along, and points at it", () => {
    const [secret, map] = parseAllDocuments(FORMATS.kserve.text(TRUSTED)).map((each) => each.toJS());
    expect(map).toMatchObject({
      kind: "ConfigMap",
      metadata: { name: "ada-s3-ca" },
      data: { "cabundle.crt": "PEM\n" },
    });
    expect(secret.metadata.annotations).toMatchObject({ "serving.kserve.io/s3-cabundle-configmap": "ada-s3-ca" });
  });

  // MinIO's SDKs take it from the environment (SSL_CERT_FILE): none of their arguments names one.
  test.each(all.filter((format) => format !== "minio"))(
    "%s names an authority of one's own, and none where there is none",
    (format) => {
      expect(FORMATS[format].text(TRUSTED)).toMatch(/own\.pem|cabundle/);
      expect(FORMATS[format].text(KEY)).not.toMatch(/\.pem|bundle|undefined/i);
    },
  );

  test("an authority whose path needs quotes doesn't become a command of the shell that reads the file", () => {
    const text = FORMATS.env.text({ ...KEY, caFile: "/my files/$(id).pem" });
    expect(text).toContain("\n# set AWS_CA_BUNDLE yourself, quoted: /my files/$(id).pem\n");
  });
});

test("checksums are said in every format that can, and only where they are asked for", () => {
  expect(formatsWithChecksums()).toEqual(["env", "json", "aws", "mlflow", "airflow"]);
  for (const format of formatsWithChecksums() as Format[]) {
    expect(FORMATS[format].text(KEY), format).not.toContain("when_required");
    expect(FORMATS[format].text({ ...KEY, checksums: "when_required" }), format).toContain("when_required");
  }
});

describe("files of keys", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "bucketworks-keys-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const mode = (path: string) => statSync(path).mode & 0o777;

  test("the one in the checkout is private whatever was there, and holds the newest key", () => {
    const checkout = checkoutAt(root);
    mkdirSync(checkout.keys, { recursive: true, mode: 0o755 });
    writeFileSync(join(checkout.keys, "ada.env"), "old", { mode: 0o644 });
    const file = keepKey(checkout, "dev", KEY, "env");
    expect([file, mode(file), mode(checkout.keys)]).toEqual([join(checkout.keys, "ada.env"), 0o600, 0o700]);
    expect(readFileSync(file, "utf8")).toBe(FORMATS.env.text(KEY));
  });

  test("one stack's never takes the place of another's", () => {
    const checkout = checkoutAt(root);
    const stacks = ["dev", "production", "org/project/dev", ".."];
    const files = stacks.map((stack) => keepKey(checkout, stack, { ...KEY, secretKey: `of-${stack}` }, "json"));
    expect(files.map((file) => relative(checkout.keys, file))).toEqual([
      "ada.json",
      "production/ada.json",
      "org%2Fproject%2Fdev/ada.json",
      "%2E%2E/ada.json",
    ]);
    expect(files.map((file) => JSON.parse(readFileSync(file, "utf8")).secretKey)).toEqual(
      stacks.map((stack) => `of-${stack}`),
    );
    expect(files.map((file) => mode(dirname(file)))).toEqual([0o700, 0o700, 0o700, 0o700]);
  });

  test("what the system refuses is said with path and cure, exit 3; what is there already is wrong use", () => {
    const ending = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return endingOf(error);
      }
      return undefined;
    };
    const long = join(root, "x".repeat(300));
    const refusals = [
      [() => writeNewKey(join(root, "gone", "ada.env"), KEY, "env"), "gone/ada.env", /isn't there.* \(ENOENT\);/],
      [() => writeNewKey(long, KEY, "env"), long, /too long .*use a shorter one/],
      [() => writeAllKeys(join(root, "file", "in"), [KEY], "env"), "file", /\(ENOTDIR\);/],
      [() => keepKey(checkoutAt(join(root, "file")), "dev", KEY, "env"), "file", /\(ENOTDIR\);/],
    ] as const;
    writeFileSync(join(root, "file"), "");
    for (const [run, place, words] of refusals) {
      expect(ending(run)).toEqual({ exitCode: 3, text: expect.stringMatching(words) });
      expect(ending(run)?.text).toContain(place);
    }
    for (const run of [
      () => writeNewKey(join(root, "file"), KEY, "env"),
      () => writeAllKeys(join(root, "file"), [KEY], "env"),
    ]) {
      expect(ending(run)).toEqual({
        exitCode: 2,
        text: expect.stringMatching(/file exists; remove it or choose another/),
      });
    }
  });

  test("a key that can't be written whole leaves no file, and of all of them none", () => {
    const broken = { ...KEY, identity: "zoe", caFile: undefined };
    Object.defineProperty(broken, "secretKey", {
      get: () => {
        throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC", syscall: "write" });
      },
    });
    const folder = join(root, "handover");
    expect(() => writeAllKeys(folder, [KEY, broken], "json")).toThrow(/ENOSPC/);
    expect(readdirSync(folder)).toEqual([]);
    const checkout = checkoutAt(root);
    mkdirSync(join(checkout.keys, "ada.env", "in-the-way"), { recursive: true });
    expect(() => keepKey(checkout, "dev", KEY, "env")).toThrow(/EISDIR|ENOTEMPTY/);
    expect(readdirSync(checkout.keys)).toEqual(["ada.env"]);
  });

  test("each of all is one of its own, and where one exists none is written", () => {
    const folder = join(root, "handover");
    const bob = { ...KEY, identity: "bob" };
    const files = writeAllKeys(folder, [KEY, bob], "json");
    expect(files.map(mode)).toEqual([0o600, 0o600]);
    expect(mode(folder)).toBe(0o700);
    const eve = { ...KEY, identity: "eve" };
    expect(() => writeAllKeys(folder, [eve, bob], "json")).toThrow(/nothing was written, .*bob\.json/);
    expect(() => statSync(join(folder, "eve.json"))).toThrow(/ENOENT/);
  });

  test.each(["../up", "a/b", "ann@x=y,z"])("the identity %s stays in its folder", (identity) => {
    expect(keyFileName(identity, "env")).not.toMatch(/\//);
  });
});

const stack: StackKeys = {
  stack: "dev",
  model: { schemaVersion: 1, stage: "dev", connection: null, platforms: [platform("mlops", "dev")] },
  keys: new Map(["mlops-mlflow", "mlops-mlflow-server", "gone"].map((identity) => [identity, { ...KEY, identity }])),
  imported: ["mlops-serving"],
};

test("an unknown name is told with what is near, an imported one with the way to a new key", () => {
  expect(() => keyOf(stack, "mlops-mlfow")).toThrow(
    /no user or service account mlops-mlfow, .*did you mean mlops-mlflow\?/,
  );
  expect(() => keyOf(stack, "mlops-serving")).toThrow(/imported.* bucketworks key rotate mlops-serving$/);
});

test("a bucket that the stack hasn't is refused with what is near", () => {
  expect(() => requireBucket(stack, "mlops-reports")).not.toThrow();
  expect(() => requireBucket(stack, "mlops-report")).toThrow(
    "key: stack dev has no bucket mlops-report; did you mean mlops-reports?",
  );
});

test("the list says of each key whose it is, and no secret", () => {
  const listed = listedKeys(stack);
  expect(listed.map(({ identity, kind, user }) => [identity, kind, user])).toEqual([
    ["gone", "removed from the specs", undefined],
    ["mlops-mlflow", "user", undefined],
    ["mlops-mlflow-server", "service account", "mlops-mlflow"],
    ["mlops-serving", "user", undefined],
  ]);
  expect(JSON.stringify(listed)).not.toContain("s3cret");
});
