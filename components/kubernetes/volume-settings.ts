import * as pulumi from "@pulumi/pulumi";

/**
 * What a store's volumes were made for, kept in the state from the first update on, whatever the stack asks for later. Awaited
 * before anything of the store is registered, in a preview too, so that a stack that is refused touches nothing.
 * @param name of the store in the stack, the same whatever the store is called
 * @param now plain values; a secret's fingerprint, not the secret
 * @returns `now` where the stack has no such store yet
 */
export function volumeSettings<T extends object>(
  name: string,
  now: { readonly [Key in keyof T]: pulumi.Input<T[Key]> },
): Promise<T> {
  const kept = new pulumi.Stash(`${name} made for`, { input: now }, { ignoreChanges: ["input"] });
  return new Promise((resolve) => {
    pulumi.unsecret(kept.output).apply((was: T) => resolve(was));
  });
}
