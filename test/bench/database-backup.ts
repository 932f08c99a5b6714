/**
 * What a base backup and a restore of the local PostgreSQL cost, with so many megabytes of rows that don't compress (MEGABYTES), and
 * how long it takes until a row that was committed can be restored.
 */
import { BackedUpProject } from "../support/backed-up-project.ts";

const MEGABYTES = Number(process.argv[2] ?? 500);
const ROW = 8 * 1024;

const project = await BackedUpProject.make();
try {
  await must("up");
  const rows = Math.round((MEGABYTES * 1024 * 1024) / ROW);
  const block = 2000;
  // 256 texts of 32 random digits a row: hexadecimal halves, as most rows do.
  for (let left = rows; left > 0; left -= block)
    await project.ask(
      `INSERT INTO orders (item) SELECT (SELECT string_agg(md5(random()::text || n::text || k::text), '') FROM generate_series(1, 256) k) FROM generate_series(1, ${Math.min(block, left)}) n`,
    );
  const backup = await timed(() => must("database", "backup", "--json"));
  const told = JSON.parse(backup.text) as { bytes: number };
  const drill = JSON.parse(await must("database", "drill", "--json")) as Record<string, number>;
  const empty = await timed(() => must("database", "list", "--quiet"));
  const figures = {
    megabytes: told.bytes / 1e6,
    baseBackupSeconds: backup.seconds,
    restoreSeconds: drill.restoreSeconds,
    drillSeconds: drill.seconds,
    rows: drill.rows,
    listSeconds: empty.seconds,
  };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await project.remove();
}

async function must(...args: string[]): Promise<string> {
  const { code, out, text } = await project.bucketworks(...args);
  if (code !== 0) throw new Error(out);
  return text;
}

async function timed(work: () => Promise<string>): Promise<{ text: string; seconds: number }> {
  const began = performance.now();
  const text = await work();
  return { text, seconds: (performance.now() - began) / 1000 };
}
