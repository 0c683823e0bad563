/** French: « de » before a name, shortened where the name begins with a sound of a vowel. Pure. */

/** Vowels, a y that is one (Yves, not Yasmine), and the h of Hélène, Henri, Hugo that nobody hears. */
const SOFT = /^(?:[aeiouœæ]|y(?![aeiou])|h(?:[eu]))/u;

export const de = (name: string): string => {
  const begin = name.trim().normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return SOFT.test(begin) ? `d’${name}` : `de ${name}`;
};
