import type { Alert, AlertBook, KnownAlert, Notice, Place } from "./history.ts";
import type { Row, Run, Store } from "./store.ts";

/** How long an alert is known after it ended, days: as long as a receiver may be away. */
const KEPT_DAYS = 7;
const DAY_MS = 86_400_000;

/** The alerts of a store. */
export function alertBookOf(store: Store): AlertBook {
  return {
    note: (of, firing, isJudged, at) => store.atomically((run) => note(run, of, { firing, isJudged, at })),
    firing: (of) => store.atomically(async (run) => (await known(run, of)).filter(({ ended }) => ended === null)),
    claim: (of, receiver, isDue, until) =>
      store.atomically(async (run) => {
        const notices = await noticesOf(run, of, receiver);
        const due = (await known(run, of)).filter((alert) => isDue(alert, notices.get(keyOf(alert))));
        for (const alert of due) {
          const { since, status, at } = notices.get(keyOf(alert)) ?? {
            since: alert.since,
            status: "untold",
            at: alert.since,
          };
          await write(run, of, receiver, alert, { since, status, at, claimedUntil: until });
        }
        return due;
      }),
    settle: (of, receiver, alert, isTold, at) =>
      store.atomically(async (run) => {
        const before = (await noticesOf(run, of, receiver)).get(keyOf(alert));
        const told = { since: alert.since, status: alert.ended === null ? "firing" : "resolved", at } as const;
        const { since, status, at: lastAt } = isTold || before === undefined ? told : before;
        await write(run, of, receiver, alert, { since, status, at: lastAt, claimedUntil: "" });
      }),
  };
}

interface Noted {
  readonly firing: readonly Alert[];
  readonly isJudged: (alert: Alert) => boolean;
  readonly at: string;
}

async function note(run: Run, of: Place, { firing, isJudged, at }: Noted): Promise<void> {
  const knownBefore = new Map((await known(run, of)).map((alert) => [keyOf(alert), alert]));
  const now = new Set(firing.map(keyOf));
  for (const alert of firing) {
    const old = knownBefore.get(keyOf(alert));
    const before = old?.ended === null ? old : undefined;
    await put(run, of, { ...alert, ...together(alert, before), since: before?.since ?? at, ended: null });
  }
  for (const [key, alert] of knownBefore) {
    if (!now.has(key) && alert.ended === null && isJudged(alert)) await put(run, of, { ...alert, ended: at });
  }
  const limit = new Date(Date.parse(at) - KEPT_DAYS * DAY_MS).toISOString();
  await run("delete from alerts where stage = $1 and server = $2 and ended < $3", [of.stage, of.server, limit]);
  await run(
    `delete from notices where stage = $1 and server = $2 and key not in
      (select key from alerts where stage = $1 and server = $2)`,
    [of.stage, of.server],
  );
}

/** All that it was about since it fires: one that can't be looked at now has to be seen before it is over. */
function together({ buckets }: Alert, before: Alert | undefined): Pick<Alert, "buckets"> {
  if (buckets === undefined) return {};
  return { buckets: [...new Set([...(before?.buckets ?? []), ...buckets])].sort() };
}

/** What makes two alerts one. */
function keyOf({ platform, name, severity }: Alert): string {
  return `${platform}/${name}/${severity}`;
}

async function known(run: Run, { stage, server }: Place): Promise<KnownAlert[]> {
  const sql = "select alert, since, ended from alerts where stage = $1 and server = $2 order by since, key";
  return (await run(sql, [stage, server])).map(alertIn);
}

function alertIn({ alert, since, ended }: Row): KnownAlert {
  return {
    ...(JSON.parse(String(alert)) as Alert),
    since: String(since),
    ended: ended === null ? null : String(ended),
  };
}

async function put(run: Run, { stage, server }: Place, { since, ended, ...alert }: KnownAlert): Promise<void> {
  await run(
    `insert into alerts (stage, server, key, since, ended, alert) values ($1, $2, $3, $4, $5, $6)
      on conflict (stage, server, key) do update set since = excluded.since, ended = excluded.ended, alert = excluded.alert`,
    [stage, server, keyOf(alert), since, ended, JSON.stringify(alert)],
  );
}

async function noticesOf(run: Run, { stage, server }: Place, receiver: string): Promise<Map<string, Notice>> {
  const sql = `select key, since, status, at, claimed_until from notices
    where stage = $1 and server = $2 and receiver = $3`;
  const rows = await run(sql, [stage, server, receiver]);
  return new Map(
    rows.map((row) => [
      String(row.key),
      {
        since: String(row.since),
        status: String(row.status) as Notice["status"],
        at: String(row.at),
        claimedUntil: String(row.claimed_until),
      },
    ]),
  );
}

async function write(
  run: Run,
  { stage, server }: Place,
  receiver: string,
  alert: Alert,
  notice: Notice,
): Promise<void> {
  await run(
    `insert into notices (stage, server, key, receiver, since, status, at, claimed_until)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (stage, server, key, receiver) do update set
        since = excluded.since, status = excluded.status, at = excluded.at, claimed_until = excluded.claimed_until`,
    [stage, server, keyOf(alert), receiver, notice.since, notice.status, notice.at, notice.claimedUntil],
  );
}
