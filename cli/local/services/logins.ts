import { join } from "node:path";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { keyOf, stackKeys } from "../../key/stack-keys.ts";
import { readText } from "../private-files.ts";
import { localEnvironment } from "../stack/environment.ts";
import { STACK } from "../stack/name.ts";
import type { Logins } from "./kinds/kind.ts";
import { mlflowPassword } from "./mlflow-passwords.ts";

/** Nobody's. */
export const NO_LOGINS: Logins = {
  key: (account) => {
    throw new CommandError(`the key of ${account} wasn't read`, EXIT.couldNotLook);
  },
  role: (role) => {
    throw new CommandError(`the login of ${role} wasn't read`, EXIT.couldNotLook);
  },
  mlflow: (instance) => {
    throw new CommandError(`logins of ${instance} weren't read`, EXIT.couldNotLook);
  },
};

/**
 * What `make up` made: keys of service accounts out of the stack's state, decrypted once, and logins of database roles out
 * of their files. Where the stack can't be read, each key's reader is told why.
 */
export async function stackLogins(checkout: Checkout): Promise<Logins> {
  const keys = await stackKeys(checkout.root, localEnvironment(checkout, undefined, process.env), STACK).catch(
    (error: unknown) => {
      if (error instanceof CommandError) return error;
      throw error;
    },
  );
  return {
    key: (account) => {
      if (keys instanceof CommandError) throw keys;
      return keyOf(keys, account);
    },
    role: (role) => {
      const text = readText(join(checkout.postgres.roles, `${role}.env`));
      if (text === undefined)
        throw new CommandError(`there is no login of database role ${role} yet; run make up`, EXIT.couldNotLook);
      return Object.fromEntries(text.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    },
    mlflow: (instance, login) => mlflowPassword(checkout, instance, login),
  };
}
