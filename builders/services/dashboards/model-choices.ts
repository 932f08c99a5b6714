import type { Choice } from "./panel.ts";

/** Which model of which platform; all of them at first. */
export const modelChoices: readonly Choice[] = [
  { name: "platform", label: "Platform", from: { values: "label_values(model_api_model_info, platform)", all: true } },
  { name: "model", label: "Model", from: { values: "label_values(model_api_model_info, model)", all: true } },
];

/** A metric of the chosen models. */
export const ofModel = (metric: string, more = ""): string => `${metric}{platform=~"$platform",model=~"$model"${more}}`;

/** A metric of the API, of whatever model. */
export const ofApi = (metric: string, more = ""): string => `${metric}{platform=~"$platform"${more}}`;
