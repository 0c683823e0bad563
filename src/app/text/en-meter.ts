/** The sentences of the member's own use, on Home. English. */
import { count, plural } from "../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const own = {
  household: {
    title: "At home today",
    use: "used",
    own: "from our sun",
    grid: "from the grid",
    surplus: "of my share not used at once",
    sufficiency: (part: string) => `${part} of what you used was our sun.`,
    consumption: (part: string) => `${part} of your share was used at once.`,
    face: "What your supplier sees",
    faceMeans: "Use minus my share, each step for itself: the market face meter.",
    now: "from the grid now",
    until: (time: string) => `Counted until ${time}.`,
    provisional: "Provisional: your share of these steps can still change.",
    estimated: (steps: number) => `${n(steps, "step is", "steps are")} estimated.`,
    missing: (steps: number) =>
      `${n(steps, "step was", "steps were")} not read and ${plural("en", steps, { one: "is", other: "are" })} left out.`,
    stays: "Only you see this: it never leaves this device.",
    barLabel: (own: string, grid: string) => `${own} from our sun, ${grid} from the grid`,
    waiting: "The first step is being counted.",
    legendUse: "my use",
    legendGrid: "from the grid",
  },
  energy: { link: "My energy", month: "My month", year: "My year" },
};

export type OwnTexts = typeof own;
