/** The error that a piece of work ends with; one that says so where it succeeds. */
export const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("nothing was refused"),
    (error: Error) => error,
  );
