import { PROGRAM_IMAGES, type ProgramImage } from "../values/image.ts";
import { removeCommand, type SettingFault, setCommand } from "./fault.ts";
import type { ImageName } from "./image-builds.ts";
import type { StackSettings } from "./schema.ts";

type Named = Pick<StackSettings, "images" | "workloadsImage" | "programImages" | "services" | "postgres">;
/** Which setting names an image, and what it says. */
type Name = readonly [key: string, reference: string | undefined];

function ofPrograms(images: StackSettings["programImages"]): Readonly<Record<ProgramImage, Name>> {
  const named = PROGRAM_IMAGES.map((name): [ProgramImage, Name] => [name, [`programImages.${name}`, images[name]]]);
  return Object.fromEntries(named) as Record<ProgramImage, Name>;
}

type ImageSettings = Pick<StackSettings, "images" | "imagesUser" | "imagesPassword">;

/**
 * What runs an image runs the one that is built or the one that is named.
 * @param server as the stack says it: the default of its image names none
 */
export function bothImages(
  { images, workloadsImage, programImages, services, postgres }: Named,
  server: unknown,
): SettingFault[] {
  const named: Readonly<Record<ImageName, Name>> = {
    minio: ["server.image", (server as { readonly image?: string } | undefined)?.image],
    workloads: ["workloadsImage", workloadsImage],
    ...ofPrograms(programImages),
    "mlflow-server": ["services.images.mlflow", services?.images.mlflow],
    "database-backup": ["postgres.backupImage", postgres?.kind === "statefulset" ? postgres.backupImage : undefined],
  };
  return (images?.build ?? []).flatMap((image) => {
    const [key, reference] = named[image];
    if (reference === undefined) return [];
    const message = `bucketworks:${key} names ${reference}, and bucketworks:images builds ${image}: only one of them can run`;
    const remove = removeCommand(`--path 'bucketworks:${key}'`);
    return [{ key: "images", message, fix: [remove, `, or take ${image} out of bucketworks:images.build`] }];
  });
}

/** Whether the registry of a stack's images can be logged in to, and its password is encrypted. */
export function registryFaults({ images, imagesUser: user, imagesPassword: password }: ImageSettings): SettingFault[] {
  if (images === undefined) return [];
  const key = "imagesPassword";
  const faults: SettingFault[] = [];
  const set = setCommand(`--secret bucketworks:${key}`);
  if (user !== undefined && password === undefined) {
    const message = "bucketworks:imagesUser is set and has no password";
    faults.push({ key, message, fix: ["set it, it is asked for and encrypted: ", set] });
  }
  if (password === undefined) return faults;
  if (user === undefined) {
    const message = "bucketworks:imagesPassword is set and bucketworks:imagesUser isn't";
    const or = ", or remove the password to use the login of docker on this machine: ";
    const fix = [setCommand("bucketworks:imagesUser USER"), or, removeCommand(`bucketworks:${key}`)];
    faults.push({ key, message, fix });
  }
  if (!password.isEncrypted) {
    const message = "bucketworks:imagesPassword is written in plaintext";
    faults.push({ key, message, fix: ["choose a new one and set it encrypted: ", set] });
  }
  return faults;
}
