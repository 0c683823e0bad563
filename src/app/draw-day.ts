/**
 * Draws the day picture's bars, the sun's arc and the seals on uPlot's canvas, in the theme's colours. Knows pixels
 * and colours only; what a bar means is day-picture.ts's business.
 */
import { sunArc, type Bar, type DayPicture } from "./day-picture.ts";

export type Ink = {
  readonly ground: string;
  readonly sun: string;
  readonly share: string;
  readonly use: string;
  readonly grid: string;
  readonly line: string;
  readonly ink: string;
  readonly quiet: string;
};

/** Where values lie on the canvas, in its own pixels. */
export type Frame = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Canvas pixels per CSS pixel. */
  readonly density: number;
  readonly x: (time: number) => number;
  readonly y: (mwh: number) => number;
};

/** The theme's colours as the stylesheet resolves them for `element`. */
export const inkOf = (element: Element): Ink => {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ground: read("--ground"),
    sun: read("--sun"),
    share: read("--share"),
    use: read("--use"),
    grid: read("--grid"),
    line: read("--line"),
    ink: read("--ink"),
    quiet: read("--quiet"),
  };
};

/** The arc over a whole day, and the sun on it; nothing in the rolling windows of a fast community. */
export const drawArc = (
  context: CanvasRenderingContext2D,
  picture: DayPicture,
  frame: Frame,
  ink: Ink,
  now: number | null,
): void => {
  const arc = sunArc(picture);
  if (arc === null) return;
  const { rise, set } = arc;
  // The horizon is the axis, also where use from the grid hangs below it.
  const horizon = frame.y(0);
  const at = (hour: number): readonly [number, number] => [
    frame.x(picture.from + hour * 3_600_000),
    horizon - Math.sin(((hour - rise) / (set - rise)) * Math.PI) * (horizon - frame.top - 10 * frame.density),
  ];
  context.save();
  context.strokeStyle = ink.line;
  context.lineWidth = 1.5 * frame.density;
  context.beginPath();
  for (let part = 0; part <= 60; part++) context.lineTo(...at(rise + ((set - rise) * part) / 60));
  context.stroke();
  const hour = now === null ? -1 : (now - picture.from) / 3_600_000;
  if (hour >= rise && hour <= set) {
    const [x, y] = at(hour);
    context.fillStyle = ink.sun;
    context.strokeStyle = ink.ground;
    context.lineWidth = 3 * frame.density;
    context.beginPath();
    context.arc(x, y, 7 * frame.density, 0, Math.PI * 2);
    context.stroke();
    context.fill();
  }
  context.restore();
};

/** Hatching as a repeating tile, so that a thin bar still shows it. */
const hatch = (context: CanvasRenderingContext2D, colour: string, density: number): CanvasPattern | string => {
  const size = Math.max(4, Math.round(5 * density));
  const tile = new OffscreenCanvas(size, size);
  const paint = tile.getContext("2d");
  if (paint === null) return colour;
  paint.strokeStyle = colour;
  paint.lineWidth = Math.max(1, 1.6 * density);
  for (const shift of [-size, 0, size]) {
    paint.beginPath();
    paint.moveTo(shift - 1, size + 1);
    paint.lineTo(shift + size + 1, -1);
    paint.stroke();
  }
  return context.createPattern(tile, "repeat") ?? colour;
};

const barBox = (bar: Bar, frame: Frame): { readonly x: number; readonly width: number } => {
  const left = frame.x(bar.start);
  const right = frame.x(bar.end);
  const gap = Math.min((right - left) * 0.24, 3 * frame.density);
  return { x: left + gap / 2, width: Math.max(1, right - left - gap) };
};

/** Round amounts: beside their lines in the margin, or without one above them, where the night leaves room. */
export const drawScale = (
  context: CanvasRenderingContext2D,
  frame: Frame,
  ink: Ink,
  lines: readonly { readonly mwh: number; readonly label: string }[],
  font: string,
  margin: number,
): void => {
  context.save();
  context.strokeStyle = ink.line;
  context.fillStyle = ink.quiet;
  context.lineWidth = frame.density;
  context.font = font;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  for (const { mwh, label } of lines) {
    const y = Math.round(frame.y(mwh)) + 0.5;
    context.beginPath();
    context.moveTo(frame.left, y);
    context.lineTo(frame.left + frame.width, y);
    context.stroke();
    if (margin > 0) context.textBaseline = "middle";
    context.fillText(label, frame.left - margin, margin > 0 ? y : y - 3 * frame.density);
  }
  context.restore();
};

