import { z } from "zod";
import { type Facts, notHere, type SingleFacts, type StackFacts, type Subject, Unknown } from "./facts.ts";

export type Severity = "low" | "medium" | "high" | "critical";
export type Topic = "naming" | "retention" | "protection" | "encryption" | "access" | "hardening" | "availability";

/** A control that asks for what the rule keeps. */
export interface Framework {
  readonly name: string;
  readonly version: string;
  readonly reference: string;
  readonly specification: string;
}

export interface RuleAbout {
  /** Kebab-case; the name in policy configuration. */
  readonly name: string;
  /** What holds where the rule is kept: one sentence, lower case, no full stop. */
  readonly description: string;
  readonly severity: Severity;
  readonly topic: Topic;
  readonly framework?: Framework;
  /** What to do about a finding: an order, lower case, no full stop. */
  readonly remedy: string;
  /** Why a spec that is right can't break it, or what keeps a place from judging; for the documentation. */
  readonly note?: string;
}

/** What is wrong with one subject, as the predicate of a sentence whose subject it is: `has no quota`. */
export type Wrong = string;

/** The subject of a stack rule's finding, and what is wrong with it. */
export interface WrongWith {
  readonly subject: Subject;
  readonly wrong: Wrong;
}

type Judge<F, O, R> = (facts: F, options: O) => readonly R[];

interface RuleOf<Kind extends string, R> extends RuleAbout {
  readonly judges: Kind;
  /** Facts that the judgement rests on. */
  readonly needs: readonly string[];
  readonly options: z.ZodObject;
  readonly judge: Judge<Record<string, unknown>, Record<string, unknown>, R>;
}

/** Judges each thing of one sort by itself: before it is made. */
export type SingleRule = { [Kind in keyof SingleFacts]: RuleOf<Kind, Wrong> }[keyof SingleFacts];
/** Judges what only all resources together show. */
export type StackRule = RuleOf<"stack", WrongWith>;
export type Rule = SingleRule | StackRule;

type Definition<F, K extends keyof F, S extends z.ZodRawShape, R> = RuleAbout & {
  readonly needs: readonly K[];
  /** Shape of the rule's options, each with its default. */
  readonly options?: S;
  readonly judge: Judge<Pick<F, K>, z.output<z.ZodObject<S>>, R>;
};

/** @returns the maker of rules on things of one sort */
function singleRule<Kind extends keyof SingleFacts>(judges: Kind) {
  return <K extends keyof SingleFacts[Kind] & string, S extends z.ZodRawShape>(
    definition: Definition<SingleFacts[Kind], K, S, Wrong>,
  ): RuleOf<Kind, Wrong> =>
    ({ ...definition, judges, options: z.object(definition.options ?? {}) }) as unknown as RuleOf<Kind, Wrong>;
}

/** On resources by their type alone. */
export const resourceRule = singleRule("resource");
export const bucketRule = singleRule("bucket");
/** On the documents of rights. */
export const grantRule = singleRule("grant");
/** On whatever of Kubernetes runs pods. */
export const workloadRule = singleRule("workload");
export const serviceRule = singleRule("service");
export const namespaceRule = singleRule("namespace");

export function stackRule<K extends keyof StackFacts & string, S extends z.ZodRawShape>(
  definition: Definition<StackFacts, K, S, WrongWith>,
): StackRule {
  return { ...definition, judges: "stack", options: z.object(definition.options ?? {}) } as unknown as StackRule;
}

/** `wrong` and `findings` are empty where the subject keeps the rule. */
export type Verdict<R> =
  | { readonly verdict: "judged"; readonly wrong: readonly R[] }
  | { readonly verdict: "unknown"; readonly reason: Error }
  | { readonly verdict: "not here"; readonly fact: string };

/** Judges where all facts that the rule needs are known; nothing passes and nothing fails by an unknown one. */
export function verdict<R>(
  rule: {
    readonly needs: readonly string[];
    readonly judge: Judge<Record<string, unknown>, Record<string, unknown>, R>;
  },
  facts: Facts<Record<string, unknown>>,
  options: Record<string, unknown>,
): Verdict<R> {
  const needed: Record<string, unknown> = {};
  for (const fact of rule.needs) {
    const value = facts[fact];
    if (value === notHere) return { verdict: "not here", fact };
    if (value instanceof Unknown) return { verdict: "unknown", reason: value.reason };
    needed[fact] = value;
  }
  return { verdict: "judged", wrong: rule.judge(needed, options) };
}

/** The whole sentence: `bucket logs has no quota; give it or its group a quota`. */
export function sentence({ kind, name }: Subject, wrong: Wrong, { remedy }: RuleAbout): string {
  return `${kind} ${name} ${wrong}; ${remedy}`;
}
