import { sarifMessage } from "../../config/text/json.ts";
import { plainText } from "../../config/text/plain.ts";
import { type Finding, KINDS, type Severity, SUBJECTS } from "../finding.ts";
import type { ScanReport } from "./report.ts";
import { allOf } from "./text.ts";

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};

/** As GitHub sorts by: 9 and up is critical, 7 high, 4 medium. */
const SCORES: Readonly<Record<Severity, string>> = { critical: "9.5", high: "8.0", medium: "5.0", low: "2.0" };

/**
 * The report as a SARIF 2.1.0 log. A finding has no line in a file: its place is the platform's spec, or the URL of the
 * server; its identity is what `fingerprints` says.
 * @param platformsDir folder of the platform files, from the project's root
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifReport(report: ScanReport, version: string, platformsDir: string): object {
  const ids = [...new Set(report.findings.map(ruleId))].sort();
  const notifications = report.notLooked.map(({ subject, reason }) => ({
    level: "error",
    message: {
      text: sarifMessage(
        `could not look at ${subject.name === null ? allOf(subject.kind) : `${subject.kind} ${subject.name}`}: ${reason}`,
      ),
    },
  }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "bucketworks scan", semanticVersion: version, rules: ids.map((id) => rule(id, report)) },
        },
        automationDetails: { id: `bucketworks-scan/${report.stage}/` },
        invocations: [{ executionSuccessful: notifications.length === 0, toolExecutionNotifications: notifications }],
        properties: {
          ...{ server: report.server, stage: report.stage, ignored: report.ignored },
          configurationLookedAt: report.looked.configuration,
        },
        results: report.findings.map((each) => result(each, ids, platformsDir)),
      },
    ],
  };
}

function ruleId({ kind, subject }: Finding): string {
  return `${kind}-${subject.kind.replaceAll(" ", "-")}`;
}

function rule(id: string, { findings }: ScanReport): object {
  const own = findings.filter((each) => ruleId(each) === id);
  const worst = own[0]?.severity ?? "low";
  const [kind] = KINDS.filter((each) => id.startsWith(`${each}-`));
  const subject = SUBJECTS.find((each) => id === `${kind}-${each.replaceAll(" ", "-")}`);
  return {
    id,
    shortDescription: { text: `${subject} ${MEANING[kind ?? "changed"]}` },
    defaultConfiguration: { level: LEVELS[worst] },
    properties: { "security-severity": SCORES[worst], tags: ["drift"] },
  };
}

const MEANING = {
  changed: "is not as its spec says",
  missing: "is not on the server",
  unmanaged: "is in no spec",
} as const;

function result(each: Finding, ids: readonly string[], platformsDir: string): object {
  const { severity, subject, platform, path, message } = each;
  const name = plainText(subject.name);
  const folder = platformsDir.split("/").map(encodeURIComponent).join("/");
  const place = platform === null ? folder : `${folder}/${encodeURIComponent(platform)}.yaml`;
  return {
    ruleId: ruleId(each),
    ruleIndex: ids.indexOf(ruleId(each)),
    level: LEVELS[severity],
    message: { text: sarifMessage(`${subject.kind} ${subject.name}: ${message}`) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: place }, region: { startLine: 1 } },
        logicalLocations: [{ name, fullyQualifiedName: `${subject.kind}/${name}`, kind: "resource" }],
      },
    ],
    partialFingerprints: { "subject/v1": [subject.kind, subject.name, path].join("/") },
    properties: { severity, kind: each.kind, expected: each.expected, actual: each.actual },
  };
}
