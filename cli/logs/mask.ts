import { join } from "node:path";
import { readFileText } from "../../config/system-fault.ts";

/** Gives a value of a log line as it may be shown; by its name it may be secret whatever it holds. */
export type Mask = (value: unknown, name?: string) => unknown;

const SHOWN = "***";
/** Longer texts are cut: a form may need time with the square of a text's length. */
const MOST = 20_000;

interface Masks {
  readonly names: string;
  readonly texts: readonly { readonly find: string; readonly exact?: boolean; readonly person?: boolean }[];
}

/**
 * Masks what programs mask themselves, once more: forms and names are those of `pipeline_shared/masks.json`.
 * @param known asked for each text: secrets that are masked wherever they come up
 */
export function masks(root: string, known: () => readonly string[] = () => []): Mask {
  const file = join(root, "pipelines", "shared", "pipeline_shared", "masks.json");
  const { names, texts } = JSON.parse(readFileText(file)) as Masks;
  const secretName = new RegExp(names, "i");
  const compiled = (some: Masks["texts"]) => some.map(({ find, exact }) => new RegExp(find, exact ? "gm" : "gim"));
  const forms = compiled(texts);
  const formsOfSecrets = compiled(texts.filter(({ person }) => !person));
  const ofText = (text: string, of = forms): string => {
    const whole = known().reduce((shown, secret) => shown.replaceAll(secret, SHOWN), text);
    const cut = whole.length > MOST ? `${whole.slice(0, MOST)}... (${whole.length} characters)` : whole;
    return of.reduce(
      (shown, form) => shown.replace(form, (_, kept: unknown) => `${typeof kept === "string" ? kept : ""}${SHOWN}`),
      cut,
    );
  };
  const of: Mask = (value, name = "") => {
    if (value === null || typeof value === "boolean") return value;
    if (secretName.test(name)) return SHOWN;
    if (Array.isArray(value)) return value.map((each) => of(each));
    if (typeof value === "object") {
      const shown = Object.fromEntries(Object.entries(value).map(([key, each]) => [ofText(key), of(each, key)]));
      const { audit, actor } = value as { readonly audit?: unknown; readonly actor?: unknown };
      // A trail says who did what, also where that is an e-mail address.
      return audit === true && typeof actor === "string" ? { ...shown, actor: ofText(actor, formsOfSecrets) } : shown;
    }
    return typeof value === "string" ? ofText(value) : value;
  };
  return of;
}
