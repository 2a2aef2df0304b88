/** How many tries tell a loss from none, and how many of them may fail. Pure. */

/** A proof that is wrong less often than once in a thousand. */
const RISK = 0.001;
const LEAST_TRIES = 40;

/** The chance of a connection: its first packet and the answer to it each pass `crossings` lossy places together. */
export const chanceOf = (percent: number, crossings: number): number => (1 - percent / 100) ** crossings;

/** So many that none lost, or none left, would be a wonder. */
export const triesFor = (chance: number): number =>
  Math.max(LEAST_TRIES, Math.ceil(Math.log(RISK) / Math.log(chance)), Math.ceil(Math.log(RISK) / Math.log(1 - chance)));

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** The lost ones of so many tries: fewer than `least`, or more than `most`, happens less often than RISK each. */
export function lostBounds(tries: number, chance: number): Bounds {
  const shares = binomial(tries, 1 - chance);
  let [least, below] = [0, shares[0] ?? 0];
  while (below < RISK) {
    least += 1;
    below += shares[least] ?? 0;
  }
  let [most, above] = [tries, shares[tries] ?? 0];
  while (above < RISK) {
    most -= 1;
    above += shares[most] ?? 0;
  }
  return { least, most };
}

/** The chance of each number of hits, 0 to `tries`. */
function binomial(tries: number, hit: number): readonly number[] {
  let logWays = 0;
  return Array.from({ length: tries + 1 }, (_, hits) => {
    if (hits > 0) logWays += Math.log(tries - hits + 1) - Math.log(hits);
    return Math.exp(logWays + hits * Math.log(hit) + (tries - hits) * Math.log(1 - hit));
  });
}
