/** French: notices of the system, and the switches for them. */
import type { NoticeTexts } from "./en-notices.ts";
import { plural } from "../format.ts";

const minutes = (value: number): string => `${value}\u00a0${plural("fr", value, { one: "minute", other: "minutes" })}`;

export const notices: NoticeTexts = {
  title: "Avis",
  why: "Cet appareil peut vous appeler quand quelque chose vous attend. Il le fait lui-même, sans aucun serveur, donc seulement tant que l\u2019app est ouverte, même en arrière-plan.",
  meter: {
    label: "Mon compteur s\u2019est tu",
    hint: "Pour que pas un rayon ne se perde à cause d\u2019un câble.",
  },
  ballot: { label: "Un vote m\u2019attend", hint: "Une proposition sur laquelle personne ne vote expire." },
  stalled: { label: "Plus rien n\u2019est inscrit", hint: "Le plus souvent, trop peu d\u2019appareils sont allumés." },
  named: {
    label: "Montrer les noms et les chiffres",
    hint: "On peut alors les lire sur l\u2019écran verrouillé.",
  },
  denied:
    "On a demandé à ce navigateur de ne montrer aucun avis de cette app. Vous pouvez les permettre dans ses réglages pour ce site.",
  none: "Ce navigateur ne montre pas d\u2019avis. Sur un iPhone ou un iPad, il le fait une fois l\u2019app sur l\u2019écran d\u2019accueil.",
  say: {
    meter: {
      title: "Votre compteur s\u2019est tu",
      plain: "Ouvrez Commonwatt pour voir que faire. Rien de ce qui est compté n\u2019est perdu.",
      named: (name, lasts) =>
        lasts === null
          ? `${name} n\u2019a rien dit ces derniers temps.`
          : `${name} n\u2019a rien dit depuis ${minutes(lasts)}.`,
    },
    ballot: {
      title: "Un vote vous attend",
      plain: "Ouvrez Commonwatt pour voir ce qui est proposé, et votez.",
      named: (name) => `Proposé par ${name}. Ouvrez Commonwatt pour voir ce que cela change, et votez.`,
    },
    stalled: {
      title: "Rien n\u2019est inscrit en ce moment",
      plain: "Les compteurs continuent\u202f; ce sera rattrapé plus tard.",
      named: (lasts) =>
        lasts === null
          ? "Les compteurs continuent\u202f; ce sera rattrapé plus tard."
          : `Rien depuis ${minutes(lasts)}. Les compteurs continuent\u202f; ce sera rattrapé plus tard.`,
    },
  },
};
