/** `health`: no object is listed; `usage`: ages, prefixes and what expires, too. */
export type Depth = "health" | "usage";

/** Versions that are listed of one bucket where nobody says how many. */
export const MAX_OBJECTS = 100_000;
