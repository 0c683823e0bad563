/** How much a device keeps, in French. */
import type { kind as en } from "./en-kind.ts";

export const kind: typeof en = {
  title: "Ce que cet appareil garde",
  now: { light: "Seulement vos propres chiffres, chacun prouvé.", full: "Tout, et il vote à chaque créneau." },
  reasons: {
    chosen: "C’est votre choix.",
    joining: "Il le faut, tant qu’aucune communauté ne vous a admis.",
    meter: "Un compteur y est relié\u202f: ce qu’il compte doit parvenir à la communauté.",
    needed: "La communauté a besoin de son vote\u202f: sans lui, trop peu sont d’accord.",
    "data-saver": "Votre appareil économise les données.",
    memory: "Il a peu de mémoire.",
    storage: "Il lui reste peu de place.",
    battery: "Sa batterie est faible.",
    away: "Il a été longtemps absent\u202f; il rattrapera son retard une fois branché.",
    able: "Rien ne s’y oppose.",
  },
  choice: {
    legend: "Choisir",
    options: {
      auto: { label: "Automatique", hint: "Selon la batterie, les données, la mémoire et la place." },
      light: { label: "Toujours léger", hint: "Très peu de données. Ni vote, ni compteur." },
      full: { label: "Toujours complet", hint: "Garde et vérifie tout, et vote pour vous." },
    },
  },
  overruled: "Vous avez choisi autre chose\u202f; ce sera fait dès que possible.",
  screen: {
    title: "Cet appareil ne garde que vos propres chiffres.",
    body: "Ce qu’ont les autres, les créneaux et les votes sont gardés par les appareils de vos voisins. Pour les voir ici et pour participer, laissez cet appareil tout garder.",
    button: "Tout garder sur cet appareil",
  },
};
