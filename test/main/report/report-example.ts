import type { ReportData } from '../../../src/main/report/report-data.ts'

/** A report as a finished demo run gives it. */
export const exampleReport: ReportData = {
  title: 'Yeast microcolonies on a plate',
  created: new Date('2026-03-04T10:30:00Z'),
  classNames: ['background', 'colony', 'debris or plate edge'],
  evaluation: {
    scores: { dice: [0.994, 0.957, 0.914], iou: [0.988, 0.918, 0.842] },
    images: 12,
    description: 'Fields D and E took no part in training; every pixel of them is compared with the truth.',
  },
  training: {
    images: 9,
    validationImages: 2,
    minutes: 2.4,
    losses: Array.from({ length: 300 }, (_, step) => ({
      step: step + 1,
      loss: 1.1 * Math.exp(-step / 40) + 0.06 + 0.04 * Math.abs(Math.sin(step * 7.3)),
    })),
    validations: Array.from({ length: 10 }, (_, index) => ({
      step: 30 * (index + 1),
      scores: {
        dice: [1 - 0.3 * 0.6 ** index, 0.95 - 0.7 * 0.6 ** index, 0.9 - 0.85 * 0.65 ** index],
        iou: [0.9, 0.8, 0.7],
      },
    })),
    bestStep: 270,
    ended: 'all steps done',
  },
  gallery: ['field_D_08h', 'field_E_10h'].map((name) => ({
    name: `${name}.tif`,
    image: `overlays/${name}.png`,
    prediction: `overlays/${name}_model.png`,
    truth: `overlays/${name}_truth.png`,
  })),
  measurements: {
    csvFile: 'measurements.csv',
    images: 30,
    smallestCounted: { area: 10, unit: 'µm²' },
    classes: [
      { classValue: 1, objects: 251, medianArea: 168.4, totalArea: 112_340, unit: 'µm²' },
      { classValue: 2, objects: 312, medianArea: 61, totalArea: 318_220, unit: 'µm²' },
    ],
    growth: {
      className: 'colony',
      unit: 'µm²',
      fields: ['Field A', 'Field B', 'Field C', 'Field D', 'Field E'].map((name, field) => ({
        name,
        points: [0, 2, 4, 6, 8, 10].map((hour) => ({
          hour,
          objects: 9 + field - (hour > 6 ? 2 : 0),
          area: (500 + 90 * field) * 2 ** (hour / (1.9 + 0.1 * field)),
        })),
      })),
    },
  },
  decisions: {
    'patch size': {
      decision: '128 x 128 pixels',
      reason: 'Typical colonies are 45 pixels across, so a patch shows one with its surroundings.',
    },
    intensities: {
      decision: '420 to 2,310 become -1 to 1',
      reason:
        'The 0.5th and 99.5th percentile over all images: nine hot pixels at 4,095 do not set the scale.',
    },
    sampling: {
      decision: 'One third of the patches for each class',
      reason: 'Colonies are 5 % of the labelled pixels and would be drowned by background.',
    },
  },
  failures: [
    {
      file: 'field_F_02h.tif',
      reason: 'The file ends after 40 % of the image. Copy it again from the microscope.',
    },
  ],
  settings: [
    { name: 'Seed', value: '1' },
    { name: 'Engine', value: 'onnxruntime 1.30.0 on the CPU, 2 threads' },
    { name: 'Segscope', value: '0.1.0' },
  ],
  nextSteps: [
    {
      purpose: 'Segment your own images with this model.',
      command: 'npx segscope segment --images my-images --checkpoint 1 --project demo --out results',
    },
    {
      purpose: 'Train on your own labels, starting from this model.',
      command: 'npx segscope train --images my-images --labels my-labels --project my-project --minutes 10',
    },
  ],
}
