import type { ResolvedModel } from "../config/model.ts";
import { compareModels, type PartChange, type PartKind, type SettingChange } from "../config/model-diff.ts";
import type { Change, Subject, SubjectKind } from "./change.ts";
import { type Markdown, md } from "./markdown.ts";

const KINDS: Readonly<Record<PartKind, SubjectKind>> = {
  platform: "platform",
  bucket: "bucket",
  policy: "policy",
  group: "group",
  user: "user",
  service_account: "service account",
  workload: "workload",
};

/** Every difference of the models that no riskier change says already. */
export function otherChanges(before: ResolvedModel, after: ResolvedModel, said: readonly Change[]): Change[] {
  const moved = compareModels(together(before), together(after)).parts.filter(({ kind }) => kind !== "platform");
  const platforms = compareModels(before, after).parts.filter(({ kind }) => kind === "platform");
  const home = new Map([before, after].flatMap(({ platforms }) => platforms.flatMap(homes)));
  return [...platforms, ...moved].flatMap((part) => {
    const platform = part.kind === "platform" ? part.platform : (home.get(`${part.kind} ${part.name}`) ?? "");
    const subject: Subject = { kind: KINDS[part.kind], names: [part.name], platform };
    return texts(part, covered(said, subject)).map((text): Change => ({ risk: "rest", subject, text, settings: [] }));
  });
}

/** All parts under one name, so that one that moves to another platform is changed rather than removed and added. */
function together(model: ResolvedModel): ResolvedModel {
  const [first, ...others] = model.platforms;
  if (first === undefined) return model;
  const all = [first, ...others];
  const access = {
    policies: all.flatMap((platform) => platform.access.policies),
    groups: all.flatMap((platform) => platform.access.groups),
    users: all.flatMap((platform) => platform.access.users),
    serviceAccounts: all.flatMap((platform) => platform.access.serviceAccounts),
  };
  const buckets = all.flatMap((platform) => platform.buckets);
  const workloads = all.flatMap((platform) => platform.workloads);
  return { ...model, platforms: [{ ...first, name: "", buckets, access, workloads }] };
}

function homes({ name, buckets, access, workloads }: ResolvedModel["platforms"][number]): [string, string][] {
  const of = (kind: PartKind, parts: readonly { readonly name: string }[]): [string, string][] =>
    parts.map((part) => [`${kind} ${part.name}`, name]);
  return [
    ...of("bucket", buckets),
    ...of("policy", access.policies),
    ...of("group", access.groups),
    ...of("user", access.users),
    ...of("service_account", access.serviceAccounts),
    ...of("workload", workloads),
  ];
}

function texts({ change, settings, kind }: PartChange, covered: readonly string[]): Markdown[] {
  if (change === "added") return [md`added`];
  if (change === "removed") return kind === "bucket" ? [] : [md`removed`];
  const isCovered = (setting: string): boolean =>
    covered.some((each) => setting === each || setting.startsWith(`${each}.`));
  return settings.filter(({ setting }) => !isCovered(setting)).map(settingText);
}

function covered(said: readonly Change[], { kind, names: [name] }: Subject): string[] {
  return said
    .filter(({ subject }) => subject.kind === kind && subject.names.includes(name ?? ""))
    .flatMap(({ settings }) => settings);
}

function settingText({ setting, from, to }: SettingChange): Markdown {
  return md`${setting}: ${shown(from)} becomes ${shown(to)}`;
}

function shown(value: unknown): string | Markdown {
  if (value === null || value === undefined) return md`none`;
  if (Array.isArray(value) && value.length === 0) return md`none`;
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
