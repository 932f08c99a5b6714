import type { Wanted } from "./wanted.ts";

/** What a rollback leaves to be done, and what it can't bring back; a line each. */
export function afterwards({ update, model, images }: Omit<Wanted, "now">, platformsDir: string): string[] {
  const { number, commit, isDirty } = update;
  const specs =
    commit === null || isDirty
      ? `its specs are in no commit: bring ${platformsDir} to what it had, bucketworks history shows the digest (specs)`
      : `bring ${platformsDir} back, too: git checkout ${commit} -- ${platformsDir}`;
  return [
    `the specs of this checkout were not touched, and the next up deploys them; ${specs}`,
    `what objects there are stayed as they are: an object deleted or overwritten since update ${number} comes back from its versions or a backup alone`,
    ...(model.platforms.some(({ database }) => database !== null)
      ? ["databases keep every migration since: a dropped column or row comes back from a backup alone"]
      : []),
    ...Object.entries(images).map(
      ([name, reference]) => `image ${name} is built from today's files; that of update ${number} was ${reference}`,
    ),
  ];
}
