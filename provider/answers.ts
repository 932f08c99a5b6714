import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { plainLines } from "../config/text/plain.ts";
import type { Changes } from "./diff.ts";
import type { Checked } from "./known-inputs.ts";
import { toStruct } from "./property-bags.ts";

/** What was checked, as the engine takes it. @param secrets keys of the inputs that stay secret */
export function checkAnswer({ inputs, failures }: Checked, secrets: ReadonlySet<string>): provider.CheckResponse {
  const response = new provider.CheckResponse();
  response.setInputs(toStruct(inputs, secrets));
  for (const { property, reason } of failures) {
    const failure = new provider.CheckFailure();
    failure.setProperty(property);
    failure.setReason(plainLines(reason));
    response.addFailures(failure);
  }
  return response;
}

/** What differs, as the engine takes it: never a replacement. */
export function diffAnswer(found: Changes): provider.DiffResponse {
  const response = new provider.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges;
  response.setChanges(found.size > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  for (const [path, kind] of found) {
    const property = new provider.PropertyDiff();
    property.setKind(provider.PropertyDiff.Kind[kind === "add" ? "ADD" : kind === "delete" ? "DELETE" : "UPDATE"]);
    response.getDetaileddiffMap().set(path, property);
  }
  response.setDiffsList([...new Set([...found.keys()].map((path) => path.split(/[.[]/, 1)[0] ?? path))]);
  return response;
}
