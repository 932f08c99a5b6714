import { describe, expect, test } from "vitest";
import type { DeclaredConfiguration } from "../../config/minio-server/configuration.ts";
import { configurationIn } from "../../live/configuration.ts";
import { configurationFindings } from "../../scan/compare/configuration.ts";

function found(text: string, declared: DeclaredConfiguration = {}): string[] {
  const live = configurationIn(text);
  if (live === undefined) throw new Error("it is one");
  return configurationFindings(declared, live).map(({ severity, kind, subject, path }) =>
    `${severity} ${kind} ${subject.name} ${path}`.trim(),
  );
}

function message(text: string): string | undefined {
  return configurationFindings({}, configurationIn(text) ?? new Map())[0]?.message;
}

describe("where nobody declared anything, MinIO's own defaults are expected:", () => {
  test.each<[string, string, string[]]>([
    ["a plugin that decides who may", "policy_plugin url=http://o ", ["critical unmanaged policy_plugin"]],
    ["the plugin of old", "policy_opa url=http://o ", ["critical unmanaged policy_opa"]],
    ["an OpenID provider", "identity_openid:two config_url=http://i ", ["high unmanaged identity_openid:two"]],
    ["LDAP", "identity_ldap server_addr=l:636 ", ["high unmanaged identity_ldap"]],
    ["a plugin of identities", "identity_plugin url=http://i ", ["high unmanaged identity_plugin"]],
    ["certificates of clients", "identity_tls skip_verify=off ", ["high unmanaged identity_tls"]],
    ["etcd", "etcd endpoints=http://e:2379 ", ["high unmanaged etcd"]],
    ["an audit of requests by Kafka", "audit_kafka brokers=k:9092 topic=t ", ["high unmanaged audit_kafka"]],
    ["logs sent away", "logger_webhook:x endpoint=http://l ", ["high unmanaged logger_webhook:x"]],
    ["events told to a database", "notify_postgres:p table=t ", ["medium unmanaged notify_postgres:p"]],
    ["a function on the way to a client", "lambda_webhook:f endpoint=http://f ", ["medium unmanaged lambda_webhook:f"]],
    ["reports to the maker", "callhome frequency=24h ", ["medium unmanaged callhome"]],
    ["other origins", "api cors_allow_origin=https://a ", ["medium changed api cors_allow_origin"]],
    ["root locked out", "api root_access=off ", ["medium changed api root_access"]],
    ["uploads kept for ever", "api stale_uploads_expiry=8760h ", ["medium changed api stale_uploads_expiry"]],
    ["fewer versions", "api object_max_versions=10 ", ["medium changed api object_max_versions"]],
    ["a slow scanner", "scanner speed=slowest ", ["low changed scanner speed"]],
    [
      "compression",
      "compression allow_encryption=on ",
      ["low changed compression enable", "medium changed compression allow_encryption"],
    ],
    ["fewer copies", "storage_class standard=EC:0 rrs=EC:1 ", ["high changed storage_class standard"]],
  ])("%s", (_, text, expected) => {
    expect(found(text).sort()).toEqual([...expected].sort());
  });

  test.each([
    ["what is off", "# identity_openid enable=off config_url=http://o "],
    ["what tunes speed", "api requests_max=5 odirect=off "],
    ["the default in other words", "api cors_allow_origin= stale_uploads_expiry=24h0m0s "],
    ["what a server leaves out", "site name= region= "],
  ])("%s is no finding", (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe("what is declared is expected:", () => {
  const audit = "audit_webhook:siem endpoint=https://siem/x batch_size=5 ";
  const openid = "identity_openid config_url=http://i client_id=me claim_name=policy role_policy=readonly ";

  test.each<[string, string, DeclaredConfiguration, string[]]>([
    ["as it is", audit, { "audit_webhook:siem": { endpoint: "https://siem/x" } }, []],
    [
      "that it is there alone leaves where it leads open to view",
      audit,
      { "audit_webhook:siem": {} },
      ["high changed audit_webhook:siem endpoint"],
    ],
    [
      "another place",
      audit,
      { "audit_webhook:siem": { endpoint: "https://other" } },
      ["high changed audit_webhook:siem endpoint"],
    ],
    [
      "it is off",
      `# ${audit.replace(" endpoint", " enable=off endpoint")}`,
      { "audit_webhook:siem": { endpoint: "https://siem/x" } },
      ["medium missing audit_webhook:siem"],
    ],
    ["it isn't there", "api root_access=on ", { policy_plugin: { url: "http://o" } }, ["high missing policy_plugin"]],
    [
      "a right that nobody declared",
      openid,
      { identity_openid: { config_url: "http://i", client_id: "me" } },
      ["high changed identity_openid role_policy"],
    ],
    ["two origins in any order", "api cors_allow_origin=b,a ", { api: { cors_allow_origin: "a,b" } }, []],
    [
      "one origin more",
      "api cors_allow_origin=a,b ",
      { api: { cors_allow_origin: "a" } },
      ["high changed api cors_allow_origin"],
    ],
    [
      "every origin",
      "api cors_allow_origin=* ",
      { api: { cors_allow_origin: "a" } },
      ["high changed api cors_allow_origin"],
    ],
    [
      "root may come in again",
      "api root_access=on ",
      { api: { root_access: "off" } },
      ["high changed api root_access"],
    ],
  ])("%s", (_, text, declared, expected) => {
    expect(found(text, declared)).toEqual(expected);
  });
});

describe("each finding says what is so and what to do:", () => {
  test("by a command, with a restart where the server needs one", () => {
    expect(message("policy_plugin url=http://o ")).toBe(
      "is on (url http://o): it decides who may do what, whatever the policies say; mc admin config reset ALIAS policy_plugin, then mc admin service restart ALIAS, or declare it in bucketworks:server.config (docs/drift.md)",
    );
    expect(message("api cors_allow_origin=https://a ")).toBe(
      `cors_allow_origin: expected "*", is "https://a"; mc admin config set ALIAS api 'cors_allow_origin=*', or declare it in bucketworks:server.config (docs/drift.md)`,
    );
  });

  test("of what is declared and not there, by the command that sets what is declared", () => {
    const [missing] = configurationFindings({ "notify_nats:a": { address: "n:1", subject: "a b" } }, new Map());
    expect(missing?.message).toContain(
      "; mc admin config set ALIAS notify_nats:a address=n:1 'subject=a b', then mc admin service restart ALIAS, with its",
    );
  });

  test("by the variables that decide: no command changes them", () => {
    const text = "# MINIO_NOTIFY_NATS_ENABLE_a=on\n# MINIO_NOTIFY_NATS_ADDRESS_a=n:1\nnotify_nats:a \n";
    expect(message(text)).toContain(
      "take away MINIO_NOTIFY_NATS_ENABLE_a, MINIO_NOTIFY_NATS_ADDRESS_a and start it again",
    );
    expect(message("# MINIO_API_ROOT_ACCESS=off\napi root_access=on \n")).toContain(
      "set MINIO_API_ROOT_ACCESS=on and start",
    );
  });

  test("a name of a target is one word of the command", () => {
    expect(message("notify_nats:$(x) address=n ")).toContain("reset ALIAS 'notify_nats:$(x)'");
  });
});
