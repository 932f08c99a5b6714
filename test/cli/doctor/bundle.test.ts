import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entriesOf, settings, stateShape } from "../../../cli/doctor/bundle/entries.ts";
import { maskerOf } from "../../../cli/doctor/bundle/masking.ts";
import { environmentSecrets, secretsOf } from "../../../cli/doctor/bundle/secrets.ts";
import { contextOf } from "../../../cli/doctor/context.ts";
import { ROOT } from "../../support/cli.ts";

test("secrets of the environment are known by the variable's name, and in URLs whatever the variable", () => {
  const found = environmentSecrets({
    MY_PASSWORD: "one-secret",
    API_TOKEN: "two-secret",
    MINIO_ROOT_PASSWORD_FILE: "/run/secrets/password",
    HTTPS_PROXY: "http://me:three-secret@proxy:8080",
    HOOK: "call https://example.com/?token=four-secret&n=1 now",
    GIT: "https://five-secret@github.com/x",
    HOME: "/home/me",
  });
  expect(found.filter(Boolean).sort()).toEqual([
    "five-secret",
    "four-secret",
    "one-secret",
    "three-secret",
    "two-secret",
  ]);
});

test("the password of a URL is known as it was written, as a URL has it, and decoded", () => {
  const found = environmentSecrets({ A: "http://me:pa|ss%24word@proxy:8080", B: "https://to|ken-of-one@github.com/x" });
  for (const each of ["pa|ss%24word", "pa%7Css%24word", "pa|ss$word", "to|ken-of-one"]) expect(found).toContain(each);
  expect(maskerOf(ROOT, found)("lost https://to|ken-of-one@github.com/x")).toBe("lost https://***@github.com/x");
});

test("a known secret is masked as it is, quoted, and within a longer one; what has the form of one is masked unknown", () => {
  const mask = maskerOf(ROOT, ['a"quoted"secret', "long-secret-of-two", "long-secret"]);
  expect(mask('x a"quoted"secret long-secret-of-two long-secret')).toBe("x *** *** ***");
  expect(mask(JSON.stringify({ m: 'a"quoted"secret' }))).toBe('{"m":"***"}');
  expect(mask("password=unknown-one\nfine")).toBe("password=***\nfine");
  expect(mask("a\n-----BEGIN EC PRIVATE KEY-----\nMIGH\n-----END EC PRIVATE KEY-----\nb")).toBe("a\n***\nb");
  expect(mask("cut off\n-----BEGIN PRIVATE KEY-----\nMIGH")).toBe("cut off\n***");
});

test("of encrypted settings only their names are told", () => {
  const root = mkdtempSync(join(tmpdir(), "doctor settings "));
  try {
    const own = ["  bucketworks:stage: dev", "  bucketworks:rootPassword:", "    secure: v1:abc:def"];
    const list = ["  bucketworks:alerts:", "    - secure: v1:ghi:jkl"];
    writeFileSync(
      join(root, "Pulumi.dev.yaml"),
      ["encryptionsalt: v1:salt", "config:", ...own, ...list, ""].join("\n"),
    );
    const shown = settings(root, "dev");
    expect(shown).toContain("bucketworks:rootPassword");
    expect(shown).not.toMatch(/v1:/);
    expect(settings(root, "none")).toContain("has no settings");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("a state's shape has names and kinds, and nothing that a resource holds", () => {
  const resource = { urn: "urn:x", type: "t", id: "ID", inputs: { a: "INPUT" }, outputs: { b: "OUTPUT" } };
  const latest = { resources: [resource], pending_operations: [{ type: "creating", resource }] };
  const shape = JSON.stringify(stateShape(JSON.stringify({ version: 3, checkpoint: { latest } })));
  expect(shape).toContain("urn:x");
  expect(shape).not.toMatch(/ID"|INPUT|OUTPUT/);
  expect(stateShape("{cut")).toEqual({ state: "no JSON", bytes: 4 });
  expect(stateShape(undefined)).toEqual({ state: "none in files" });
});

test("what can't be read says why in its place, and what can't be asked for its secrets is named", async () => {
  const root = mkdtempSync(join(tmpdir(), "doctor bundle "));
  try {
    for (const name of ["package.json", "toolchain", "config", "docs", "Pulumi.yaml", "Pulumi.dev.yaml"])
      cpSync(join(ROOT, name), join(root, name), { recursive: true });
    mkdirSync(join(root, ".bucketworks/state/.pulumi/stacks/bucketworks/dev.json"), { recursive: true });
    writeFileSync(join(root, ".bucketworks/services"), "a file where a folder was");
    mkdirSync(join(root, ".bucketworks/pulumi-home"));
    writeFileSync(join(root, ".bucketworks/pulumi-home/logs"), "no folder either");
    const entries = entriesOf(contextOf({ root, stage: "dev", env: {}, identities: false }), []);
    expect(entries["logs/services"]).toBe("a file where a folder was");
    expect(JSON.parse(entries["state-shape.json"] ?? "")).toEqual({ unknown: expect.stringContaining("dev.json") });
    const { unknown } = await secretsOf(contextOf({ root, stage: "dev", env: {}, identities: false }));
    expect(unknown).toEqual([
      expect.stringMatching(/^files of the checkout: .*services/),
      "settings of the stack: Pulumi isn't there to ask",
      "keys of identities: Pulumi isn't there to ask",
    ]);
    expect(JSON.parse(entries["versions.json"] ?? "")).toHaveProperty("bucketworks");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
