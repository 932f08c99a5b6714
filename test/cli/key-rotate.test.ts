import { expect, test } from "vitest";
import { CommandError } from "../../cli/ending/exit.ts";
import { requireDeclared } from "../../cli/key/declared.ts";
import { outcomeLines, type RotationOutcome } from "../../cli/key/outcome.ts";
import type { ResolvedModel } from "../../config/model.ts";

const access = {
  policies: [],
  groups: [],
  users: [{ name: "ada", policies: [], groups: [] }],
  serviceAccounts: [{ name: "job", user: "ada", policies: [] }],
};
const model = { stage: "dev", platforms: [{ access }] } as unknown as ResolvedModel;

test("an identity that the specs declare as what it is may be rotated", () => {
  expect(() => requireDeclared(model, { identity: "ada", kind: "user" }, "dev")).not.toThrow();
  expect(() => requireDeclared(model, { identity: "job", kind: "service account" }, "dev")).not.toThrow();
});

test.for([
  ["gone", "user"],
  ["gone", "service account"],
  ["job", "user"],
  ["ada", "service account"],
] as const)("%s, %s, that no spec declares, is refused: a rotation would delete it", ([identity, kind]) => {
  const rotate = () => requireDeclared(model, { identity, kind }, "production");
  expect(rotate).toThrow(CommandError);
  expect(rotate).toThrow(expect.objectContaining({ exitCode: 2 }));
  expect(rotate).toThrow(/^key rotate: nothing was changed: .*pulumi up --stack production$/);
});

const DONE: RotationOutcome = {
  identity: "ada",
  kind: "user",
  stack: "production",
  endpoint: "https://store.example",
  isInOutputs: true,
  hasEndedSessions: true,
  failure: undefined,
};

test("a rotation says that secret and sessions have ended, and how the new key is handed over", () => {
  expect(outcomeLines(DONE).slice(0, 2)).toEqual([
    "ada has a new key on https://store.example; the old secret and every session of it have ended",
    "get it: bin/bucketworks key show ada --stack production",
  ]);
});

test("a server that can't end sessions is named as such, and nobody is told to run it again", () => {
  const text = outcomeLines({ ...DONE, hasEndedSessions: false }).join("\n");
  expect(text).toMatch(/the server at https:\/\/store.example has no call that ends sessions.*end by expiry/);
  expect(text).not.toMatch(/run it again|every session/);
});

test("an update that failed behind the new secret says what has ended, and what finishes it", () => {
  const late = outcomeLines({ ...DONE, isInOutputs: false, failure: "disk full" });
  expect(late.slice(0, 3)).toEqual([
    "the old secret and every session of it have ended on https://store.example",
    "but pulumi up of stack production failed after that; fix the cause, then run it again\ndisk full",
    "the stack's outputs don't have the new key of ada yet; after that, get it: bin/bucketworks key show ada --stack production",
  ]);
  expect(outcomeLines({ ...DONE, failure: "disk full" })[2]).toMatch(/^get it: /);
});
