import { z } from "zod";
import { type KeptPlatform, keptText, stackDigest } from "../../builders/kept-model.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { readModel } from "../../config/model-text.ts";

/** What a state holds of the update that left it. */
export interface Kept {
  /** SHA-256 over the specs as they were resolved; undefined where the state keeps none. */
  readonly specDigest: string | undefined;
  /** Images that the stack built, by digest. */
  readonly images: Readonly<Record<string, string>>;
  /** True where it knows no resource: what a destroy leaves. */
  readonly isEmpty: boolean;
  /** The model that was deployed; or why there is none, as the end of a sentence. */
  readonly model: () => ResolvedModel | { readonly fault: string };
}

const PLATFORM = "bucketworks:storage:Platform";
const STACK = "pulumi:pulumi:Stack";

const checkpoint = z.object({
  checkpoint: z.object({
    latest: z
      .object({
        resources: z
          .array(
            z.object({
              type: z.string(),
              urn: z.string().default(""),
              outputs: z.record(z.string(), z.unknown()).nullish(),
            }),
          )
          .nullish(),
      })
      .nullish(),
  }),
});
const keptPlatform = z.object({ specDigest: z.string(), model: z.string() });
const outputs = z.object({ images: z.record(z.string(), z.string()).catch({}) });

/** Reads the text of a checkpoint; pure. A damaged one keeps nothing. */
export function keptIn(text: string): Kept {
  const read = checkpoint.safeParse(parsed(text));
  if (text === "") return nothing("the state's backend has no state of it", false);
  if (!read.success) return nothing("its state is damaged: no checkpoint of Pulumi", false);
  const resources = read.data.checkpoint.latest?.resources ?? [];
  const platforms = resources
    .filter(({ type }) => type === PLATFORM)
    .map((each) => keptPlatform.safeParse(each.outputs?.kept));
  const stack = outputs.safeParse(resources.find(({ type }) => type === STACK)?.outputs ?? {});
  const images = stack.success ? stack.data.images : {};
  const isEmpty = resources.every(({ type }) => type === STACK);
  const kept = platforms.flatMap(({ data }) => data ?? []);
  if (isEmpty) return nothing("it left no resource", true);
  if (kept.length === 0)
    return { ...nothing("its state keeps no model: an older version of Bucketworks left it", false), images };
  if (kept.length < platforms.length)
    return {
      ...nothing("a part of it was left by an older version of Bucketworks, which kept no model", false),
      images,
    };
  return { specDigest: stackDigest(kept), images, isEmpty, model: () => together(kept) };
}

/** What a checkpoint keeps of each platform, by its name, as it stands there; nothing of one that keeps none. */
export function keptPlatforms(text: string): Readonly<Record<string, KeptPlatform>> {
  const { data } = checkpoint.safeParse(parsed(text));
  const platforms = (data?.checkpoint.latest?.resources ?? []).filter(({ type }) => type === PLATFORM);
  return Object.fromEntries(
    platforms.flatMap(({ urn, outputs }): [string, KeptPlatform][] => {
      const { data: kept } = keptPlatform.safeParse(outputs?.kept);
      return kept === undefined ? [] : [[urn.slice(urn.lastIndexOf("::") + 2), kept]];
    }),
  );
}

function nothing(fault: string, isEmpty: boolean): Kept {
  return { specDigest: undefined, images: {}, isEmpty, model: () => ({ fault }) };
}

/** The platforms' models as one. */
function together(kept: readonly z.output<typeof keptPlatform>[]): ResolvedModel | { readonly fault: string } {
  const models: ResolvedModel[] = [];
  for (const each of kept) {
    const text = keptText(each);
    if (text === undefined) return { fault: "its kept model is damaged: it isn't what its digest says" };
    const version = (parsed(text) as { schemaVersion?: unknown }).schemaVersion;
    if (version !== 1) {
      return {
        fault: `its kept model has schema version ${JSON.stringify(version ?? null)}, and this version of Bucketworks reads 1: use the version of its commit`,
      };
    }
    const model = readModel(text);
    if ("fault" in model)
      return {
        fault: `its kept model is of another version of Bucketworks (${model.fault}): use the version of its commit`,
      };
    models.push(model);
  }
  const [first] = models as [ResolvedModel, ...ResolvedModel[]];
  const platforms = models.flatMap((model) => model.platforms).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...first, platforms };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
