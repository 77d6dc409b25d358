import { html, type Html } from './html.ts'

export interface ChartSeries {
  name: string
  colour: string
  points: readonly { x: number; y: number }[]
  /** 'faint' for raw values behind a smoothed line; 'marked' puts a dot on each point. */
  style: 'plain' | 'faint' | 'marked'
}

export interface LineChart {
  /** What the chart shows, for those who do not see it. */
  description: string
  xTitle: string
  yTitle: string
  series: readonly ChartSeries[]
  yScale: 'linear' | 'log'
  /** The y axis covers at least this; data extends it. */
  yRange?: readonly [number, number]
  /** A vertical line with a word beside it. */
  marker?: { x: number; text: string }
}

const WIDTH = 560
const HEIGHT = 300
const PLOT = { left: 84, right: 546, top: 22, bottom: 250 }
/** A curve has no more points than pixels to show them. */
const MOST_POINTS = 400

/** An SVG of lines over labelled axes, with a legend of its named series below. */
export function lineChart(chart: LineChart): Html {
  const all = chart.series.flatMap((series) => series.points).filter((point) => Number.isFinite(point.y))
  if (all.length === 0) return html`<p class="quiet">There is nothing to draw yet.</p>`
  const xs = all.map((point) => point.x)
  const ys = [...all.map((point) => point.y), ...(chart.yRange ?? [])]
  const xTicks = linearTicks(smallest(xs), largest(xs), 6)
  const yTicks =
    chart.yScale === 'log' ? logTicks(smallest(ys), largest(ys)) : linearTicks(smallest(ys), largest(ys), 5)
  const onY = chart.yScale === 'log' ? Math.log : (value: number) => value
  const xAxis = axis(xTicks, (value) => value, PLOT.left, PLOT.right)
  const yAxis = axis(yTicks, onY, PLOT.bottom, PLOT.top)
  const marker = chart.marker
  return html`<svg
      class="chart"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label="${chart.description}"
    >
      ${yTicks.map(
        (tick) =>
          html`<line
              class="grid"
              x1="${PLOT.left}"
              x2="${PLOT.right}"
              y1="${round(yAxis(tick))}"
              y2="${round(yAxis(tick))}"
            /><text class="tick" x="${PLOT.left - 9}" y="${round(yAxis(tick) + 4)}" text-anchor="end"
              >${tickText(tick)}</text
            >`,
      )}
      ${xTicks.map(
        (tick) =>
          html`<line
              class="axis"
              x1="${round(xAxis(tick))}"
              x2="${round(xAxis(tick))}"
              y1="${PLOT.bottom}"
              y2="${PLOT.bottom + 5}"
            /><text class="tick" x="${round(xAxis(tick))}" y="${PLOT.bottom + 20}" text-anchor="middle"
              >${tickText(tick)}</text
            >`,
      )}
      <line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}" />
      <text class="axis-title" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">
        ${chart.xTitle}
      </text>
      <text
        class="axis-title"
        transform="rotate(-90)"
        x="${-(PLOT.top + PLOT.bottom) / 2}"
        y="14"
        text-anchor="middle"
      >
        ${chart.yTitle}
      </text>
      ${marker && html`<line class="marker" x1="${round(xAxis(marker.x))}" x2="${round(xAxis(marker.x))}" y1="${PLOT.top}" y2="${PLOT.bottom}" /><text class="tick" x="${round(xAxis(marker.x))}" y="${PLOT.top - 7}" text-anchor="${xAxis(marker.x) > (PLOT.left + PLOT.right) / 2 ? 'end' : 'start'}">${marker.text}</text>`}
      ${chart.series.map((series) => drawSeries(series, xAxis, yAxis))}
    </svg>
    <ul class="legend">
      ${chart.series.map((series) => html`<li><span class="line ${series.style}" style="background:${series.colour}"></span>${series.name}</li>`)}
    </ul>`
}

function drawSeries(series: ChartSeries, xAxis: (x: number) => number, yAxis: (y: number) => number): Html {
  const points = thin(series.points.filter((point) => Number.isFinite(point.y))).map((point) => ({
    x: round(xAxis(point.x)),
    y: round(yAxis(point.y)),
  }))
  const path = points.map(({ x, y }) => `${x},${y}`).join(' ')
  return html`<polyline class="series ${series.style}" style="stroke:${series.colour}" points="${path}" /> ${
      series.style === 'marked'
        ? points.map(({ x, y }) => html`<circle cx="${x}" cy="${y}" r="3.2" style="fill:${series.colour}" />`)
        : undefined
    }`
}

/** Means of neighbouring points, so that no more than MOST_POINTS are left. */
function thin(points: readonly { x: number; y: number }[]): readonly { x: number; y: number }[] {
  const share = Math.ceil(points.length / MOST_POINTS)
  if (share <= 1) return points
  return Array.from({ length: Math.ceil(points.length / share) }, (_, index) => {
    const group = points.slice(index * share, (index + 1) * share)
    return {
      x: group.reduce((sum, point) => sum + point.x, 0) / group.length,
      y: group.reduce((sum, point) => sum + point.y, 0) / group.length,
    }
  })
}

/** Maps the range of the ticks onto pixels. */
function axis(
  ticks: readonly number[],
  transform: (value: number) => number,
  from: number,
  to: number,
): (value: number) => number {
  const low = transform(ticks[0] as number)
  const high = transform(ticks.at(-1) as number)
  return (value) => from + ((transform(value) - low) / (high - low)) * (to - from)
}

/** Round values (1, 2, 2.5 or 5 times a power of ten) that enclose the range. */
function linearTicks(low: number, high: number, wanted: number): number[] {
  const span = high > low ? high - low : Math.abs(high) || 1
  const magnitude = 10 ** Math.floor(Math.log10(span / wanted))
  const step = magnitude * ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude * wanted >= span) ?? 10)
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}

/** 1, 2 and 5 times powers of ten, or the powers alone over a wide range, that enclose it. Values must be positive. */
function logTicks(low: number, high: number): number[] {
  const firstPower = Math.floor(Math.log10(low))
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - firstPower + 2 },
    (_, index) => 10 ** (firstPower + index),
  )
  const candidates = high / low > 1000 ? powers : powers.flatMap((power) => [power, 2 * power, 5 * power])
  const below = candidates.findLastIndex((tick) => tick <= low)
  const above = candidates.findIndex((tick) => tick >= high)
  return candidates.slice(below, Math.max(above, below + 1) + 1)
}

function tickText(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 6 })
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity)
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
