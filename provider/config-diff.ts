import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { fromStruct } from "./property-bags.ts";

/** What of a provider's own inputs changed; never a replacement, which would replace every resource of the provider. */
export function configDiff(request: provider.DiffRequest): provider.DiffResponse {
  const olds = fromStruct(request.getOldInputs() ?? request.getOlds()).values;
  const news = fromStruct(request.getNews()).values;
  const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => olds[key] !== news[key]);
  const response = new provider.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(changed);
  return response;
}
