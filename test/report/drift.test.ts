import { expect, test } from "vitest";
import { withoutOthers } from "../../report/drift.ts";
import type { Finding } from "../../scan/finding.ts";

const found = (kind: Finding["kind"], subject: Finding["subject"], platform: string | null): Finding => ({
  ...{ kind, severity: "high", subject, platform, path: "" },
  ...{ expected: null, actual: null, message: "objects are copied to there; no spec asks for it" },
});
const copied = found("unmanaged", { kind: "replication", name: "orders" }, "shop");
const stranger = found("unmanaged", { kind: "user", name: "somebody" }, null);
const gone = found("missing", { kind: "user", name: "ada" }, "shop");

test("of some platforms alone a stranger may be another one's; what was put on their own buckets is theirs", () => {
  expect(withoutOthers([copied, stranger, gone])).toEqual([copied, gone]);
});
