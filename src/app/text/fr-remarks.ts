/** Problems in French. */
import { count, duration } from "../format.ts";
import { de } from "./elision.ts";
import { numberIn, peersReason, textIn, type Data, type Remarks, type TurnedAway } from "./remarks.ts";

/** Reasons for which neighbours turn a device away that its member should know. */
export const turnedAway: Readonly<Record<TurnedAway, string>> = {
  "bad-invitation": "Les membres n’acceptent pas cette invitation. Demandez-en une nouvelle à votre voisin.",
  "invitation-expired": "Cette invitation a expiré. Demandez-en une nouvelle à votre voisin.",
  "other-version": "Votre voisin a une autre version. Mettez l’application à jour sur les deux appareils.",
  "fingerprint-mismatch":
    "Quelqu’un est peut-être entre vous et votre voisin. Essayez un autre réseau et comparez les chiffres.",
  "same-key": "Un autre appareil utilise les mêmes mots. Quittez la communauté sur l’un des deux.",
};

const minutes = (data: Data, otherwise: string): string => {
  const value = numberIn(data, "minutes");
  return value === null || value < 1 ? otherwise : `depuis ${duration(value * 60_000, "fr")}`;
};
const meter = (data: Data): string => textIn(data, "label", "Votre compteur");

export const remarks: Remarks = {
  problems: {
    "storage-denied": {
      title: "Le navigateur ne laisse rien garder à cette application.",
      body: () =>
        "Vos clés et vos comptages seraient perdus. Quittez la navigation privée ou autorisez le stockage pour ce site, puis réessayez.",
      button: "Réessayer",
    },
    "storage-full": {
      title: "Il n’y a plus de place sur cet appareil.",
      body: () =>
        "Rien de compté n’est perdu, mais rien de nouveau ne peut être gardé. Supprimez des photos ou d’autres données.",
      button: "Voir le stockage",
    },
    "storage-corrupt": {
      title: "Une partie des données gardées est illisible.",
      body: () => "Vos clés sont gardées à part. Rechargez, ce qui manque revient de chez vos voisins.",
      button: "Recharger",
    },
    "storage-short": {
      title: "Cet appareil manque bientôt de place.",
      body: (data) => {
        const left = numberIn(data, "megabytes");
        return `Tout est encore gardé, mais il ne reste ${left === null ? "que peu de place" : `que ${count(left, "fr")}\u00a0Mo`} pour l’application. Supprimez des photos ou d’autres données, ou enregistrez une sauvegarde.`;
      },
      button: "Voir le stockage",
    },
    "identity-lost": {
      title: "Les clés de cet appareil sont illisibles.",
      body: () =>
        "Le stockage a été abîmé. Vos douze mots ou un fichier de sauvegarde vous ramènent, votre soleil est en sûreté chez vos voisins.",
      button: "Revenir",
    },
    "community-outdated": {
      title: "Cette communauté date d’une version antérieure de l’application.",
      body: () =>
        "Ses règles avaient une faiblesse et ont changé, elle ne peut donc pas continuer ici. Tout est encore sur cet appareil. Pour recommencer, effacez-le, puis créez ou rejoignez de nouveau la communauté.",
      button: "Recommencer",
    },
    "no-neighbour": {
      title: "Aucun voisin à portée.",
      body: (data) =>
        `Votre appareil n’a rencontré aucun voisin ${minutes(data, "depuis un moment")}. ${(numberIn(data, "meters") ?? 0) > 0 ? "Votre compteur continue, rien n’est perdu." : "Ce qu’il garde est en sûreté\u202f; la suite arrivera d’elle-même."}`,
      button: "Essayer maintenant",
    },
    offline: {
      title: "Vous êtes hors ligne.",
      body: () => "Vous voyez ce qui était connu avant. La suite arrive d’elle-même dès que la connexion revient.",
      button: "Essayer maintenant",
    },
    "clock-off": {
      title: "L’heure de cet appareil est fausse.",
      body: (data) => {
        const seconds = numberIn(data, "seconds");
        const by = seconds === null ? "" : ` de ${duration(Math.abs(seconds) * 1000, "fr")}`;
        return `Elle s’écarte${by} de celle des voisins. Activez l’heure automatique dans les réglages de l’appareil.`;
      },
      button: "Voir l’horloge",
    },
    "meter-silent": {
      title: "Le compteur se tait.",
      body: (data) =>
        `${meter(data)} n’a rien envoyé ${minutes(data, "depuis un moment")}. Vérifiez le câble du côté du compteur.`,
      button: "Ouvrir le compteur",
    },
    "meter-refused": {
      title: "Les télégrammes du compteur sont illisibles.",
      body: (data) =>
        `${meter(data)} envoie, mais les sommes de contrôle sont fausses. Vérifiez la fiche, la longueur du câble et la vitesse du port.`,
      button: "Ouvrir le compteur",
    },
    "meter-backwards": {
      title: "Le compteur compte moins qu’avant.",
      body: (data) =>
        `${meter(data)} montre un index plus petit que la dernière fois. S’il a été remplacé, confirmez-le. Ce qui est compté reste acquis.`,
      button: "Ouvrir le compteur",
    },
    "meter-jumped": {
      title: "Le compteur a sauté.",
      body: (data) =>
        `${meter(data)} a augmenté de plus que l’installation ne peut produire. S’il a été remplacé, confirmez-le\u202f; sinon corrigez la puissance maximale. Ce qui est compté reste acquis.`,
      button: "Ouvrir le compteur",
    },
    "meter-other": {
      title: "Un autre compteur répond sur ce câble.",
      body: (data) =>
        `Deux câbles ont-ils été échangés\u202f? Ou le compteur a-t-il été remplacé\u202f? ${meter(data)} n’est pas compté tant que son câble n’est pas remis ou le nouveau compteur confirmé. Ce qui est compté reste acquis.`,
      button: "Ouvrir le compteur",
    },
    "meter-unplugged": {
      title: "Le câble du compteur est débranché.",
      body: (data) =>
        `Rebranchez le câble ${de(textIn(data, "label", "votre compteur"))}. Ce qu’il compte entre-temps sera inscrit alors.`,
      button: "Ouvrir le compteur",
    },
    "ballot-waiting": {
      title: "La communauté demande votre vote.",
      body: (data) => {
        const open = numberIn(data, "count") ?? 1;
        return open === 1
          ? "Une proposition attend votre oui ou votre non."
          : `${count(open, "fr")} propositions attendent votre oui ou votre non.`;
      },
      button: "Voir la proposition",
    },
    "applicant-waiting": {
      title: "Quelqu’un attend à la porte.",
      body: (data) =>
        `${textIn(data, "name", "Un voisin")} demande à entrer. Comparez les chiffres, puis admettez d’un geste.`,
      button: "Voir qui c’est",
    },
    "not-final": {
      title: "Les derniers créneaux ne sont pas encore définitifs.",
      body: () =>
        "Trop peu de voisins étaient en ligne pour les confirmer. Cela continue dès que d’autres ouvrent l’application, rien n’est perdu.",
      button: "Voir les créneaux",
    },
    "chain-stalled": {
      title: "Plus rien n’est inscrit ces derniers temps.",
      body: (data) =>
        `Rien de nouveau ${minutes(data, "depuis un moment")}. Les compteurs continuent, l’énergie sera inscrite dès qu’un membre est en ligne.`,
      button: "Essayer maintenant",
    },
    barred: {
      title: "Votre appareil ne peut plus inscrire de créneaux.",
      body: () =>
        "Il a trop souvent manqué son tour, ou a signé deux choses différentes. Votre soleil et votre voix restent. Les membres peuvent lui pardonner.",
      button: "Voir pourquoi",
    },
    "left-community": {
      title: "Vous avez quitté la communauté.",
      body: () =>
        "Plus rien n’est partagé avec vous. Ce que vous avez eu reste inscrit, et vous pouvez vider cet appareil.",
      button: "Vider cet appareil",
    },
    "device-replaced": {
      title: "Un autre appareil parle maintenant pour vous.",
      body: () =>
        "Les membres ont confié votre adhésion à un nouvel appareil, celui-ci ne compte plus. Si ce n’était pas vous, appelez vos voisins.",
      button: "Vider cet appareil",
    },
    "words-unknown": {
      title: "Ces mots ne sont ceux d’aucun membre de cette communauté.",
      body: () =>
        "Comparez-les avec votre papier, puis videz cet appareil et recommencez. S’ils sont justes, l’invitation mène peut-être à une autre communauté, ou votre adhésion a pris fin\u202f: demandez à un voisin.",
      button: "Vider cet appareil",
    },
    "refused-by-peers": {
      title: "Les appareils des voisins refusent celui-ci.",
      body: (data) =>
        peersReason(
          turnedAway,
          data,
          "Votre adhésion a pris fin pendant que cet appareil était éteint, ou les membres l\u2019ont donnée à un nouvel appareil à vous. Si ce n\u2019était pas vous, appelez vos voisins.",
          "Ils ont peut-être une version plus récente, ou votre adhésion a pris fin. Mettez l’application à jour et demandez à un voisin.",
        ),
      button: "Voir les connexions",
    },
    "alarm-shares": {
      title: "Une part a été admise qui enfreint la règle.",
      body: () =>
        "Plus de la moitié des appareils des membres l’ont signée, et cet appareil en a la preuve. Parlez-en à vos voisins avant de vous fier aux chiffres.",
      button: "Voir les connexions",
    },
    "alarm-heads": {
      title: "Les appareils des membres ont admis deux registres différents.",
      body: () =>
        "Cet appareil garde celui qu’il a connu d’abord et a la preuve des deux. Parlez-en à vos voisins\u202f: c’est aux personnes de décider lequel compte.",
      button: "Voir les connexions",
    },
    "other-tab-old": {
      title: "Un autre onglet utilise une ancienne version.",
      body: () => "Fermez les autres onglets de cette application, puis rechargez celui-ci.",
      button: "Recharger",
    },
  },
};
