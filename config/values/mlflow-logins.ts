/** What a login of MLflow may do: look at everything; make experiments and models and change all of them; delete them, too. */
export const LOGIN_ROLES = ["read", "edit", "manage"] as const;
export type LoginRole = (typeof LOGIN_ROLES)[number];

/** Logins that aren't a person's: who keeps the server, and programs of ours. */
export const OWN_LOGINS = {
  /** MLflow's own, which may do everything. */
  admin: "admin",
  /** Of the platform's model API. */
  modelApi: "model-api",
  /** Of `bucketworks models` and `make model` on a laptop. */
  commands: "bucketworks",
  /** Of notebooks on a laptop. */
  notebooks: "notebooks",
} as const;

const MOST = 40;
/** What a Secret's name and a file's name bear. */
const FORM = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;

/** What a name of a login breaks, and what to do; null for a good one. */
export function loginNameFault(name: string): { readonly message: string; readonly fix: string } | null {
  if (Object.values(OWN_LOGINS).some((own) => own === name))
    return { message: "is a login that programs of this project have", fix: "choose another name" };
  if (name.length > MOST)
    return { message: `has ${name.length} characters, at most ${MOST} are allowed`, fix: "shorten it" };
  if (FORM.test(name)) return null;
  return {
    message: "is no name of a login: a lowercase letter first, then lowercase letters, digits and - inside",
    fix: "write it like ana-lopez",
  };
}
