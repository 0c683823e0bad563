/** The sentences of coming back and of backups. French. */
import { count, plural } from "../format.ts";
import type { CareTexts } from "./care-en.ts";

export const care: CareTexts = {
  restore: {
    title: "Vous revoilà.",
    intro:
      "Vos voisins gardent les écritures de la communauté. Vos clés, vous seul les avez\u202f: ramenez-les de l’une de ces deux façons.",
    way: {
      legend: "Comment revenez-vous\u202f?",
      options: {
        words: { label: "Avec mes douze mots", hint: "et une invitation à la communauté, même expirée" },
        file: { label: "Avec un fichier de sauvegarde", hint: "ramène aussi vos compteurs et votre consommation" },
      },
    },
    words: "Vos douze mots",
    wordsHint: "Dans l’ordre où vous les avez notés, séparés par des espaces.",
    link: "Une invitation à votre communauté",
    linkHint:
      "Demandez-en une à n’importe quel membre, ou prenez celle que vous avez créée dans Communauté et gardée. Elle dit seulement de quelle communauté il s’agit. Sans elle, il faut un fichier de sauvegarde (fait dans État).",
    name: "Votre prénom",
    nameHint: "Celui que vos voisins connaissent\u202f: avec un autre, ils vous voient changer de nom.",
    knownAs: (name: string) => `Vos voisins vous voient sous le nom de ${name}.`,
    badWord: (position: string, word: string) =>
      `Le mot ${position}, «\u202f${word}\u202f», n’est pas dans la liste. Comparez-le avec votre papier.`,
    file: "Fichier de sauvegarde",
    passphrase: "Phrase secrète du fichier",
    open: "Ouvrir le fichier",
    opening: (percent: string) => `Vérification de la phrase secrète\u202f: ${percent}`,
    found: (name: string, community: string) => `${name}, ${community}`,
    made: (ago: string) => `Enregistré ${ago}.`,
    meters: (meters: number) =>
      `${count(meters, "fr")} ${plural("fr", meters, { one: "compteur", other: "compteurs" })}.`,
    older:
      "Cet appareil a des données plus récentes du même membre. Le fichier les ferait perdre, il n’est pas repris.",
    other: "Cet appareil appartient déjà à une communauté. Effacez-le d’abord, dans État.",
    oldDevice: "L’ancien appareil tourne-t-il encore\u202f?",
    oldDeviceWarning:
      "Il ne doit plus tourner. Deux appareils avec les mêmes clés se contredisent, et la communauté y voit une tricherie. Effacez-le, ou n’y ouvrez plus jamais Commonwatt.",
    understood: "C’est fait\u202f: l’ancien appareil ne tourne plus.",
    needAlone: "Cochez ceci dès que l’ancien appareil ne tourne plus.",
    back: "Revenir",
    silent:
      "Au début, votre appareil ne fait qu’écouter\u202f: il ne sait pas ce qu’il a déjà approuvé. Il vote de nouveau de lui-même, d’ordinaire après dix créneaux.",
    done: "Vous êtes de retour.",
    /** After the words, before a neighbour has known them. */
    doneWords: "Vos clés sont sur cet appareil.",
    doneWordsBody:
      "Il demande maintenant aux voisins s’ils connaissent ces mots. Si oui, les écritures arrivent de chez eux.",
    doneBody: "Les écritures arrivent maintenant de chez vos voisins.",
    meterNext: "Associer de nouveau le compteur",
    home: "Vers l’accueil",
    need: "Remplissez ce champ.",
  },
  backup: {
    title: "Enregistrer une sauvegarde",
    intro:
      "Un seul fichier chiffré avec vos clés, les relevés de vos compteurs et votre consommation. Les écritures de la communauté reviennent de chez vos voisins.",
    passphrase: "Phrase secrète",
    passphraseHint: "Au moins 10 caractères. Sans elle, personne n’ouvre le fichier, nous non plus.",
    passphraseShort: (characters: number) =>
      `C’est trop court\u202f: ${count(characters, "fr")} ${plural("fr", characters, { one: "caractère", other: "caractères" })}. Il en faut au moins 10.`,
    repeat: "Phrase secrète, encore une fois",
    differs: "Les deux ne sont pas identiques.",
    save: "Enregistrer le fichier",
    working: (percent: string) => `Chiffrement\u202f: ${percent}`,
    done: "Enregistré. Gardez le fichier ailleurs que sur cet appareil.",
    words: "Vos douze mots vous ramènent aussi sans lui, mais pas les réglages de vos compteurs ni votre consommation.",
    demo: "La démo n’a rien à garder.",
  },
};
