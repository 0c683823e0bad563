/**
 * The day picture on uPlot: scales, axes, sizes and taps are uPlot's, the bars are drawn by draw-day.ts. Loaded
 * only when a chart is shown.
 */
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { dayAt, timeAt, type Place } from "./calendar.ts";
import { barAt, roundAmounts, sunArc, type Bar, type DayPicture } from "./day-picture.ts";
import { drawArc, drawBars, drawScale, drawUse, inkOf, type Frame, type Ink } from "./draw-day.ts";

export type DayChartWords = {
  readonly time: (time: number) => string;
  readonly energy: (mwh: number) => string;
  /** Whose clock it is. */
  readonly place: Place;
};
export type DayChart = {
  /** `now` is null for a sample: nothing breathes and no sun stands in the sky. */
  set(picture: DayPicture, now: number | null): void;
  repaint(): void;
  resize(width: number, height: number): void;
  destroy(): void;
};

type Shown = { picture: DayPicture; now: number | null; ink: Ink };

const MINUTE = 60_000;

/** Round times for the axis: 6, 12 and 18 h of a day, every 15 minutes of an hour, every 5 or 1 of less. */
const ticks = ({ from, to }: DayPicture, place: Place): number[] => {
  const span = to - from;
  if (span > 20 * 60 * MINUTE) {
    const day = dayAt(from, place);
    return [6, 12, 18].map((hour) => timeAt(day, [hour], place));
  }
  const every = (span > 20 * MINUTE ? 15 : span > 7 * MINUTE ? 5 : 1) * MINUTE;
  const first = Math.ceil(from / every) * every;
  const room = span / 14;
  return Array.from({ length: Math.ceil(span / every) + 1 }, (_, at) => first + at * every).filter(
    (time) => time >= from + room && time <= to - room,
  );
};

const frameOf = (plot: UPlot): Frame => ({
  left: plot.bbox.left,
  top: plot.bbox.top,
  width: plot.bbox.width,
  height: plot.bbox.height,
  density: UPlot.pxRatio,
  x: (time) => plot.valToPos(time, "x", true),
  y: (mwh) => plot.valToPos(mwh, "y", true),
});

const columnsOf = (picture: DayPicture): UPlot.AlignedData => [
  picture.bars.map((bar) => (bar.start + bar.end) / 2),
  picture.bars.map((bar) => bar.generatedMwh),
];

/** Puts the breathing column over the present bar; it is an element, so that it rests with reduced motion. */
const placePresent = (plot: UPlot, element: HTMLElement, { picture, now }: Shown): void => {
  const present = now === null ? undefined : picture.bars.find((bar) => bar.present);
  element.hidden = present === undefined;
  if (present === undefined) return;
  const left = plot.valToPos(present.start, "x");
  element.style.left = `${left}px`;
  element.style.width = `${Math.max(3, plot.valToPos(present.end, "x") - left)}px`;
};

/** Axis letters in the app's own type, growing with the reader's text size. */
const letters = (): { readonly size: number; readonly family: string } => {
  const style = getComputedStyle(document.documentElement);
  return { size: Math.round(Number.parseFloat(style.fontSize) * 0.8125), family: style.fontFamily };
};

const marginFor = (picture: DayPicture, size: number): number => {
  // Amounts of days and months have more digits.
  if (picture.marks !== undefined) return size * 5;
  return sunArc(picture) === null ? size * 4 : 0;
};

const yRange = ({ topMwh, lowMwh }: DayPicture): [number, number] => {
  const top = topMwh * 1.16;
  return [lowMwh === 0 ? 0 : -(lowMwh + (top + lowMwh) * 0.06), top];
};

const optionsFor = (
  shown: Shown,
  words: DayChartWords,
  present: HTMLElement,
): Omit<UPlot.Options, "width" | "height"> => {
  const { size, family } = letters();
  return {
    // By day the night leaves room for the amounts; a rolling window is full and needs a margin for them.
    padding: [12, 0, 0, () => marginFor(shown.picture, size)],
    legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: () => [shown.picture.from, shown.picture.to] },
      // Below the axis: what came from the grid, at the same scale, and the beads above it.
      y: { range: () => yRange(shown.picture) },
    },
    axes: [
      {
        font: `${size}px ${family}`,
        size: size + 22,
        gap: 11,
        stroke: () => shown.ink.quiet,
        grid: { show: false },
        ticks: { show: false },
        splits: () => [...(shown.picture.marks ?? ticks(shown.picture, words.place))],
        values: (_plot, splits) => splits.map((time) => words.time(time)),
      },
      { show: false },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: {
      drawAxes: [
        (plot) => {
          const frame = frameOf(plot);
          const margin = marginFor(shown.picture, size) * frame.density;
          const lines = roundAmounts(shown.picture.topMwh).map((mwh) => ({ mwh, label: words.energy(mwh) }));
          drawScale(plot.ctx, frame, shown.ink, lines, `${size * frame.density}px ${family}`, margin);
          drawArc(plot.ctx, shown.picture, frame, shown.ink, shown.now);
        },
      ],
      draw: [
        (plot) => {
          const frame = frameOf(plot);
          drawBars(plot.ctx, shown.picture, frame, shown.ink);
          drawUse(plot.ctx, shown.picture, frame, shown.ink);
          placePresent(plot, present, shown);
        },
      ],
    },
  };
};

export const dayChart = (
  target: HTMLElement,
  size: { readonly width: number; readonly height: number },
  first: DayPicture,
  words: DayChartWords,
  pick: (bar: Bar) => void,
): DayChart => {
  const shown: Shown = { picture: first, now: null, ink: inkOf(target) };
  const present = document.createElement("div");
  present.className = "present";
  const plot = new UPlot({ ...size, ...optionsFor(shown, words, present) }, columnsOf(first), target);
  plot.over.append(present);
  plot.over.addEventListener("click", (event) => {
    const left = event.clientX - plot.over.getBoundingClientRect().left;
    const bar = barAt(shown.picture, plot.posToVal(left, "x"));
    if (bar !== null) pick(bar);
  });
  return {
    set: (picture, now) => {
      shown.picture = picture;
      shown.now = now;
      plot.setData(columnsOf(picture));
    },
    repaint: () => {
      shown.ink = inkOf(target);
      plot.redraw(false, true);
    },
    resize: (width, height) => plot.setSize({ width, height }),
    destroy: () => plot.destroy(),
  };
};
