/** How old tags may be that a run takes from the former manifest: every run of a daily schedule asks for them. */
const TAGS_MS = 20 * 3600 * 1000;

/** When tags were asked for that a run of now records: now, where those of the former manifest are too old or nobody knows. */
export function tagsReadAt(former: string | undefined, now: Date): string {
  const isYoung = former !== undefined && now.getTime() - Date.parse(former) < TAGS_MS;
  return isYoung ? former : now.toISOString();
}
