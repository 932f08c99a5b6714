import { describe, expect, test } from "vitest";
import type { Answer } from "../../../live/request.ts";
import { verdictOf } from "../../../verify/forged/verdict.ts";

const error = (code: string) => `<Error><Code>${code}</Code></Error>`;

describe("an answer to a forged request is", () => {
  test.each<[string, Answer]>([
    ["a request that the server doesn't know", { status: 501, body: error("NotImplemented") }],
    ["the same without a code", { status: 501, body: "" }],
    ["the same with another status", { status: 400, body: error("NotImplemented") }],
    ...[400, 401, 403, 405, 411].map(
      (status) => [`${status} in a proxy's words`, { status, body: "<html>no</html>" }] as [string, Answer],
    ),
    ["a signature that is wanted", { status: 403, body: error("SignatureDoesNotMatch") }],
  ])("closed for %s", (_, answer) => {
    for (const hole of ["unsigned trailer", "snowball", "unsigned copy source"] as const) {
      expect(verdictOf(hole, answer)).toBe("closed");
    }
  });

  test.each([
    ["unsigned trailer", { status: 400, body: error("XAmzContentChecksumMismatch") }],
    ["unsigned trailer", { status: 404, body: error("NoSuchUpload") }],
    ["unsigned trailer", { status: 200, body: "" }],
    ["snowball", { status: 200, body: "" }],
    ["unsigned copy source", { status: 404, body: error("NoSuchKey") }],
    ["unsigned copy source", { status: 200, body: "<CopyObjectResult/>" }],
  ] as const)("open by %s for %j: the mistake in the request was seen, or it was carried out", (hole, answer) => {
    expect(verdictOf(hole, answer)).toBe("open");
  });

  test.each([
    { status: 404, body: "<html>not found</html>" },
    { status: 429, body: "slow down" },
    { status: 301, body: "" },
    { status: 400, body: error("SomethingElse") },
  ])("unclear for $status $body", (answer) => {
    expect(verdictOf("unsigned trailer", answer)).toBe("unclear");
  });
});
