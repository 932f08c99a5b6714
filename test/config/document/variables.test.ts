// biome-ignore-all lint/suspicious/noTemplateCurlyInString: specs are written in this form
import { describe, expect, test } from "vitest";
import { faultsOf, judgeTexts } from "../../support/spec.ts";

const config = (endpoint: string, more = ""): string => `minio_config:\n  endpoint: ${endpoint}\n${more}`;

function connectionOf(text: string, env: Record<string, string>) {
  const { views, issues } = judgeTexts({ "a.yaml": text }, { env });
  expect(issues).toEqual([]);
  return views[0]?.spec.minio_config;
}

describe("a variable in minio_config", () => {
  test("takes its default, colons and all (U-039)", () => {
    expect(connectionOf(config("${MINIO_ENDPOINT:-localhost:9000}"), {})?.endpoint).toBe("localhost:9000");
  });

  test("takes the environment's value before its default", () => {
    const env = { MINIO_ENDPOINT: "minio-service:9000" };
    expect(connectionOf(config("${MINIO_ENDPOINT:-localhost:9000}"), env)?.endpoint).toBe("minio-service:9000");
  });

  test("takes its default where the environment's value is empty, as in a shell", () => {
    expect(connectionOf(config("${HOST:-localhost}:${PORT:-9000}"), { HOST: "", PORT: "9010" })?.endpoint).toBe(
      "localhost:9010",
    );
  });

  test("makes a switch of true and false, and only of secure", () => {
    const text = config("minio:9000", "  secure: ${TLS:-false}\n  region: ${REGION}\n");
    expect(connectionOf(text, { REGION: "true" })).toEqual({ endpoint: "minio:9000", secure: false, region: "true" });
  });

  test("is put into parsed text, so that its value can't add keys", () => {
    const env = { EVIL: "minio:9000\n  secret_key: stolen" };
    expect(faultsOf(config("${EVIL}"), { env })).toEqual([
      '2:13 endpoint minio_config.endpoint: must be host:port, got "minio:9000\\n  secret_key: stolen" (from EVIL); write for example localhost:9000',
    ]);
  });

  test("works in an overlay's minio_config too", () => {
    const text = `${config("minio:9000")}environments:\n  test:\n    minio_config: {endpoint: "\${OTHER}"}\n`;
    const { views } = judgeTexts({ "a.yaml": text }, { env: { OTHER: "other:9000" }, stage: "test" });
    expect(views[0]?.spec.minio_config?.endpoint).toBe("other:9000");
  });

  test("is named with its value where the value is wrong", () => {
    const env = { TLS: "maybe" };
    expect(faultsOf(config("minio:9000", "  secure: ${TLS}\n"), { env })).toEqual([
      '3:11 wrong-type minio_config.secure: must be true or false, got "maybe" (from TLS); write true or false',
    ]);
    expect(faultsOf(config("${SERVER}"), { env: { SERVER: "http://minio:9000" } })[0]).toContain(
      'without a scheme, got "http://minio:9000" (from SERVER); write',
    );
  });

  test("a secret's value is in no message", () => {
    const env = { KEY: "ab", SECRET: "sh0rt" };
    const faults = faultsOf(config("minio:9000", "  access_key: ${KEY}\n  secret_key: ${SECRET}\n"), { env });
    expect(faults).toHaveLength(2);
    expect(faults.join("\n")).not.toMatch(/sh0rt|"ab"/);
  });
});
