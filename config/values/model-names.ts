/** What MLflow registers no model as, and what to do; null for a name that it takes. */
export function modelNameFault(name: string): { readonly message: string; readonly fix: string } | null {
  if (name.trim() === "" || name === "." || name === "..")
    return { message: "is no name that MLflow takes", fix: "write the name that the model is registered by" };
  if (!/[/:]/.test(name)) return null;
  return {
    message: "has a / or a :, which MLflow refuses in a name",
    fix: "write the name alone, without alias or version",
  };
}

const MOST = 255;

/** The same of an alias. Numbers of versions and `latest` are words of MLflow itself. */
export function aliasFault(alias: string): { readonly message: string; readonly fix: string } | null {
  if (/^v\d+$/i.test(alias) || alias.toLowerCase() === "latest")
    return {
      message: "is a word of MLflow's own, which no model can have as alias",
      fix: "choose another alias, or write version",
    };
  if (/^[\w-]+$/.test(alias) && alias.length <= MOST) return null;
  return { message: `must have letters, digits, _ and -, ${MOST} at most`, fix: "write it like production" };
}
