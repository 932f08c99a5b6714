import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CommandError, EXIT } from "../../../cli/ending/exit.ts";
import { Interrupted } from "../../../cli/ending/signals.ts";
import { engineFailure } from "../../../cli/local/stack/deploy.ts";
import { followedBy } from "../../../cli/local/stack/followed-by.ts";

const unwritable = async (): Promise<void> => writeFileSync("/dev/null/managed-buckets.json", "");
const FAULT = /managed-buckets\.json: something on this path is a file where a folder must be \(ENOTDIR\)/;

test("what an engine answered isn't hidden by a file that can't be written afterwards", async () => {
  const { result, fault } = await followedBy(async () => ({ code: 255 }), unwritable);
  expect(result).toEqual({ code: 255 });
  expect(fault).toMatch(FAULT);
  const { message, exitCode } = engineFailure("up", 255, {
    complaints: ["no such policy"],
    away: false,
    unremembered: fault,
  });
  const [head, complaint, last] = message.split("\n");
  expect([head, complaint]).toEqual(["pulumi up of stack dev failed", "no such policy"]);
  expect(last).toMatch(FAULT);
  expect(exitCode).toBe(EXIT.findings);
});

test("an engine that did its work is said to have, and the command fails for what wasn't written", () => {
  const { message, exitCode } = engineFailure("up", 0, {
    complaints: [],
    away: false,
    unremembered: "no space is left",
  });
  expect(message).toBe(
    "pulumi up of stack dev is done, but the list of the stack's buckets could not be saved: no space is left",
  );
  expect(exitCode).toBe(EXIT.couldNotLook);
});

test.each([
  ["an interruption, by its signal", new Interrupted("SIGTERM", "the engine has ended"), { signal: "SIGTERM" }],
  ["a fault of the command, by its exit code", new CommandError("no pulumi", EXIT.wrongUse), { exitCode: 2 }],
])("%s stays what it was, with the sentence as its last line", async (_, thrown, kept) => {
  const said = thrown.message;
  const error = await followedBy(() => Promise.reject(thrown), unwritable).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(thrown.constructor);
  expect(error).toMatchObject(kept);
  const [first, last] = (error as Error).message.split("\n");
  expect(first).toBe(said);
  expect(last).toMatch(FAULT);
});

test("where nothing goes wrong afterwards an error is thrown as it is", async () => {
  const thrown = new Interrupted("SIGINT");
  await expect(
    followedBy(
      () => Promise.reject(thrown),
      async () => undefined,
    ),
  ).rejects.toBe(thrown);
});
