// The two audio processors of the page: loudspeaker and microphone. Both work at 8 kHz; where a
// browser hears the microphone at the sound card's rate only, it is brought down here.

import { Downsampler } from "./downsample.js";
import { Playout, RATE } from "./playout.js";

const FRAME = 160;

class Speaker extends AudioWorkletProcessor {
  constructor() {
    super();
    this.playout = new Playout();
    this.port.onmessage = ({ data }) => {
      if (data.samples) this.playout.push(data.samples);
      else if (data.mark !== undefined) this.playout.mark(data.mark);
      else if (data.clear) this._reached(this.playout.clear());
    };
  }

  process(_inputs, [[out]]) {
    this._reached(this.playout.read(out));
    return true;
  }

  _reached(marks) {
    if (marks.length > 0) this.port.postMessage({ marks });
  }
}

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.frame = new Float32Array(FRAME);
    this.filled = 0;
    this.down = sampleRate === RATE ? null : new Downsampler(sampleRate);
  }

  process([[input]]) {
    if (!input) return true;
    for (const sample of this.down ? this.down.push(input) : input) {
      this.frame[this.filled++] = sample;
      if (this.filled === FRAME) {
        this.port.postMessage(this.frame.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("hotline-speaker", Speaker);
registerProcessor("hotline-microphone", Microphone);
