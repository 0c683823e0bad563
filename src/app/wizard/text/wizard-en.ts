/** The sentences of pairing a meter. English. Loaded with the wizard. */
import { count, plural } from "../../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const wizard = {
  progress: (at: number, of: number) => `Step ${at} of ${of}`,
  next: "Go on",
  kind: {
    title: "Look at your meter: what can you see?",
    options: {
      p1: {
        label: "A telephone-like socket",
        hint: "P1 port; Belgium, Netherlands, Luxembourg, Sweden, Austria, Hungary",
      },
      tic: { label: "A yellow-green Linky", hint: "Terminals I1, I2 and A under the lower lid; France" },
      optical: {
        label: "A round metal spot for a magnet",
        hint: "Infrared port; Germany, Switzerland, Austria and others",
      },
      han: { label: "A customer port", hint: "HAN or M-Bus socket; Nordic countries, Austria, Switzerland" },
      counter: {
        label: "A pulse output, with a microcontroller",
        hint: "S0 terminals or a blinking light; never misses a pulse",
      },
      direct: { label: "A pulse output, straight to an adapter", hint: "S0 terminals; this device must stay awake" },
      unknown: { label: "I don\u2019t know: listen and tell me", hint: "The cable is there already" },
    },
  },
  wire: {
    title: {
      p1: "A P1 cable goes from the socket to USB.",
      tic: "Two wires go from the Linky to a TIC adapter.",
      optical: "An infrared head sticks to the meter by its magnet.",
      han: "An M-Bus adapter goes into the customer port.",
      counter: "Two wires go from S0 to a microcontroller that counts.",
      direct: "Two wires go from S0 to a serial adapter.",
      unknown: "Whatever cable you have: plug it in at both ends.",
    },
    buy: "What you need",
    buyBody: {
      p1: "A \u201cP1 to USB\u201d cable (RJ12 plug, with the signal inverted inside): about 15 to 25 euro.",
      tic: "A \u201cTIC to USB\u201d adapter with an optocoupler: about 15 to 35 euro, and two metres of thin two-core wire.",
      optical: "A USB \u201cIR read head\u201d for IEC 62056-21 or SML: about 20 to 40 euro.",
      han: "A \u201cM-Bus to USB\u201d or \u201cHAN to USB\u201d adapter, master or slave as your grid operator says: about 20 to 40 euro.",
      counter:
        "A small USB board with a 32U4 or similar chip: about 8 to 15 euro, and two-core wire. The project\u2019s README says where the program is.",
      direct: "A USB to serial adapter with 5 V or 3.3 V levels and free wires: about 8 to 15 euro.",
      unknown: "A cable between the meter and this device\u2019s USB socket.",
    },
    wire: "How it goes together",
    wireBody: {
      p1: "Plug it into the P1 socket until it clicks, then into this device. Some grid operators must switch the port on first; you ask for it on their site.",
      tic: "I1 and I2 to the adapter\u2019s two inputs, either way round; leave A free unless the adapter takes its power there. Have the supplier set the meter to \u201cproducteur\u201d and \u201cmode standard\u201d: otherwise it does not send what you feed in.",
      optical:
        "Put the head on the round spot with its cable downwards. Many German meters show all digits only after the PIN from the grid operator.",
      han: "Plug it into the customer port. Most of these meters must be opened by the grid operator, and many encrypt: then this device says so.",
      counter: "S0+ to pin 2 of the board, S0\u2212 to its ground. Flash the program onto it once.",
      direct:
        "S0+ to the adapter\u2019s RX, S0\u2212 to its ground. The board beside it never misses a pulse; this way one is lost whenever this device sleeps.",
      unknown: "Nothing needs to be set: all usual speeds are tried, one after the other.",
    },
    warn: "Be careful",
    warnBody: {
      p1: "The socket carries 5 volts only. The cabinet\u2019s sealed lids stay closed: they belong to the grid operator.",
      tic: "Only the green lower lid is yours to open, and TIC itself is low voltage: touch nothing else. The sealed lid stays closed.",
      optical: "Nothing is opened and nothing is touched: light only.",
      han: "Only the customer port is yours. Anything under a seal belongs to the grid operator.",
      counter:
        "S0 itself carries at most 27 volts, but it sits beside mains terminals: have an electrician open the box and put the two wires out.",
      direct:
        "S0 itself carries at most 27 volts, but it sits beside mains terminals: have an electrician open the box and put the two wires out.",
      unknown: "Open no lid that has a seal. Whatever sits beside mains terminals is an electrician\u2019s.",
    },
    accuracy: "How accurate it will be",
    accuracyBody: {
      p1: "It moves in steps of 1 Wh. A class B meter of 0.25-5(60) A would need steps below 0.2875 Wh to be exact in every quarter of an hour; sums over a day are right to 1 Wh.",
      tic: "It moves in steps of 1 Wh. A class B meter of 0.25-5(60) A would need steps below 0.2875 Wh to be exact in every quarter of an hour; sums over a day are right to 1 Wh.",
      optical:
        "Steps of 0.1 Wh, which most send after the PIN, are fine enough for class B (below 0.2875 Wh); steps of 1 Wh are not.",
      han: "Steps of 1 or 10 Wh: coarser than class B asks in a quarter of an hour (below 0.2875 Wh). Sums over a day are right.",
      counter:
        "From 3,479 pulses per kWh on it is fine enough for steps of a quarter of an hour and a class B meter of 0.25-5(60) A; 1,000 are not.",
      direct:
        "From 3,479 pulses per kWh on it is fine enough for steps of a quarter of an hour and a class B meter of 0.25-5(60) A; 1,000 are not. What is not seen is not claimed.",
      unknown: "You see it, with its numbers, before you finish.",
    },
  },
  port: {
    title: "Plug the cable in and choose it.",
    body: "The browser asks once; afterwards this device finds the cable by itself.",
    known: "Allowed already",
    choose: "Choose a cable",
    chooseUsb: "Choose a USB device",
    android: "On Android there are two ways. USB cables usually need the second; Bluetooth adapters the first.",
    none: "This browser cannot read a cable.",
    noneBody:
      "Use Chrome or Edge on a computer, or Chrome on Android with a USB adapter. A small computer beside the meter does as well: the meter\u2019s device and yours need not be the same. Firefox and Safari can show everything else.",
    cancelled: "No cable was chosen. Plug it in and try again.",
    denied: "The browser refused access. Allow serial ports for this site in the browser\u2019s settings.",
    unnamed: "Port without a USB number",
    usb: (vendor: string, product: string) => `USB ${vendor}:${product}`,
  },
  listen: {
    title: {
      probing: "Listening\u2026",
      none: "Nothing was recognised yet.",
      found: (what: string) => `Found: ${what}.`,
      trouble: "The cable cannot be read.",
    },
    protocols: {
      p1: "a smart meter on its P1 port",
      s0: "a pulse counter",
      tic: "a Linky (TIC)",
      iec: "a meter that speaks IEC 62056-21",
      sml: "a meter that speaks SML",
      dlms: "a meter that speaks DLMS",
      pulse: "pulses",
    },
    trying: (line: string) => `Trying ${line}`,
    asking: (line: string) => `Asking the meter at ${line}`,
    seconds: (left: number) => `at most ${n(left, "second", "seconds")} more`,
    heard: (bytes: number) => `${n(bytes, "character", "characters")} heard`,
    states: {
      waiting: "to come",
      running: "now",
      skipped: "not needed",
      meter: "this is it",
      encrypted: "encrypted",
      almost: "almost",
      pulses: "pulses",
      "wrong-settings": "unreadable",
      nothing: "silent",
    },
    outcome: {
      encrypted:
        "The meter speaks, but encrypted. Ask your grid operator to switch the customer port to clear text; this app does not keep foreign keys. Or use the meter\u2019s pulse output.",
      almost:
        "Parts of a telegram arrive, but no whole one. Move the plug or the infrared head a little, shorten the cable, and listen again.",
      "wrong-settings":
        "Something arrives, but no known meter. A P1 cable must invert the signal; an infrared head may sit upside down. If you know the speed, choose it below.",
      nothing:
        "Nothing arrives at any speed. Is the plug in at both ends? Must the grid operator switch the port on first? For pulses: is the sun shining?",
      pulses: "Pulses arrive. Each is a fixed part of a kilowatt-hour: the meter\u2019s front says how many.",
    },
    noExport:
      "It is readable, but it does not say what is fed in. Have the meter set to count feed-in (for a Linky: producer, standard mode), or pair it for your household\u2019s use.",
    cancel: "Stop listening",
    again: "Listen again",
    everywhere: "Listen at all speeds",
    go: "Compare with the meter",
    byHand: "Choose by hand",
    protocol: "Language",
    speed: "Speed",
    frame: "Characters",
    input: "Pulses come in on",
    take: "Use this",
  },
  confirm: {
    title: "Is this the number on your meter?",
    titlePulses: "Does it count along with the light?",
    waiting: "Waiting for the first reading\u2026",
    look: (code: string) => `Press the meter\u2019s button until it shows ${code}.`,
    lookSum: (code: string) => `Press the meter\u2019s button until it shows ${code}, and add the two.`,
    tic: (code: string) => `Press + until the display shows the index ${code}.`,
    lookPulses: "Watch the meter\u2019s light: each blink is one more here.",
    pulses: (value: number) => n(value, "pulse", "pulses"),
    now: "Power now",
    steps: (size: string) => `moves in steps of ${size}`,
    rounded: "The meter may show fewer digits, and be a moment behind.",
    yes: "Yes, that is it",
    no: "No, look again",
    readings: (value: number) => `${n(value, "reading", "readings")} so far`,
    noRegister: "The meter does not send this register.",
  },
  plate: {
    title: "Now copy what only the meter\u2019s front says.",
    titleUse: "One last thing: its name.",
    whole: "Everything on the front, as it stands there",
    wholeHint: "For example: 3x230/400 V 0,25-5(60) A 1000 imp/kWh Cl. B. The fields below are filled from it.",
    legend: {
      currents: "smallest, reference and largest current",
      constant: "pulses per kilowatt-hour",
      class: "accuracy class in the metrology marking",
      volts: "three phases: 3x230/400 V; one: 230 V",
    },
    drawn: "A meter\u2019s front plate with its markings",
    marking: "Current",
    markingHint: "As marked, for example 0.25-5(60) A",
    class: { legend: "Accuracy class", options: { A: { label: "A" }, B: { label: "B" }, C: { label: "C" } } },
    phases: { legend: "Phases", options: { "1": { label: "1" }, "3": { label: "3" } } },
    imp: "Pulses per kWh",
    impHint: "For example 1000 imp/kWh",
    pMax: "Largest power of the panels, in kW",
    pMaxHint: "From the inverter\u2019s label. Nothing above it is believed.",
    label: "Name of the meter",
    labelHint: "What the neighbours see: Roof south",
    wrong: {
      label: "Give the meter a name of up to 40 letters.",
      marking: "Copy the marking with its first number, for example 0.25-5(60) A.",
      impPerKwh: "Enter the pulses per kWh as a whole number from the meter\u2019s front.",
      pMaxKw: "Enter the power in kW, for example 4.6.",
    },
    pair: "Pair this meter",
    budget: {
      title: "How accurate that is",
      waiting: "Shown as soon as the current is entered.",
      quantum: "One step of the meter",
      clock: "This device\u2019s clock",
      bound: "Allowed per step of sharing",
      margin: "Left over",
      over: "Too much by",
      fine: "Every step of sharing is within what the meter\u2019s class allows.",
      coarse: (pulses: string) =>
        `Single steps of low power are rounded; sums over a day are right. To be exact in every step, use a pulse output of at least ${pulses} pulses per kWh.`,
      clockOff: "This device\u2019s clock is too uncertain; let it set its time automatically and stay online.",
      classes: "It would be fine enough for a meter of class",
      noClass: "No class of meter allows that much.",
    },
  },
  done: {
    title: "Your meter is paired.",
    titleUse: "Your household\u2019s meter is paired.",
    steps: [
      "This device counts from the first reading on, also when the page is in the background.",
      "The members are asked whether to count it; often that is one tap.",
      "Once the members have agreed, everyone\u2019s share appears on Home.",
    ],
    stepsUse: [
      "This device reads it, also when the page is in the background.",
      "Nothing of it ever leaves this device.",
      "What you used, and how much of it was our sun, appears on Home.",
    ],
    plug: "Leave the cable in and this app open. If either is interrupted, it goes on by itself: energy meters miss nothing, pulses straight on an adapter do.",
    see: "See it count",
    another: "Pair another meter",
  },
};

export type WizardTexts = typeof wizard;