/** Body in sun, my share as its filled foot; hatched while open, a bead under the axis once final. */
export const drawBars = (context: CanvasRenderingContext2D, picture: DayPicture, frame: Frame, ink: Ink): void => {
  const base = frame.y(0);
  const open = { sun: hatch(context, ink.sun, frame.density), share: hatch(context, ink.share, frame.density) };
  context.save();
  for (const bar of picture.bars) {
    const { x, width } = barBox(bar, frame);
    const hatched = bar.certainty === "hatched";
    if (bar.generatedMwh > 0) {
      const top = Math.min(frame.y(bar.generatedMwh), base - frame.density);
      const foot = bar.mineMwh > 0 ? Math.min(frame.y(bar.mineMwh), base - frame.density) : base;
      rounded(context, x, top, width, foot - top, hatched ? open.sun : ink.sun, frame.density);
      if (hatched) outline(context, x, top, width, base - top, ink.sun, frame.density);
      if (bar.mineMwh > 0) {
        context.fillStyle = hatched ? open.share : ink.share;
        // A hair of ground between share and body keeps them apart without colour.
        const hair = base - foot > 3 * frame.density ? frame.density * 0.75 : 0;
        context.fillRect(x, foot + hair, width, base - foot - hair);
        if (hatched) outline(context, x, foot, width, base - foot, ink.share, frame.density);
      }
    }
    if (bar.certainty === "final")
      bead(context, x + width / 2, base + 5 * frame.density, Math.min(width / 2, 1.6 * frame.density), ink.quiet);
  }
  context.strokeStyle = ink.line;
  context.lineWidth = frame.density;
  context.beginPath();
  context.moveTo(frame.left, base + frame.density / 2);
  context.lineTo(frame.left + frame.width, base + frame.density / 2);
  context.stroke();
  context.restore();
};

/** Room below the axis for the beads, CSS pixels. */
const BEADS = 9;

/** What came from the grid hangs below the axis; my use is a thin line across the bars that know it. */
export const drawUse = (context: CanvasRenderingContext2D, picture: DayPicture, frame: Frame, ink: Ink): void => {
  if (picture.bars.every((bar) => bar.useMwh === null)) return;
  const base = frame.y(0);
  context.save();
  context.fillStyle = ink.grid;
  for (const bar of picture.bars) {
    if (bar.gridMwh === null || bar.gridMwh === 0) continue;
    const { x, width } = barBox(bar, frame);
    const depth = Math.max(frame.density, frame.y(-bar.gridMwh) - base);
    context.fillRect(x, base + BEADS * frame.density, width, depth);
  }
  // A line of ground under the ink keeps it legible on every bar.
  for (const [colour, width] of [
    [ink.ground, 4],
    [ink.use, 1.75],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width * frame.density;
    context.lineJoin = "round";
    context.beginPath();
    let before: Bar | null = null;
    for (const bar of picture.bars) {
      if (bar.useMwh !== null) {
        const y = frame.y(bar.useMwh);
        if (before?.end === bar.start) context.lineTo(frame.x(bar.start), y);
        else context.moveTo(frame.x(bar.start), y);
        context.lineTo(frame.x(bar.end), y);
      }
      before = bar.useMwh === null ? null : bar;
    }
    context.stroke();
  }
  context.restore();
};

const rounded = (
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string | CanvasPattern,
  density: number,
): void => {
  const radius = Math.min(width / 2, 3 * density, Math.max(0, height));
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(x, y, width, Math.max(0, height), [radius, radius, 0, 0]);
  context.fill();
};

const outline = (
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
  density: number,
): void => {
  if (width < 3 * density) return;
  context.strokeStyle = colour;
  context.lineWidth = density;
  context.strokeRect(x + density / 2, y + density / 2, width - density, height - density);
};

const bead = (context: CanvasRenderingContext2D, x: number, y: number, radius: number, colour: string): void => {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, Math.max(0.75, radius), 0, Math.PI * 2);
  context.fill();
};
