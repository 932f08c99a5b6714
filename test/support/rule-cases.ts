import { describe, expect, test } from "vitest";
import { type Facts, Unknown } from "../../policy/facts.ts";
import { type Rule, type SingleRule, type Verdict, verdict } from "../../policy/rule.ts";
import { ruleSettings } from "../../policy/rule-settings.ts";

type AnyFacts = Facts<Record<string, unknown>>;

/** One case: facts that differ from the valid ones, options that differ from the defaults. */
export interface RuleCase<F> {
  readonly facts?: Partial<F>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * What is promised of every rule: the valid facts and those of `keeps` pass, those of `breaks` are found wrong in exactly
 * these words, and no value that isn't known yet passes or fails.
 * @param valid facts that keep the rule; null where only options can keep it
 */
export function describeRule<F extends object>(
  rule: Rule,
  valid: F | null,
  cases: {
    readonly keeps: Readonly<Record<string, RuleCase<F>>>;
    readonly breaks: Readonly<Record<string, RuleCase<F> & { readonly wrong: readonly unknown[] }>>;
  },
): void {
  const judged = ({ facts = {}, options = {} }: RuleCase<F>): Verdict<unknown> =>
    verdict(rule as SingleRule, { ...valid, ...facts } as AnyFacts, optionsOf(rule, options));

  describe(rule.name, () => {
    test.each(Object.entries({ ...(valid !== null && { "what is valid": {} }), ...cases.keeps }))(
      "keeps: %s",
      (_, each) => {
        expect(judged(each)).toEqual({ verdict: "judged", wrong: [] });
      },
    );

    test.each(Object.entries(cases.breaks))("breaks: %s", (_, { wrong, ...each }) => {
      expect(judged(each)).toEqual({ verdict: "judged", wrong });
    });

    const broken = Object.values(cases.breaks)[0] ?? { wrong: [] };
    test.each(rule.needs)("neither passes nor fails while %s isn't known", (fact) => {
      const reason = new Error(`${fact} can't be known during preview`);
      for (const facts of [...(valid === null ? [] : [valid]), { ...valid, ...broken.facts }]) {
        const found = verdict(
          rule as SingleRule,
          { ...facts, [fact]: new Unknown(reason) } as AnyFacts,
          optionsOf(rule, broken.options ?? {}),
        );
        expect(found).toEqual({ verdict: "unknown", reason });
      }
    });
  });
}

function optionsOf(rule: Rule, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result = ruleSettings([rule], { [rule.name]: options });
  if (!result.ok) throw new Error(result.faults.join("; "));
  return result.settings.get(rule.name)?.options ?? {};
}
