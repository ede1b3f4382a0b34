/** A recording as one line of characters: checkpoints, stops, and where we are. */

export interface TimelinePoint {
  readonly id: number;
  readonly kind: string;
}

export interface TimelineShape {
  readonly past: readonly TimelinePoint[];
  readonly future: readonly TimelinePoint[];
  readonly here: number | null;
  readonly event: number;
  readonly eventCount: number;
}

/** Which of several points in one column is shown: the later in this list. */
const symbols = { automatic: ".", temporary: ".", head: "]", start: "[", stop: "o", user: "C" } as const;
const ranks = [..." -=.][oC@"];

/** Fits into `width` columns: `c0 [--o--.--C--@==o==.== c41  event 12 of 300`. Equal distances: only the order is known. */
export function drawTimeline(shape: TimelineShape, width: number): string {
  const past = shape.past.filter((point) => point.id !== shape.here);
  const points = [
    ...past.map(symbolOf),
    "@",
    ...shape.future.filter((p) => p.id !== shape.here).map(symbolOf),
  ];
  const all = [...shape.past, ...shape.future];
  const left = all.length === 0 ? "" : `c${all[0]?.id} `;
  const right = all.length === 0 ? "" : ` c${all.at(-1)?.id}`;
  const text = `  event ${shape.event} of ${shape.eventCount}`;
  const room = Math.max(1, width - left.length - right.length);
  const caption = room - text.length >= 10 ? text : "";
  const columns = Math.min(room - caption.length, points.length * 3 - 2);
  return `${left}${row(points, past.length, Math.max(1, columns))}${right}${caption}`.slice(0, width);
}

function row(points: readonly string[], hereIndex: number, columns: number): string {
  const columnOf = (index: number) =>
    points.length === 1 ? 0 : Math.round((index * (columns - 1)) / (points.length - 1));
  const here = columnOf(hereIndex);
  const cells = Array.from({ length: columns }, (_, column): string => (column < here ? "-" : "="));
  points.forEach((symbol, index) => {
    const column = columnOf(index);
    if (ranks.indexOf(symbol) > ranks.indexOf(cells[column] ?? " ")) cells[column] = symbol;
  });
  return cells.join("");
}

function symbolOf(point: TimelinePoint): string {
  return symbols[point.kind as keyof typeof symbols] ?? ".";
}
