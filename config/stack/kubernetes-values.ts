import { z } from "zod";
import { imageFault } from "../values/image.ts";

const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const LONGEST_NAME = 40;
const QUANTITY = /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const LABEL = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const HOST = /^([a-z0-9-]+\.)*[a-z0-9-]+$/;

/**
 * A name of Kubernetes that leaves room for what is put behind it.
 * @param longest of a name behind which more is put than behind others
 */
export const name = (description: string, longest = LONGEST_NAME) =>
  z
    .string()
    .refine((given) => NAME.test(given) && given.length <= longest, {
      error: ({ input }) =>
        `must be a name of Kubernetes: lower-case letters, digits and dashes, ${longest} at most, got ${JSON.stringify(input)} of ${String(input).length}`,
    })
    .meta({ description });

export const quantity = (description: string) =>
  z.string().regex(QUANTITY, "must be a quantity like 500m, 2Gi").meta({ description });

export const host = (description: string) => z.string().regex(HOST, "must be a host name").meta({ description });

/** True for what Kubernetes takes as the value of a label. */
export function isLabelValue(text: string): boolean {
  return LABEL_VALUE.test(text);
}

/** Labels of an object of Kubernetes, by name. */
export const labels = (description: string) =>
  z
    .record(z.string(), z.string())
    .superRefine((given, { addIssue }) => {
      const form = "63 letters, digits, dashes, dots and underscores at most";
      for (const [label, value] of Object.entries(given)) {
        const fault = !LABEL.test(label)
          ? `be the name of a label: ${form}, after a domain and / where it has one`
          : !isLabelValue(value) && `be the value of a label: ${form}, got ${JSON.stringify(value)}`;
        if (fault) addIssue({ code: "custom", path: [label], message: `must ${fault}` });
      }
    })
    .meta({ description });

/** The reference of an image that always names the same version. */
export const imageReference = (example: string) =>
  z.string().superRefine((given, context) => {
    const fault = imageFault(given);
    if (fault !== null)
      context.addIssue({ code: "custom", message: `${fault}, like ${example}, got ${JSON.stringify(given)}` });
  });

/** The same; absent is the published one. */
export const image = (published: string) => imageReference(published).default(published);
