import { classColour } from '../../model/classes/palette.ts'
import { Html, html, relativeLink } from './html.ts'
import { measurementsSection, trainingSection } from './report-charts.ts'
import type { GalleryItem, ReportData } from './report-data.ts'
import { reportStyle } from './report-style.ts'
import { amount, counted, grade, score, summarySentence } from './report-words.ts'

/** The report as one page: no scripts, no fonts or styles from elsewhere; pictures and the table lie beside it. */
export function reportPage(data: ReportData): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"
        />
        <title>${data.title} · Segscope</title>
        <style>
          ${new Html(reportStyle)}
        </style>
      </head>
      <body>
        <header class="top">
          <strong>Segscope</strong
          ><time datetime="${data.created.toISOString()}"
            >${data.created.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' })}</time
          >
        </header>
        <main>
          <h1>${data.title}</h1>
          <p class="lead">${summarySentence(data)}</p>
          ${tiles(data)} ${failuresSection(data)} ${gallerySection(data)} ${scoresSection(data)}
          ${data.measurements && measurementsSection(data.measurements, data.classNames)}
          ${trainingSection(data)} ${decisionsSection(data)} ${nextStepsSection(data)}
          ${settingsSection(data)}
        </main>
        <footer>Made by Segscope from the files beside this page.</footer>
      </body>
    </html> `.text
}

function tiles({ evaluation, classNames, training, measurements }: ReportData): Html {
  const scores = classNames.flatMap((name, value) => {
    const dice = evaluation?.scores.dice[value]
    return value === 0 || dice === undefined || Number.isNaN(dice)
      ? []
      : html`<li>
          <span class="figure">${dice.toFixed(2)}</span
          ><span class="label"
            ><span class="swatch" style="background:${classColour(value)}"></span>Dice of ${name}, where 1 is
            perfect</span
          >
        </li>`
  })
  return html`<ul class="tiles">
    ${scores}
    <li>
      <span class="figure">${training.images}</span
      ><span class="label"
        >labelled images to learn from, in ${amount(training.minutes)} min of training</span
      >
    </li>
    ${measurements && html`<li><span class="figure">${amount(measurements.classes.reduce((sum, { objects }) => sum + objects, 0))}</span><span class="label">objects measured in ${counted(measurements.images, 'image')}</span></li>`}
  </ul>`
}

function failuresSection({ failures }: ReportData): Html | undefined {
  if (failures.length === 0) return undefined
  return html`<section class="notice">
    <h2>${counted(failures.length, 'file')} could not be used</h2>
    <p>Everything else went on without ${failures.length === 1 ? 'it' : 'them'}.</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Why, and what to do</th>
          </tr>
        </thead>
        <tbody>
          ${failures.map(
            ({ file, reason }) =>
              html`<tr>
                <th scope="row">${file}</th>
                <td>${reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function gallerySection({ gallery, classNames }: ReportData): Html | undefined {
  if (gallery.length === 0) return undefined
  return html`<section>
    <h2>What it sees</h2>
    <p class="quiet">
      Each image beside the model’s
      answer${gallery.some(({ truth }) => truth !== undefined) ? ' and, where it is known, what is really there' : ''}.
      Select a picture to see it whole.
    </p>
    <ul class="legend" style="margin-bottom:18px">
      ${classNames.map((name, value) => (value === 0 ? undefined : html`<li><span class="swatch" style="background:${classColour(value)}"></span>${name}</li>`))}
    </ul>
    <div class="frames">${gallery.map(galleryItem)}</div>
  </section>`
}

function galleryItem({ name, image, prediction, truth }: GalleryItem): Html {
  const figure = (path: string, caption: string) =>
    html`<figure>
      <a href="${relativeLink(path)}"
        ><img src="${relativeLink(path)}" alt="${name}: ${caption}" loading="lazy"
      /></a>
      <figcaption>${caption}</figcaption>
    </figure>`
  return html`<article class="frame">
    <h3>${name}</h3>
    <div class="pictures">
      ${figure(image, 'Image')}${figure(prediction, 'Model')}${truth === undefined ? undefined : figure(truth, 'Truth')}
    </div>
  </article>`
}

function scoresSection({ evaluation, classNames }: ReportData): Html | undefined {
  if (evaluation === undefined) return undefined
  const { dice, iou } = evaluation.scores
  return html`<section>
    <h2>How good it is</h2>
    <p class="quiet">
      ${evaluation.description} Dice and IoU measure how far the model’s area and the true one overlap: 1 is
      perfect, 0 is no overlap. They are pooled over all labelled pixels of
      ${counted(evaluation.images, 'image')}.
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" class="number">Dice</th>
            <th scope="col" class="number">IoU</th>
            <th scope="col">In a word</th>
          </tr>
        </thead>
        <tbody>
          ${classNames.map(
            (name, value) =>
              html`<tr>
                <th scope="row">
                  <span class="swatch" style="background:${classColour(value)}"></span>${name}<span
                    class="meter"
                    aria-hidden="true"
                    ><span
                      style="width:${(100 * (dice[value] ?? 0) || 0).toFixed(1)}%;background:${classColour(value)}"
                    ></span
                  ></span>
                </th>
                <td class="number">${score(dice[value])}</td>
                <td class="number">${score(iou[value])}</td>
                <td>${grade(dice[value] ?? NaN)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function decisionsSection({ decisions }: ReportData): Html {
  return html`<section>
    <h2>What was decided, and why</h2>
    <p class="quiet">Segscope looked at the images and labels before training and chose these settings.</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">About</th>
            <th scope="col">Decision</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(decisions).map(
            ([topic, { decision, reason }]) =>
              html`<tr>
                <th scope="row">${topic}</th>
                <td>${decision}</td>
                <td>${reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function nextStepsSection({ nextSteps }: ReportData): Html | undefined {
  if (nextSteps.length === 0) return undefined
  return html`<section>
    <h2>What to do next</h2>
    <ol class="steps">
      ${nextSteps.map(
        ({ purpose, command }) =>
          html`<li>
            <p>${purpose}</p>
            <pre><code>${command}</code></pre>
          </li>`,
      )}
    </ol>
  </section>`
}

function settingsSection({ settings }: ReportData): Html {
  return html`<section>
    <h2>To repeat this run</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          ${settings.map(
            ({ name, value }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}
