import { expect, test } from "vitest";
import { serverSource } from "../../../config/stack/server-choice.ts";

test.each([
  ["dev", { stack: false, local: true }, "local"],
  ["dev", { stack: true, local: true }, "stack"],
  ["dev", { stack: false, local: false }, "spec"],
  ["production", { stack: false, local: true }, "stack"],
  ["production", { stack: false, local: false }, "stack"],
  ["staging", { stack: false, local: true }, "stack"],
] as const)("the server of a stack of stage %s with %j is said by: %s", (stage, has, source) => {
  expect(serverSource(stage, has)).toBe(source);
});
