/**
 * The check that a recovery phrase was written down: three of its twelve words, each picked out of four. Pure:
 * `random` returns numbers in [0, 1) and is given by the screen.
 */

export type PhraseQuestion = {
  readonly position: number;
  readonly answer: string;
  readonly options: readonly string[];
};

const draw = <T>(from: readonly T[], count: number, random: () => number): T[] => {
  const rest = [...from];
  const taken: T[] = [];
  while (taken.length < count && rest.length > 0) {
    const [one] = rest.splice(Math.floor(random() * rest.length), 1);
    if (one !== undefined) taken.push(one);
  }
  return taken;
};

/** Positions count from 0 and come in the phrase's own order, so that a finger can follow the paper. */
export const phraseQuestions = (words: readonly string[], random: () => number, asked = 3): PhraseQuestion[] =>
  draw([...words.keys()], asked, random)
    .toSorted((a, b) => a - b)
    .map((position) => {
      const answer = words[position] ?? "";
      const others = [...new Set(words)].filter((word) => word !== answer);
      return { position, answer, options: draw([answer, ...draw(others, 3, random)], 4, random) };
    });

export const allRight = (questions: readonly PhraseQuestion[], given: readonly (string | null)[]): boolean =>
  questions.length > 0 && questions.every((question, at) => given[at] === question.answer);
