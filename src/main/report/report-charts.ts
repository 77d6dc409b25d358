import { classColour } from '../../model/classes/palette.ts'
import { html, relativeLink, type Html } from './html.ts'
import { lineChart } from './line-chart.ts'
import type { MeasurementsReport, ReportData } from './report-data.ts'
import { amount, counted } from './report-words.ts'

/** The smoothed loss is the mean over this share of all steps, half of it before and half after. */
const SMOOTHED_SHARE = 0.06

export function trainingSection({ training, classNames }: ReportData): Html {
  const { losses, validations } = training
  const smoothed = smooth(losses)
  const marker = { x: training.bestStep, text: `kept: step ${amount(training.bestStep)}` }
  return html`<section>
    <h2>How it learned</h2>
    <p class="quiet">
      ${counted(training.images, 'labelled image')}, of which ${training.validationImages}
      ${training.validationImages === 1 ? 'was' : 'were'} set aside to watch progress by. Training ended after
      ${amount(training.minutes)} min: ${training.ended}. A falling loss and rising Dice mean that it learned;
      the weights of step ${amount(training.bestStep)} were kept.
    </p>
    <div class="charts">
      <div>
        <h3>Loss on the training patches</h3>
        ${lineChart({
          description: `Training loss over ${losses.length} steps, from ${losses[0]?.loss.toPrecision(2) ?? '–'} to ${smoothed.at(-1)?.y.toPrecision(2) ?? '–'}.`,
          xTitle: 'Step',
          yTitle: 'Loss (cross-entropy)',
          yScale: 'linear',
          yRange: [0, 0],
          series: [
            {
              name: 'each step',
              colour: 'var(--accent)',
              style: 'faint',
              points: losses.map(({ step, loss }) => ({ x: step, y: loss })),
            },
            { name: 'smoothed', colour: 'var(--accent)', style: 'plain', points: smoothed },
          ],
        })}
      </div>
      <div>
        <h3>Dice on the validation images</h3>
        ${lineChart({
          description: `Validation Dice of each class at ${validations.length} steps; the best was step ${training.bestStep}.`,
          xTitle: 'Step',
          yTitle: 'Dice',
          yScale: 'linear',
          yRange: [0, 1],
          ...(validations.length > 0 ? { marker } : {}),
          series: classNames.map((name, value) => ({
            name,
            colour: classColour(value),
            style: 'marked',
            points: validations.map(({ step, scores }) => ({ x: step, y: scores.dice[value] ?? NaN })),
          })),
        })}
      </div>
    </div>
  </section>`
}

export function measurementsSection(measurements: MeasurementsReport, classNames: readonly string[]): Html {
  const { smallestCounted } = measurements
  return html`<section>
    <h2>What was measured</h2>
    <p class="quiet">
      Every object of every class in ${counted(measurements.images, 'image')}: area, shape, position and
      intensity. Pixels that touch by a side or a corner are one object.
      ${smallestCounted && `What is smaller than ${amount(smallestCounted.area)} ${smallestCounted.unit} is in the table, but not counted here.`}
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" class="number">Objects</th>
            <th scope="col" class="number">Median area</th>
            <th scope="col" class="number">Total area</th>
          </tr>
        </thead>
        <tbody>
          ${measurements.classes.map(
            ({ classValue, objects, medianArea, totalArea, unit }) =>
              html`<tr>
                <th scope="row">
                  <span class="swatch" style="background:${classColour(classValue)}"></span
                  >${classNames[classValue] ?? `class ${classValue}`}
                </th>
                <td class="number">${amount(objects)}</td>
                <td class="number">${amount(medianArea)} ${unit}</td>
                <td class="number">${amount(totalArea)} ${unit}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${measurements.growth && growthCharts(measurements.growth)}
    <p>
      <a class="button" href="${relativeLink(measurements.csvFile)}"
        >Open the table (${measurements.csvFile})</a
      >
    </p>
  </section>`
}

function growthCharts({ className, unit, fields }: NonNullable<MeasurementsReport['growth']>): Html {
  const seriesOf = (measure: 'objects' | 'area') =>
    fields.map(({ name, points }, index) => ({
      name,
      colour: classColour(index + 1),
      style: 'marked' as const,
      points: points
        .map((point) => ({ x: point.hour, y: point[measure] }))
        .filter(({ y }) => measure === 'objects' || y > 0),
    }))
  return html`<div class="charts" style="margin-top:26px">
    <div>
      <h3>${className}: area over time</h3>
      ${lineChart({
        description: `Total area of ${className} in each of ${fields.length} fields over time, on a logarithmic axis.`,
        xTitle: 'Hours',
        yTitle: `Total area (${unit}), logarithmic`,
        yScale: 'log',
        series: seriesOf('area'),
      })}
    </div>
    <div>
      <h3>${className}: number of objects over time</h3>
      ${lineChart({
        description: `Number of separate objects of ${className} in each of ${fields.length} fields over time.`,
        xTitle: 'Hours',
        yTitle: 'Objects',
        yScale: 'linear',
        yRange: [0, 1],
        series: seriesOf('objects'),
      })}
    </div>
  </div>`
}

function smooth(losses: readonly { step: number; loss: number }[]): { x: number; y: number }[] {
  const reach = Math.ceil((losses.length * SMOOTHED_SHARE) / 2)
  return losses.map(({ step }, index) => {
    const near = losses.slice(Math.max(0, index - reach), index + reach + 1)
    return { x: step, y: near.reduce((sum, { loss }) => sum + loss, 0) / near.length }
  })
}
