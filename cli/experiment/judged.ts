import type { Experiment } from "../../config/model.ts";
import type { Checkout } from "../checkout.ts";
import type { Asked } from "./asked.ts";
import { type Analysis, analysed, type Plan } from "./engine.ts";
import { looksOf, type Stop, stopOf, withRecords } from "./records.ts";

/** What the records of an experiment say until a moment. */
export interface Judged {
  readonly platform: string;
  readonly experiment: Experiment;
  readonly plan: Plan;
  readonly analysis: Analysis;
  readonly stopped: Stop | null;
  readonly at: Date;
}

/** Reads the records and judges them; changes nothing. @throws CommandError where either can't be done */
export async function judged(checkout: Checkout, asked: Asked): Promise<Judged> {
  const { platform, experiment } = asked;
  const at = new Date();
  const { looks, stopped } = await withRecords(checkout, asked, async (client) => ({
    looks: await looksOf(client, experiment, at),
    stopped: await stopOf(client, experiment),
  }));
  return { platform, experiment, ...(await analysed(checkout, experiment, looks)), stopped, at };
}

/** The form of it for programs. */
export function analysisJson({ platform, experiment, stopped, plan, analysis }: Judged) {
  return { schemaVersion: 1, platform, experiment: experiment.name, stopped, plan, analysis };
}
