import { keptEvent } from "../../review/preview-events.ts";
import { type NoPreview, type Preview, readPreview } from "../../review/read-preview.ts";
import { identityFault } from "../pulumi/identity-faults.ts";
import { type PulumiResult, runPulumi } from "../pulumi/run-pulumi.ts";

/** A preview of a stack, with the events that it was read from. */
export interface EnginePreview {
  readonly answer: PulumiResult;
  /** What `bucketworks comment` reads, a line each. */
  readonly events: readonly string[];
  readonly preview: Preview | NoPreview;
}

/** Runs `pulumi preview`, whatever it ends with. @param more arguments besides */
export async function previewStack(
  root: string,
  env: NodeJS.ProcessEnv,
  stack: string,
  more: readonly string[],
): Promise<EnginePreview> {
  const streaming = { ...env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
  const answer = await runPulumi(root, streaming, ["preview", "--json", "--stack", stack, ...more]);
  const events = eventsOf(answer);
  return { answer, events, preview: readPreview(events.join("\n")) };
}

/** What the engine says before its events begin, about a passphrase or a stack, becomes one. */
function eventsOf({ code, stdout, stderr }: PulumiResult): string[] {
  const lines = stdout.split("\n");
  const events = lines.flatMap((line) => keptEvent(line) ?? []);
  if (code === 0 || events.some((event) => event.startsWith('{"summaryEvent"'))) return events;
  const plain = lines.filter((line) => !line.startsWith("{")).join("\n");
  const error = [stderr, plain].map((said) => said.trim()).find((said) => said !== "");
  return [...events, JSON.stringify({ errorEvent: { error: error ?? `pulumi preview ended with ${code}` } })];
}

/** Why a preview refuses: the engine's errors, then the policies', a line each. */
export function refusals({ diagnostics, policies }: Preview): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const mandatory = policies.filter(({ level }) => level === "mandatory");
  return [
    ...new Set(errors.map(({ message }) => identityFault(message))),
    ...mandatory.map(({ policy, message, resource }) => `${resource ?? "stack"}: ${policy}: ${message.trim()}`),
  ];
}
