/** The sentences of the member's own use and of a meter's role. English. */
import { count, plural } from "../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const own = {
  /** What a meter is paired for. */
  role: {
    legend: "What should it count?",
    options: {
      generation: {
        label: "What the panels make",
        hint: "Counted, signed and shared. The members vote on it first. A grid meter (P1, Linky) sees only what you feed in, after your own use.",
      },
      consumption: {
        label: "What my household uses",
        hint: "Your own grid meter. Only this device reads it, and nothing of it ever leaves this device.",
      },
    },
  },
  household: {
    title: "At home today",
    use: "used",
    own: "from our sun",
    grid: "from the grid",
    surplus: "of my share not used at once",
    sufficiency: (part: string) => `${part} of what you used was our sun.`,
    consumption: (part: string) => `${part} of your share was used at once.`,
    face: "Market face meter",
    faceMeans: "Use minus my share, each quarter of an hour for itself: what your supplier will see.",
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
  meterCard: {
    counting: (name: string) => ({ before: `${name} has brought in`, after: "from the grid in all." }),
    grid: "From the grid",
    gridRegister: (register: string, now: string | null) => (now === null ? register : `${register}, now ${now}`),
    forgetSure: "Really forget it? What it counted so far stays on this device.",
    check: "Check against the meter",
  },
};

export type OwnTexts = typeof own;
