import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "../../checkout.ts";
import { makePrivateFolder, readText, readWhole, writePrivate } from "../private-files.ts";
import type { Given } from "./kinds/kind.ts";
import { folderOf, kindOf } from "./local-service.ts";

/** Digest of the documents that a service was started with. */
const STARTED_WITH = "started-with";

/**
 * Writes the files that a service reads, for its owner alone.
 * @param address its own host:port
 * @returns what puts back those of before; undefined where they were the same
 */
export async function writeDocuments(
  checkout: Checkout,
  given: Given,
  address: string,
): Promise<(() => void) | undefined> {
  const { instance } = given;
  const folder = folderOf(instance.name, checkout);
  makeFolders(instance.name, checkout);
  const documents = await kindOf(instance.name).kind.documents(given, address);
  const changed = Object.entries(documents).flatMap(([file, text]) => {
    const path = join(folder, file);
    const before = readWhole(path);
    return before === text ? [] : [{ path, text, before }];
  });
  for (const { path, text } of changed) writePrivate(path, text);
  if (changed.length === 0) return undefined;
  return () => {
    for (const { path, before } of changed) {
      if (before === undefined) rmSync(path, { force: true });
      else writePrivate(path, before);
    }
  };
}

/** As `writeDocuments`, of a service that is started now: it is remembered with what. */
export async function writeFirstDocuments(checkout: Checkout, given: Given, address: string): Promise<void> {
  await writeDocuments(checkout, given, address);
  writePrivate(startedWithFile(checkout, given), await digest(given, address));
}

/** Whether a service was started with other documents than it has now. */
export async function isOutdated(checkout: Checkout, given: Given, address: string): Promise<boolean> {
  return readText(startedWithFile(checkout, given)) !== (await digest(given, address));
}

function startedWithFile(checkout: Checkout, { instance }: Given): string {
  return join(folderOf(instance.name, checkout), STARTED_WITH);
}

async function digest(given: Given, address: string): Promise<string> {
  const documents = await kindOf(given.instance.name).kind.documents(given, address);
  return createHash("sha256").update(JSON.stringify(documents)).digest("hex");
}

/** The folders of a service, which nobody else can read. */
export function makeFolders(instance: string, checkout: Checkout): void {
  const folder = folderOf(instance, checkout);
  const { kind } = kindOf(instance);
  for (const each of [checkout.services, folder, ...kind.folders.map((name) => join(folder, name))])
    makePrivateFolder(each);
}
