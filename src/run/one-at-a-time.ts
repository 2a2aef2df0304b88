/** Runs work one after the other, in the order of asking: what one decides, the next one sees. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

export function oneAtATime(): OneAtATime {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work);
    // Its error belongs to whoever asked; the next one goes on.
    tail = result.catch(() => undefined);
    return result;
  };
}
