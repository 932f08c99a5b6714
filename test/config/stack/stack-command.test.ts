import { expect, test } from "vitest";
import { forStack } from "../../../config/stack/stack-command.ts";

test.each([
  ["pulumi config set bucketworks:target external", "pulumi config set --stack lake bucketworks:target external"],
  [
    "echo KEY | pulumi config set --secret bucketworks:kmsKey, or pulumi config rm bucketworks:kmsKey",
    "echo KEY | pulumi config set --stack lake --secret bucketworks:kmsKey, or pulumi config rm --stack lake bucketworks:kmsKey",
  ],
  [
    "pulumi config set --path --stack old bucketworks:a 1, then pulumi config set bucketworks:b 2",
    "pulumi config set --path --stack old bucketworks:a 1, then pulumi config set --stack lake bucketworks:b 2",
  ],
  ["nothing to set", "nothing to set"],
])("%s, for the stack lake", (text, expected) => {
  expect(forStack(text, "lake")).toBe(expected);
});
