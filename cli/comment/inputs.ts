import type { Platform, ResolvedModel } from "../../config/model.ts";
import { readModel } from "../../config/model-text.ts";
import { type Preview, readPreview } from "../../review/read-preview.ts";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { hasStackFile, readStackFile } from "../stack-file.ts";
import { readNamedFile } from "../terminal/named-file.ts";

/** The files of a comment. */
export interface InputFiles {
  /** Name of the stack. */
  readonly stage: string;
  readonly preview: string;
  readonly before: string;
  readonly after: string;
}

export interface Inputs {
  readonly preview: Preview;
  readonly before: ResolvedModel;
  readonly after: ResolvedModel;
}

/** Reads and judges the files together. @throws CommandError naming the file, and the command that makes it */
export function readInputs({ stage, preview: file, before, after }: InputFiles): Inputs {
  const preview = previewIn(file, stage);
  const [was, is] = [modelIn(before), modelIn(after)];
  if (was.stage !== is.stage) {
    const stages = `${before} is of stage ${was.stage}, ${after} of ${is.stage}`;
    throw wrongUse(`${stages}; both must be of one stage, whose specs changed`);
  }
  const platforms = platformsOf(stage);
  return { preview, before: only(was, platforms), after: only(is, platforms) };
}

function previewIn(file: string, stage: string): Preview {
  const preview = readPreview(textOf(file));
  if (typeof preview === "string") {
    const what = preview === "no events" ? "holds no event of Pulumi's event stream" : `holds ${preview}`;
    throw wrongUse(
      `${file} ${what}, a preview's is needed; make it: bucketworks preview --stack ${stage} --out ${file}, or PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json --stack ${stage}`,
    );
  }
  if (preview.stack !== null && preview.stack !== stage) {
    throw wrongUse(
      `${file} is a preview of stack ${preview.stack}, --stage says ${stage}; give the preview of ${stage}`,
    );
  }
  return preview;
}

function modelIn(file: string): ResolvedModel {
  const model = readModel(textOf(file));
  if (!("fault" in model)) return model;
  const how = "bucketworks explain --stage STAGE --format json";
  throw wrongUse(`${file} is no resolved model (${model.fault}); make it with this version: ${how} > ${file}`);
}

/** The platforms that the stack has; undefined is all. */
function platformsOf(stack: string): readonly string[] | undefined {
  return hasStackFile(ownRoot(), stack) ? readStackFile(ownRoot(), stack).platforms : undefined;
}

function only(model: ResolvedModel, names: readonly string[] | undefined): ResolvedModel {
  const isWanted = ({ name }: Platform): boolean => names === undefined || names.includes(name);
  return { ...model, platforms: model.platforms.filter(isWanted) };
}

function textOf(file: string): string {
  return readNamedFile(file, "name another file, or make it: bucketworks comment --help");
}

function wrongUse(message: string): CommandError {
  return new CommandError(message, EXIT.wrongUse);
}
