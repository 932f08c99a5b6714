import { plainText } from "../config/text/plain.ts";
import type { Facts, Judged, Subject } from "./facts.ts";
import { type Rule, type Severity, sentence, verdict } from "./rule.ts";
import type { Level, RuleSettings } from "./rule-settings.ts";

/** A rule that is broken. */
export interface Finding {
  readonly rule: string;
  readonly level: Exclude<Level, "disabled">;
  readonly severity: Severity;
  readonly subject: Subject;
  /** One sentence: who, what is wrong, what to do. Never holds a secret. */
  readonly message: string;
}

/** A rule that can't be judged: by a value not known yet, or not at all in this place (`subject` is null). */
export interface Unjudged {
  readonly rule: string;
  readonly subject: Subject | null;
  readonly reason: string;
}

export interface Evaluation {
  /** In the order of the rules. */
  readonly findings: readonly Finding[];
  readonly unjudged: readonly Unjudged[];
}

/** Judges everything by every rule that isn't disabled. */
export function evaluate(
  rules: readonly Rule[],
  settings: ReadonlyMap<string, RuleSettings>,
  judged: Judged,
): Evaluation {
  const findings: Finding[] = [];
  const unjudged = new Map<string, Unjudged>();
  for (const rule of rules) {
    const { level, options } = settings.get(rule.name) ?? { level: "mandatory", options: {} };
    if (level === "disabled") continue;
    const found = (subject: Subject, wrong: string): void => {
      findings.push({
        rule: rule.name,
        level,
        severity: rule.severity,
        subject,
        message: plainText(sentence(subject, wrong, rule)),
      });
    };
    const aside = (subject: Subject | null, reason: string): void => {
      unjudged.set([rule.name, subject?.kind, subject?.name].join("\n"), { rule: rule.name, subject, reason });
    };
    if (rule.judges === "stack") {
      const result = verdict(rule, judged.stack as Facts<Record<string, unknown>>, options);
      if (result.verdict === "judged") for (const { subject, wrong } of result.wrong) found(subject, wrong);
      else aside(null, result.verdict === "unknown" ? result.reason.message : `${result.fact} isn't known here`);
      continue;
    }
    for (const { subject, facts } of judged[rule.judges]) {
      const result = verdict(rule, facts as Facts<Record<string, unknown>>, options);
      if (result.verdict === "judged") for (const wrong of result.wrong) found(subject, wrong);
      else if (result.verdict === "unknown") aside(subject, result.reason.message);
      else aside(null, `${result.fact} isn't known here`);
    }
  }
  return { findings, unjudged: [...unjudged.values()] };
}
