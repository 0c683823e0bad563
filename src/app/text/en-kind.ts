/** How much a device keeps, in English. */
export const kind = {
  title: "What this device keeps",
  now: { light: "Its own figures only, each proved.", full: "Everything, and it votes on each step." },
  reasons: {
    chosen: "You chose this.",
    joining: "Until a community has taken you in, it must.",
    meter: "A meter is paired with it: what the meter counts must reach the community.",
    needed: "The community needs its vote: without it too few agree.",
    "data-saver": "Your device saves data.",
    memory: "It has little memory.",
    storage: "It has little room left.",
    battery: "Its battery is low.",
    away: "It was away for long; it catches up when it is plugged in.",
    able: "Nothing speaks against it.",
  },
  choice: {
    legend: "Choose",
    options: {
      auto: { label: "Automatic", hint: "By battery, data, memory and room." },
      light: { label: "Always light", hint: "Very little data. You cannot vote or pair a meter." },
      full: { label: "Always full", hint: "Keeps and checks everything, and votes for you." },
    },
  },
  overruled: "You chose something else; it is done as soon as it can be.",
  screen: {
    title: "This device keeps your own figures only.",
    body: "What others have, the steps and the ballots are kept by your neighbours\u2019 devices. To see them here, and to take part, let this device keep everything.",
    button: "Keep everything on this device",
  },
};
