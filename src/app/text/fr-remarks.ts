/** Problems and refusals in French. */
import { count, duration } from "../format.ts";
import { numberIn, peersReason, textIn, type Data, type Remarks } from "./remarks.ts";

const minutes = (data: Data, otherwise: string): string => {
  const value = numberIn(data, "minutes");
  return value === null ? otherwise : `depuis ${duration(value * 60_000, "fr")}`;
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
    "no-neighbour": {
      title: "Aucun voisin à portée.",
      body: (data) =>
        `Votre appareil n’a rencontré aucun voisin ${minutes(data, "depuis un moment")}. Votre compteur continue, rien n’est perdu.`,
      button: "Essayer maintenant",
    },
    offline: {
      title: "Vous êtes hors ligne.",
      body: () => "Vous voyez le dernier état vérifié. La suite arrive d’elle-même dès que la connexion revient.",
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
        `${meter(data)} a augmenté de plus que l’installation ne peut produire. S’il a été remplacé, confirmez-le ; sinon corrigez la puissance maximale. Ce qui est compté reste acquis.`,
      button: "Ouvrir le compteur",
    },
    "meter-other": {
      title: "Un autre compteur répond sur ce câble.",
      body: (data) =>
        `Deux câbles ont-ils été échangés ? Ou le compteur a-t-il été remplacé ? ${meter(data)} n’est pas compté tant que son câble n’est pas remis ou le nouveau compteur confirmé. Ce qui est compté reste acquis.`,
      button: "Ouvrir le compteur",
    },
    "meter-unplugged": {
      title: "Le câble du compteur est débranché.",
      body: (data) =>
        `Rebranchez le câble de ${textIn(data, "label", "votre compteur")}. Ce qu’il compte entre-temps sera inscrit alors.`,
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
      title: "Les derniers pas ne sont pas encore définitifs.",
      body: () =>
        "Trop peu de voisins étaient en ligne pour les confirmer. Cela continue dès que d’autres ouvrent l’application, rien n’est perdu.",
      button: "Voir les pas",
    },
    "chain-stalled": {
      title: "Plus rien n’est inscrit ces derniers temps.",
      body: (data) =>
        `Rien de nouveau ${minutes(data, "depuis un moment")}. Les compteurs continuent, l’énergie sera inscrite dès qu’un membre est en ligne.`,
      button: "Essayer maintenant",
    },
    barred: {
      title: "Votre appareil ne peut plus faire de blocs.",
      body: () =>
        "Il en a trop dû, ou a signé deux choses différentes. Votre soleil et votre voix restent. Les membres peuvent lui pardonner.",
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
    "refused-by-peers": {
      title: "Les appareils des voisins refusent celui-ci.",
      body: (data) =>
        peersReason(
          remarks.refusals,
          data,
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
        "Cet appareil garde celui qu’il a connu d’abord et a la preuve des deux. Parlez-en à vos voisins : c’est aux personnes de décider lequel compte.",
      button: "Voir les connexions",
    },
    "other-tab-old": {
      title: "Un autre onglet utilise une ancienne version.",
      body: () => "Fermez les autres onglets de cette application, puis rechargez celui-ci.",
      button: "Recharger",
    },
  },
  refusals: {
    "invitation-unreadable": "Cette invitation est illisible. Demandez à votre voisin de renvoyer le lien entier.",
    "invitation-changed":
      "Cette invitation a été modifiée en route. Ne l’utilisez pas, demandez-en une nouvelle à votre voisin.",
    "invitation-expired": "Cette invitation a expiré. Demandez-en une nouvelle à votre voisin.",
    "contract-invalid":
      "Le contrat de la communauté enfreint ses propres règles. N’adhérez pas et prévenez votre voisin.",
    "contract-signature":
      "La signature du contrat n’est pas valable. N’adhérez pas, demandez une nouvelle invitation à votre voisin.",
    malformed: "Ceci n’a pas pu être lu. Réessayez avec l’original.",
    "phrase-length": "Une phrase de récupération a douze mots. Vérifiez qu’il n’en manque pas.",
    "phrase-checksum": "Ces mots ne vont pas ensemble. Comparez-les avec votre papier, lettre par lettre.",
    "word-unknown": "L’un des mots n’est pas dans la liste. Comparez-le avec votre papier.",
    "name-empty": "Saisissez un nom.",
    "name-long": "Ce nom est trop long. Raccourcissez-le.",
    "server-unreadable": "Un des serveurs ne peut être lu. Écrivez-le comme https://hôte ou turn:hôte:3478.",
    "servers-too-many": "C’est plus de serveurs que n’en tient une invitation. Nommez-en moins.",
    "already-member": "Cet appareil appartient déjà à une communauté. Quittez-la d’abord, sous État.",
    "light-device":
      "Cet appareil ne garde que vos propres chiffres. Laissez-le tout garder, sous Santé, pour faire cela.",
    "not-ready": "L’application démarre encore. Réessayez dans un instant.",
    "applicant-unknown": "Cette personne n’attend plus. Demandez-lui de rouvrir l’invitation.",
    "proposal-unknown": "Cette proposition n’est plus connue ici.",
    "meter-unknown": "Ce compteur n’est plus associé à cet appareil.",
    "meter-settings": "Les données du compteur ne concordent pas. Comparez-les avec sa façade.",
    "port-missing": "Le câble n’est pas là. Branchez-le et choisissez-le de nouveau.",
    "step-unknown": "Ce pas n’est pas gardé sur cet appareil.",
    "transaction-unknown": "Cette écriture n’est pas gardée sur cet appareil.",
    "confirm-mismatch": "Le nom ne correspond pas. Saisissez exactement le nom de la communauté.",
    "not-leader": "Un autre onglet de cette application travaille. Faites-le là-bas ou fermez cet onglet.",
    closed: "Le stockage a été fermé. Rechargez l’application.",
    corrupt: "Une partie des données gardées est illisible. Rechargez, ce qui manque revient de chez vos voisins.",
    denied:
      "Le navigateur ne laisse rien garder à cette application. Quittez la navigation privée ou autorisez le stockage.",
    failed: "L’appareil n’a pas pu enregistrer. Réessayez, rien de compté n’est perdu.",
    full: "Il n’y a plus de place sur cet appareil. Supprimez d’autres données, puis réessayez.",
    "not-a-member": "Seuls les membres peuvent faire cela. Attendez d’être admis.",
    "member-known": "Ce voisin est déjà membre.",
    "community-full": "La communauté n’a plus de place pour un membre.",
    "too-many-proposals": "Trop de votes sont ouverts. Décidez d’abord l’un d’eux.",
    "weight-too-large": "Ce poids est trop grand. Choisissez-en un plus petit.",
    "ballot-closed": "Ce vote est terminé.",
    busy: "Trop de demandes à la fois. Réessayez dans quelques minutes.",
    "other-version": "Votre voisin a une autre version. Mettez l’application à jour sur les deux appareils.",
    "other-community": "Ceci appartient à une autre communauté.",
    "fingerprint-mismatch":
      "Quelqu’un est peut-être entre vous et votre voisin. Essayez un autre réseau et comparez les chiffres.",
    "bad-invitation": "Les membres n’acceptent pas cette invitation. Demandez-en une nouvelle à votre voisin.",
    "bad-signature": "Une signature n’est pas valable. Rien n’a été accepté.",
    "same-key": "Un autre appareil utilise les mêmes mots. Quittez la communauté sur l’un des deux.",
    "meter-not-stopped": "Ce compteur compte. Il n’y a rien à confirmer.",
    "port-busy":
      "Le câble est occupé. Fermez les autres programmes qui le lisent, puis débranchez-le et rebranchez-le.",
    "port-denied": "Cette page ne peut plus utiliser le câble. Choisissez-le de nouveau.",
    "no-web-serial":
      "Ce navigateur ne peut pas lire un câble. Utilisez Chrome ou Edge sur un ordinateur, ou choisissez USB sur Android.",
    "no-webusb": "Ce navigateur n’atteint pas les appareils USB. Utilisez Chrome ou Edge.",
    "line-noise": "La ligne est perturbée. Vérifiez la fiche, la vitesse du port et si le câble inverse le signal.",
    "bad-checksum":
      "Il est arrivé abîmé. Si cela continue, raccourcissez le câble, vérifiez sa fiche et la vitesse du port.",
    "no-checksum":
      "Ce compteur n’envoie pas de somme de contrôle (avant DSMR 4), un dégât passerait inaperçu. Utilisez sa sortie à impulsions.",
    "cut-short": "Il s’est interrompu au milieu. Vérifiez que le câble est branché aux deux bouts.",
    "no-start": "Il est arrivé sans son début. Le suivant devrait être entier, sinon vérifiez le câble.",
    "too-long": "Il n’a pas pris fin. Vérifiez que le port est un port P1 et que sa vitesse est juste.",
    "no-telegram":
      "Des octets arrivent, mais rien de lisible. Vérifiez la vitesse du port, un câble inversé, et que le compteur ne chiffre pas.",
    "no-export-register":
      "Ce compteur n’envoie pas d’index d’injection. Demandez au gestionnaire de réseau de lui faire compter l’injection.",
    "no-import-register":
      "Ce compteur ne dit pas ce qui vient du réseau. Lisez plutôt le compteur de réseau du ménage.",
    "unreadable-register":
      "Un index y est illisible. Si cela arrive chaque fois, signalez le type du compteur au projet.",
    "unknown-unit": "Un index y a une unité inconnue. Signalez le type du compteur au projet.",
    "contradictory-registers": "Ses index se contredisent. Signalez le type du compteur au projet.",
    "other-constant":
      "Le compteur d’impulsions connaît un autre nombre d’impulsions par kWh que le vôtre. Corrigez celui qui est faux.",
    "count-backwards": "Le nombre d’impulsions a baissé sans redémarrage. Reprogrammez le compteur.",
    "register-backwards": "Le compteur montre moins que la dernière fois. S’il a été remplacé, confirmez-le.",
    "too-much": "Le compteur a sauté de plus que l’installation ne peut produire. S’il a été remplacé, confirmez-le.",
    stopped: "Le compteur est arrêté jusqu’à votre confirmation.",
    "worker-failed": "Le moteur de l’application s’est arrêté. Vos données sont en sécurité, rechargez.",
    "member-unknown": "Ce n’est pas, ou plus, un membre de la communauté.",
    "nothing-changes": "C’est déjà en vigueur. Changez d’abord quelque chose.",
    "nothing-to-pardon": "Ce membre ne doit rien et peut faire des blocs.",
    "last-member": "Le dernier membre ne peut pas partir. Videz plutôt cet appareil.",
    "rule-iterations": "Chaque tour partage une part au-dessus de 0, et le dernier tout ce qui reste.",
    "rule-members": "Les membres ont changé entre-temps. Refaites la proposition.",
    "rule-weights": "Les poids sont des nombres entiers de 0 à 1 000 000, et l’un au moins dépasse 0.",
    "strategy-share": "Saisissez un pourcentage entier de 1 à 100.",
    "term-fixed": "Cette clause reste celle de la fondation.",
    "terms-invalid": "Cette valeur ne va pas avec les autres clauses. Choisissez-en une autre.",
    "owner-unknown": "Le propriétaire du compteur n’est pas membre.",
    endorsement: "L’aval du gestionnaire de réseau pour ce compteur manque ou est faux.",
    "generator-known": "Ce compteur est déjà enregistré.",
    "generator-unknown": "Ce compteur n’est pas enregistré ici.",
    "voting-key-unproven": "La clé du nouvel appareil n’est pas prouvée. Faites refaire la demande.",
    "leave-known": "Vous partez déjà. Il n’y a plus rien à faire.",
    "ballot-old": "Votre vote de ce pas est déjà compté. Vous pourrez le changer au pas suivant.",
    "proposal-known": "C’est déjà proposé. Votez sous Voisins.",
    "proposal-adopted": "C’est déjà adopté. Faites une nouvelle proposition.",
    "proposal-time": "Cette proposition a vieilli en route. Refaites-la.",
    "parameters-order": "Les clauses ne vont pas ensemble. Refaites la proposition.",
    "identity-lost": "Ramenez d’abord vos clés, ou effacez cet appareil.",
    "passphrase-short": "Choisissez une phrase secrète d’au moins 10 caractères.",
    "passphrase-wrong":
      "La phrase secrète n’ouvre pas ce fichier. Vérifiez majuscules et espaces, ou si le fichier est complet.",
    "backup-unreadable": "Ce n’est pas une sauvegarde de Commonwatt, ou elle est abîmée. Choisissez un autre fichier.",
    "backup-newer": "Cette sauvegarde vient d’une version plus récente. Mettez d’abord l’application à jour.",
    "backup-older": "Cet appareil a des données plus récentes du même membre que le fichier. Rien n’a changé.",
    "generator-terms": "Un producteur demande une puissance de crête et une résolution dans leurs limites.",
  },
};
