/**
 * Runs tasks in their order, `width` at a time. At the first failure `failed` is told, so that it can end the others; it
 * is thrown when all have ended.
 */
export async function runTasks<const T extends readonly (() => Promise<unknown>)[]>(
  width: number,
  tasks: T,
  failed: () => void,
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  const results: unknown[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < tasks.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await tasks[index]?.();
      } catch (error) {
        failures.push(error);
        failed();
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (failures.length > 0) throw failures[0];
  return results as { -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> };
}
