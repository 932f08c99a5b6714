import { describe, expect, test } from "vitest";
import { tuningVariables } from "../../builders/minio/variables.ts";
import { layoutFault, setSize } from "../../config/minio-server/layout.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { deploymentFaults } from "../../config/stack/deployment-faults.ts";
import { formatSettingFault } from "../../config/stack/fault.ts";
import { parseStackSettings } from "../../config/stack/parse-settings.ts";

describe("servers and drives", () => {
  test.each([
    [{ servers: 1, drives: 4 }, 4],
    [{ servers: 4, drives: 1 }, 4],
    [{ servers: 4, drives: 4 }, 16],
    [{ servers: 8, drives: 2 }, 16],
    [{ servers: 6, drives: 1 }, 6],
    [{ servers: 16, drives: 2 }, 16],
    [{ servers: 32, drives: 4 }, 16],
  ])("%j: objects are spread over sets of %i drives", (layout, size) => {
    expect(layoutFault(layout)).toBeNull();
    expect(setSize(layout)).toBe(size);
  });

  test("one server with one drive is a server without redundancy", () => {
    expect(layoutFault({ servers: 1, drives: 1 })).toBeNull();
  });

  test.each([
    [{ servers: 2, drives: 4 }, /^2 servers can't lose one and still write: take 1, or 4 and more$/],
    [{ servers: 3, drives: 1 }, /^3 servers can't lose one/],
    [{ servers: 33, drives: 1 }, /^33 servers are more than the 32 of one pool$/],
    [{ servers: 1, drives: 2 }, /^1 servers with 2 drives each make 2 drives, .*: take 1 with 4 each/],
    [{ servers: 17, drives: 1 }, /^17 servers .* take .*18 with 1 each|17 with/],
  ])("%j is explained", (layout, message) => {
    expect(layoutFault(layout)).toMatch(message);
  });
});

describe("what tunes a server", () => {
  const faults = (server: object, more: object = {}) =>
    parseStackSettings({ server: { value: server, isEncrypted: false }, ...more }).faults.map((fault) =>
      formatSettingFault(fault, "lake"),
    );

  test("is each setting in MinIO's words, and nothing where nothing is said", () => {
    const tuning = { scannerSpeed: "slow", directIo: false, gzipObjects: true, requestsMax: 900, driveTimeout: "45s" };
    expect(tuningVariables(MinioServerConfig.parse({ tuning }), "/q")).toEqual({
      MINIO_SCANNER_SPEED: "slow",
      MINIO_API_REQUESTS_MAX: "900",
      MINIO_API_GZIP_OBJECTS: "on",
      MINIO_API_ODIRECT: "off",
      MINIO_DRIVE_MAX_TIMEOUT: "45s",
    });
    expect(tuningVariables(MinioServerConfig.parse({}), "/q")).toEqual({});
    expect(tuningVariables(MinioServerConfig.parse({ prometheusUrl: "http://prometheus:9090" }), "/q")).toEqual({
      MINIO_PROMETHEUS_URL: "http://prometheus:9090",
    });
  });

  test.each([
    [
      "another speed",
      { tuning: { scannerSpeed: "warp" } },
      /server.tuning.scannerSpeed must be one of fastest, fast, default, slow, slowest, got "warp"/,
    ],
    ["no requests at all", { tuning: { requestsMax: 0 } }, /server.tuning.requestsMax must be at least 1, got 0/],
    [
      "a time without a unit",
      { tuning: { driveTimeout: "45" } },
      /server.tuning.driveTimeout must be a time like 30s, 5m or 2h/,
    ],
    ["a name in capitals", { tuning: { siteName: "Riga" } }, /server.tuning.siteName must be lower-case/],
    [
      "a webhook with a user",
      { audit: { url: "https://u:p@siem.example/x" } },
      /server.audit.url must be an http or https URL without user/,
    ],
    ["a webhook with a query", { audit: { url: "https://siem.example/x?token=1" } }, /server.audit.url must be/],
  ])("%s is refused with what is allowed", (_, server, words) => {
    expect(faults(server)).toEqual([expect.stringMatching(words)]);
  });

  test.each([
    ["MINIO_CACHE_DRIVES", { MINIO_CACHE_DRIVES: "/mnt/cache1,/mnt/cache2" }],
    ["MINIO_CACHE_EXCLUDE", { tuning: { MINIO_CACHE_EXCLUDE: "*.pdf,*.mp4" } }],
    ["cacheQuota", { tuning: { cacheQuota: 80 } }],
    ["cache", { cache: { after: 3 } }],
    ["cache", { config: { cache: { watermark_low: 70 } } }],
  ])("M-019, M-064: the drive cache is refused by name, with the reason: %s", (name, server) => {
    const [said = "", ...others] = faults(server);
    expect(others).toEqual([]);
    expect(said).toContain(name);
    expect(said).toMatch(
      /can't be set: MinIO has no drive cache any more: it was removed in October 2023 .*; remove it: pulumi config rm/,
    );
  });

  test("a variable of MinIO's is refused with what it is called here", () => {
    expect(faults({ MINIO_SCANNER_SPEED: "fast" })).toEqual([
      expect.stringMatching(/MINIO_SCANNER_SPEED can't be set: is called bucketworks:server.tuning.scannerSpeed here/),
    ]);
  });

  test("the webhook's token: only where a server can be given it, encrypted, and over TLS outside dev", () => {
    const audit = { url: "http://siem.example/x" };
    const parsed = (isEncrypted: boolean, server: object = { audit }) =>
      parseStackSettings({
        target: { value: "kubernetes", isEncrypted: false },
        server: { value: server, isEncrypted: false },
        auditToken: { value: "canary-token", isEncrypted },
      });
    const told = (...args: Parameters<typeof parsed>) =>
      deploymentFaults(parsed(...args).settings, "production", "stack")
        .filter(({ message }) => /audit/i.test(message))
        .map(({ message }) => message);
    expect(told(true)).toEqual([
      expect.stringMatching(/audit.url is an http URL: the token would travel in plaintext/),
    ]);
    expect(told(false)).toEqual([expect.stringMatching(/auditToken stands in plaintext/)]);
    expect(told(true, {})).toEqual([expect.stringMatching(/auditToken is set, and the server tells no webhook/)]);
    expect(told(true, { audit: { url: "https://siem.example/x" } })).toEqual([]);
    expect(faults({ audit }, { auditToken: { value: "canary-token", isEncrypted: true } })).toEqual([
      expect.stringMatching(/^bucketworks:auditToken is set, and only target kubernetes can hand it to a server/),
    ]);
  });
});

describe("bucketworks:server", () => {
  test("needs nothing: four servers of one drive, in the namespace and under the name that the platforms' programs look for (CS-038, U-076)", () => {
    expect(parseStackSettings({}).settings.server).toMatchObject({
      namespace: "mlops",
      name: "minio",
      service: "minio-service",
      servers: 4,
      drives: 1,
      tls: { from: "none" },
    });
  });

  test("says what scan expects of the server's own configuration: numbers, yes and no as MinIO writes them, no secrets", () => {
    const config = {
      api: { root_access: false, object_max_versions: 10 },
      "notify_amqp:a.b": { url: "amqp://u:p@h:5672", durable: true },
      identity_openid: { config_url: "https://i/x?secret=1" },
    };
    expect(MinioServerConfig.parse({ config }).config).toEqual({
      api: { root_access: "off", object_max_versions: "10" },
      "notify_amqp:a.b": { url: "amqp://h:5672", durable: "on" },
      identity_openid: { config_url: "https://i/x" },
    });
  });

  test("names of the requirements are possible (U-076): Service minio-service in namespace mlops", () => {
    const names = { namespace: "mlops", service: "minio-service" };
    expect(MinioServerConfig.parse(names)).toMatchObject(names);
  });

  test.each([
    [
      { config: { policy_plugn: { url: "http://o" } } },
      /^bucketworks:server\.config\.policy_plugn is nothing that scan looks at, allowed are api, scanner, .*; did you mean policy_plugin\?; remove it: pulumi config rm --stack \S+ --path 'bucketworks:server\.config\.policy_plugn'$/,
    ],
    [
      { config: { "policy_plugin:two": { url: "http://o" } } },
      /^bucketworks:server\.config\["policy_plugin:two"\] is nothing that scan looks at/,
    ],
    [
      { config: { "audit_webhook:siem": { endpoint: "http://s", auth_token: "canary" } } },
      /^(?!.*canary)bucketworks:server\.config\["audit_webhook:siem"\]\.auth_token is a secret or may hold one.*; remove it: /,
    ],
    [
      { config: { api: { requests_max: 5 } } },
      /^bucketworks:server\.config\.api\.requests_max is no setting that scan looks at, allowed are cors_allow_origin, root_access/,
    ],
    [
      { config: { api: { cors_allow_origin: ["a"] } } },
      /^bucketworks:server\.config\.api\.cors_allow_origin must be text, a number, true or false/,
    ],
    [{ servers: 3 }, /^bucketworks:server\.servers 3 servers can't lose one/],
    [{ namespace: "ML_Ops" }, /^bucketworks:server\.namespace must be a name of Kubernetes/],
    [{ image: "minio/minio" }, /^bucketworks:server\.image must name a tag or a digest/],
    [{ image: "minio/minio:latest" }, /must name one version, not latest/],
    [
      { image: "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z" },
      /^bucketworks:server\.image is quay\S+, a server that accepts forged requests \(CVE-2026-41145, CVE-2026-40344; docs\/servers\.md\); take docker\.io\/pgsty\/silo:RELEASE\.\S+, or/,
    ],
    [
      { monitoringLabels: { release: "kube prometheus" } },
      /^bucketworks:server\.monitoringLabels\.release must be the value of a label: .*, got "kube prometheus"; set it again: pulumi/,
    ],
    [
      { monitoringLabels: { "re lease": "x" } },
      /^bucketworks:server\.monitoringLabels\["re lease"\] must be the name of a label/,
    ],
    [{ driveSize: "ten" }, /^bucketworks:server\.driveSize must be a quantity/],
    [
      { driveSizes: "4Gi" },
      /^bucketworks:server\.driveSizes is an unknown key, allowed are namespace, .*; did you mean driveSize\? remove it: /,
    ],
    [
      { tls: { from: "cert-manager", issuers: "x", issuer: "x" } },
      /^bucketworks:server\.tls\.issuers is an unknown key, allowed are from, issuer, issuerKind; did you mean issuer\?/,
    ],
    [{ servers: "four" }, /^bucketworks:server\.servers must be a number, got "four"/],
    [{ drives: 0 }, /^bucketworks:server\.drives must be more than 0, got 0/],
    [{ tls: { from: "file" } }, /^bucketworks:server\.tls\.from must be one of none, secret, cert-manager, got "file"/],
    [{ tls: { from: "cert-manager" } }, /^bucketworks:server\.tls\.issuer /],
    [{ staleUploadsExpiry: "1d" }, /must be hours like 24h/],
  ])("%j is refused in one sentence with the command that fixes it", (given, message) => {
    const faults = parseStackSettings({ server: { value: given, isEncrypted: false } }).faults;
    const lines = faults.map((fault) => formatSettingFault(fault, "lake"));
    expect(lines[0]).toMatch(message);
    expect(lines[0]).toMatch(/; .*pulumi config (set|rm) --stack lake --path 'bucketworks:server\./);
  });
});
