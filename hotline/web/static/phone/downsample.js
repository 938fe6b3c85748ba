// From the rate of a sound card to 8 kHz, block by block: a windowed sinc as low-pass, evaluated
// where each sample of the result falls.
//
//   in   |.|.|.|.|.|.|.|.|.|.|.|.|     ratio = 6 for 48 kHz, 5.5125 for 44.1 kHz
//   out  |     .     |     .     |     each from HALF * ratio samples on either side
//
// Kernels are kept by the fraction between two samples, rounded to 1/PHASES.

import { RATE } from "./playout.js";

const HALF = 8; // zeros of the sinc on either side
const PASS = 0.9; // of the half of 8 kHz: what lies above must be gone at its mirror image
const PHASES = 64;

export class Downsampler {
  constructor(from) {
    this.ratio = from / RATE;
    this.reach = Math.ceil(HALF * this.ratio);
    this.past = new Float32Array(2 * this.reach); // silence before the first sample
    this.at = this.reach; // of the next sample of the result, in `past`
    this.kernels = new Map();
  }

  /** Samples of the result that are complete with this block. */
  push(block) {
    const samples = new Float32Array(this.past.length + block.length);
    samples.set(this.past);
    samples.set(block, this.past.length);
    const out = [];
    while (Math.floor(this.at) + this.reach + 1 < samples.length) {
      out.push(this._sample(samples));
      this.at += this.ratio;
    }
    const done = Math.max(0, Math.floor(this.at) - this.reach);
    this.past = samples.slice(done);
    this.at -= done;
    return out;
  }

  _sample(samples) {
    const whole = Math.floor(this.at);
    const kernel = this._kernel(Math.round((this.at - whole) * PHASES));
    let sum = 0;
    for (let i = 0; i < kernel.length; i++) sum += kernel[i] * samples[whole - this.reach + i];
    return sum;
  }

  /** Weights of the samples from `reach` before to `reach` + 1 behind; they add up to 1. */
  _kernel(phase) {
    let kernel = this.kernels.get(phase);
    if (!kernel) {
      kernel = Float32Array.from({ length: 2 * this.reach + 2 }, (_, i) => {
        const x = (i - this.reach - phase / PHASES) / this.ratio;
        if (Math.abs(x) >= HALF) return 0;
        const sinc = x === 0 ? 1 : Math.sin(Math.PI * PASS * x) / (Math.PI * PASS * x);
        return sinc * Math.cos((Math.PI * x) / (2 * HALF)) ** 2;
      });
      const sum = kernel.reduce((a, b) => a + b, 0);
      kernel = kernel.map((weight) => weight / sum);
      this.kernels.set(phase, kernel);
    }
    return kernel;
  }
}
