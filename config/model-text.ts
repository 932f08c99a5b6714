import { formatPath } from "./document/source-tree.ts";
import { modelOfAnyVersion, type ResolvedModel } from "./model.ts";

/** Reads what `explain --format json` printed. @returns the first fault, `platforms[0].name: ...`, for any other text */
export function readModel(json: string): ResolvedModel | { readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { fault: "it isn't JSON" };
  }
  const { success, data, error } = modelOfAnyVersion.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map((step) => (typeof step === "number" ? step : String(step)));
  return { fault: `${formatPath(path) || "the whole"}: ${issue?.message}` };
}
