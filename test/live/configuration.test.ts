import { expect, test } from "vitest";
import { configurationIn } from "../../live/configuration.ts";

const read = (...lines: string[]) => Object.fromEntries(configurationIn(`${lines.join("\n")}\n`) ?? []);

test("what is on, off, and turned on by the environment alone is told apart", () => {
  const found = read(
    "api cors_allow_origin=* root_access=on ",
    "# compression enable=off allow_encryption=off ",
    "# notify_webhook enable=off endpoint= ",
    "notify_webhook:one endpoint=http://n ",
    "# MINIO_POLICY_PLUGIN_URL=http://opa",
    "# policy_plugin url= enable_http2=off ",
    "# MINIO_LOGGER_WEBHOOK_ENDPOINT=http://not-enabled",
    "# logger_webhook enable=off endpoint= ",
    "# MINIO_AUDIT_WEBHOOK_ENABLE_the-siem=on",
    "# MINIO_AUDIT_WEBHOOK_ENDPOINT_the-siem=http://e?a=b",
    "audit_webhook:the-siem ",
    "# MINIO_NOTIFY_NATS_ENABLE=off",
    "notify_nats address=n:4222 ",
    "# identity_ldap server_addr= ",
    "identity_tls skip_verify=off ",
  );
  const on = Object.keys(found).filter((name) => found[name]?.on);
  expect(on).toEqual(["api", "notify_webhook:one", "policy_plugin", "audit_webhook:the-siem", "identity_tls"]);
  expect(found.policy_plugin?.variables).toEqual({ url: "MINIO_POLICY_PLUGIN_URL" });
  expect(found["audit_webhook:the-siem"]).toMatchObject({
    values: { enable: "on", endpoint: "http://e" },
    variables: { endpoint: "MINIO_AUDIT_WEBHOOK_ENDPOINT_the-siem" },
  });
});

test("a variable wins over what is stored", () => {
  const { api } = read("# MINIO_API_ROOT_ACCESS=off", "api root_access=on cors_allow_origin=http://a ");
  expect(api?.values).toEqual({ root_access: "off", cors_allow_origin: "http://a" });
});

test("values with blanks and quotes in them end where they end", () => {
  const { identity_openid } = read(
    'identity_openid config_url=http://i comment="say "hi"" scopes="openid profile" role_policy=readonly ',
  );
  expect(identity_openid?.values).toMatchObject({ scopes: "openid profile", role_policy: "readonly" });
});

test("a comment that passes itself off as a setting hides none: the text can't be read then", () => {
  expect(configurationIn('policy_plugin url=http://opa comment="x" url="" ')).toBeUndefined();
  expect(configurationIn('audit_webhook comment="x" enable="off" enable=off endpoint=http://e ')).toBeUndefined();
  expect(configurationIn('policy_plugin url=http://opa auth_token="x" enable="off" enable_http2=off ')).toBeUndefined();
  expect(configurationIn('identity_openid config_url=http://i display_name="x" enable="off" ')).toBeUndefined();
});

test("secrets are in no value: neither those of their own nor those in a URL, nor in a variable", () => {
  const text = JSON.stringify(
    read(
      "# MINIO_POLICY_PLUGIN_AUTH_TOKEN=CANARY",
      "# MINIO_POLICY_PLUGIN_URL=https://user:CANARY@opa/v1?token=CANARY",
      'policy_plugin url= auth_token="Bearer CANARY" ',
      "identity_openid config_url=http://i client_id=me client_secret=CANARY ",
      "identity_ldap server_addr=l lookup_bind_dn=cn=x lookup_bind_password=CANARY ",
      'notify_postgres connection_string="host=h password=CANARY" table=t ',
      "notify_mysql dsn_string=root:CANARY@tcp(h)/db table=t ",
      "notify_amqp url=amqp://u:CANARY@h:5672 exchange=x ",
      "notify_redis address=h:1 key=k password=CANARY ",
      "notify_nats address=h token=CANARY client_key=CANARY ",
      "audit_kafka brokers=h:1 sasl_password=CANARY ",
      "notify_mqtt broker=tcp://u:CAN,CANARY@h:1883 topic=t ",
      "logger_webhook endpoint=https://h/a,b?sig=abc,CANARY ",
      "audit_webhook endpoint=https://a?x=CANARY,https://u:CANARY@b/c ",
      "notify_elasticsearch url=http://h nkey_seed=CANARY ",
      "subnet license=CANARY api_key=CANARY proxy=http://u:CANARY@h ",
    ),
  );
  expect(text).not.toContain("CANARY");
  expect(text).toContain("amqp://h:5672");
  expect(text).toContain("https://opa/v1");
  expect(text).toContain("https://a,https://b/c");
});

test("a text of another form is no configuration", () => {
  expect(configurationIn("<html>hello</html>")).toBeUndefined();
  expect(configurationIn('{"policy_plugin": {}}')).toBeUndefined();
});
