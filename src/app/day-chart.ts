/**
 * The day picture on uPlot: scales, axes, sizes and taps are uPlot's, the bars are drawn by draw-day.ts. Loaded
 * only when a chart is shown.
 */
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { barAt, type Bar, type DayPicture } from "./day-picture.ts";
import { drawArc, drawBars, inkOf, type Frame } from "./draw-day.ts";

export type DayChartWords = { readonly time: (time: number) => string; readonly energy: (mwh: number) => string };
export type DayChart = {
  set(picture: DayPicture, now: number | null): void;
  repaint(): void;
  resize(width: number, height: number): void;
  destroy(): void;
};

const MINUTE = 60_000;

/** Round times for the axis: 6, 12 and 18 h of a day, every 15 minutes of an hour, every 5 of a quarter. */
const ticks = ({ from, to }: DayPicture): number[] => {
  const span = to - from;
  if (span > 20 * 60 * MINUTE) {
    const date = new Date(from);
    return [6, 12, 18].map((hour) => new Date(date.getFullYear(), date.getMonth(), date.getDate(), hour).getTime());
  }
  const every = span > 20 * MINUTE ? 15 * MINUTE : 5 * MINUTE;
  const list: number[] = [];
  for (let time = Math.ceil(from / every) * every; time < to; time += every) if (time > from + every / 4) list.push(time);
  return list;
};

/** One or two round amounts below the top. */
const amounts = (topMwh: number): number[] => {
  const step = 10 ** Math.floor(Math.log10(topMwh));
  const unit = topMwh / step >= 5 ? step * 5 : topMwh / step >= 2 ? step * 2 : step;
  return [unit];
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
const placePresent = (plot: UPlot, element: HTMLElement, picture: DayPicture, now: number | null): void => {
  const present = now === null ? undefined : picture.bars.find((bar) => bar.present);
  element.hidden = present === undefined;
  if (present === undefined) return;
  const left = plot.valToPos(present.start, "x");
  element.style.left = `${left}px`;
  element.style.width = `${Math.max(3, plot.valToPos(present.end, "x") - left)}px`;
};

export const dayChart = (
  target: HTMLElement,
  size: { readonly width: number; readonly height: number },
  first: DayPicture,
  words: DayChartWords,
  pick: (bar: Bar) => void,
): DayChart => {
  let picture = first;
  let now: number | null = null;
  let ink = inkOf(target);
  const font = `${Math.round(Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8125)}px "Atkinson Hyperlegible Next", system-ui, sans-serif`;
  const presentElement = document.createElement("div");
  presentElement.className = "present";
  const plot = new UPlot(
    {
      ...size,
      padding: [12, 4, 0, 0],
      legend: { show: false },
      cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [picture.from, picture.to] },
        y: { range: () => [0, picture.topMwh * 1.12] },
      },
      axes: [
        {
          font,
          size: 34,
          gap: 10,
          stroke: () => ink.quiet,
          grid: { show: false },
          ticks: { show: false },
          splits: () => ticks(picture),
          values: (_plot, splits) => splits.map((time) => words.time(time)),
        },
        {
          font,
          size: 56,
          gap: 4,
          stroke: () => ink.quiet,
          grid: { stroke: () => ink.line, width: 1 },
          ticks: { show: false },
          splits: () => amounts(picture.topMwh),
          values: (_plot, splits) => splits.map((mwh) => words.energy(mwh)),
        },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        drawAxes: [(self) => drawArc(self.ctx, picture, frameOf(self), ink, now)],
        draw: [
          (self) => {
            drawBars(self.ctx, picture, frameOf(self), ink);
            placePresent(self, presentElement, picture, now);
          },
        ],
      },
    },
    columnsOf(first),
    target,
  );
  plot.over.append(presentElement);
  plot.over.addEventListener("click", (event) => {
    const left = event.clientX - plot.over.getBoundingClientRect().left;
    const bar = barAt(picture, plot.posToVal(left, "x"));
    if (bar !== null) pick(bar);
  });
  return {
    set: (next, time) => {
      picture = next;
      now = time;
      plot.setData(columnsOf(next));
    },
    repaint: () => {
      ink = inkOf(target);
      plot.redraw(false, true);
    },
    resize: (width, height) => plot.setSize({ width, height }),
    destroy: () => plot.destroy(),
  };
};
