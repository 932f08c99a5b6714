import { expect, test } from "vitest";
import { issuedIn } from "../../cli/key/issued.ts";
import { issuedText } from "../../config/values/key-note.ts";
import type { LiveAccount } from "../../live/live-server.ts";

const account = (accessKey: string, expires: string | null, detail: LiveAccount["detail"]): LiveAccount => ({
  ...{ accessKey, expires, detail },
  user: "ada",
});
const described = (description: string) => ({ value: { enabled: true, policy: null, description } });

test("issued keys are those with the note and an end, the next to end first", () => {
  const accounts = [
    account("LATE", "2026-12-24T00:00:00Z", described(issuedText("review"))),
    account("SOON", "2026-12-01T00:00:00Z", described(issuedText(""))),
    account("ENDLESS", null, described(issuedText("forged"))),
    account("OTHER", "2026-12-01T00:00:00Z", described("by hand")),
  ];
  expect(issuedIn(accounts)).toEqual([
    { accessKey: "SOON", user: "ada", expires: "2026-12-01T00:00:00Z", why: "" },
    { accessKey: "LATE", user: "ada", expires: "2026-12-24T00:00:00Z", why: "review" },
  ]);
});

test("one that can't be looked at, and may be issued, is said and not left out", () => {
  expect(() => issuedIn([account("A", "2026-12-01T00:00:00Z", { reason: "the server went away" })])).toThrow(
    "the server went away",
  );
  expect(issuedIn([account("A", null, { reason: "the server went away" })])).toEqual([]);
});
