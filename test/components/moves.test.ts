import { expect, test } from "vitest";
import { type KnownResource, movesOf, renameCommands } from "../../components/identity/moves.ts";
import type { Access, ResolvedModel } from "../../config/model.ts";

const kind = (name: string): string => `minio:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
const urn = (type: string, name: string): string => `urn:pulumi:dev::bucketworks::Platform$${type}::${name}`;
const known = (of: string, name: string, id = name): KnownResource => ({
  urn: urn(kind(of), name),
  type: kind(of),
  id,
});

function model(platforms: Readonly<Record<string, Partial<Access>>>): Pick<ResolvedModel, "platforms"> {
  const none = { policies: [], groups: [], users: [], serviceAccounts: [] };
  const all = Object.entries(platforms).map(([name, access]) => ({ name, access: { ...none, ...access } }));
  return { platforms: all as unknown as ResolvedModel["platforms"] };
}

const ada = { users: [{ name: "ada", policies: ["reads"], groups: [] }] };
const HELD = [known("IamUser", "old/ada", "ada"), known("IamUserPolicyAttachment", "old/ada/reads", "x")];
const froms = (...given: Parameters<typeof movesOf>): string[] =>
  [...movesOf(...given).values()].map(({ from }) => from);

test("a user moves with its attachments, whether its file was renamed or it went to another one", () => {
  expect(froms(HELD, model({ new: ada }))).toEqual(["old/ada", "old/ada/reads"]);
  expect(froms(HELD, model({ new: ada, old: {} }))).toEqual(["old/ada", "old/ada/reads"]);
});

test("what its platform still declares, or the state knows already, doesn't move", () => {
  expect(froms(HELD, model({ old: ada }))).toEqual([]);
  expect(froms(HELD, model({ old: ada, new: ada }))).toEqual([]);
  expect(froms([...HELD, known("IamUser", "new/ada", "ada")], model({ new: ada }))).toEqual(["old/ada/reads"]);
});

test("two of one name, or another name on the server, are no move: it isn't certain", () => {
  expect(froms([HELD[0] as KnownResource, known("IamUser", "older/ada", "ada")], model({ new: ada }))).toEqual([]);
  const policies = [{ key: "reader", name: "new-reader", grants: [] }];
  expect(froms([known("IamPolicy", "old/reader", "old-reader")], model({ new: { policies } }))).toEqual([]);
  expect(froms([known("IamPolicy", "old/reader", "new-reader")], model({ new: { policies } }))).toEqual(["old/reader"]);
});

test("the commands name the old resource and its new name, both quoted", () => {
  expect(renameCommands(movesOf(HELD, model({ new: ada })), "dev")[0]).toBe(
    `pulumi state rename --yes --stack dev '${urn(kind("IamUser"), "old/ada")}' 'new/ada'`,
  );
});
