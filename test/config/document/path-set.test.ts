import fc from "fast-check";
import { expect, test } from "vitest";
import { type Path, PathSet } from "../../../config/document/source-tree.ts";

const paths = fc.array(fc.oneof(fc.constantFrom("a", "b", "a.b", ""), fc.integer({ min: 0, max: 2 })), {
  maxLength: 4,
});

const begins = (path: Path, start: Path): boolean =>
  start.length <= path.length && start.every((step, index) => String(step) === String(path[index]));

test("a set of paths has those that were added, and covers what is below them", () => {
  fc.assert(
    fc.property(fc.array(paths, { maxLength: 6 }), paths, (added, path) => {
      const set = new PathSet();
      for (const each of added) set.add(each);
      expect(set.has(path)).toBe(added.some((each) => each.length === path.length && begins(path, each)));
      expect(set.covers(path)).toBe(added.some((each) => begins(path, each)));
      expect(set.some(({ length }) => length === 3)).toBe(added.some(({ length }) => length === 3));
    }),
  );
});
