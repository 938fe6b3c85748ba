// Sound of the page: loudspeaker, key tones and (when asked for) the microphone.
//
// An AudioWorklet needs a secure context (https, or localhost). On a plain http address in a
// classroom network the same jitter buffer runs in a ScriptProcessor instead; browsers give no
// microphone there.

import { Playout, RATE } from "./playout.js";

const KEY_ROWS = [697, 770, 852, 941];
const KEY_COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";
const START_WITHIN = 800; // ms: an output device that does not start must not hold up the call

export class Sound {
  constructor(base) {
    this.base = base;
    this.context = null;
    this.onmarks = () => {};
    this.onframe = () => {};
  }

  /** Must be called from a click or key, or browsers keep the sound off. */
  async start() {
    if (!this.context) {
      this.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      this.volume = new GainNode(this.context);
      this.volume.connect(this.context.destination);
      this.ready = this.context.audioWorklet ? this._worklet() : this._script();
    }
    const late = new Promise((done) => setTimeout(done, START_WITHIN));
    await Promise.race([this.context.resume().catch(() => {}), late]);
    await this.ready;
  }

  async _worklet() {
    await this.context.audioWorklet.addModule(`${this.base}/worklets.js`);
    const options = { numberOfInputs: 0, outputChannelCount: [1] };
    const node = new AudioWorkletNode(this.context, "hotline-speaker", options);
    node.port.onmessage = ({ data }) => this.onmarks(data.marks);
    node.connect(this.volume);
    this.send = (message, transfer) => node.port.postMessage(message, transfer);
  }

  _script() {
    const playout = new Playout();
    const node = this.context.createScriptProcessor(256, 0, 1);
    node.onaudioprocess = ({ outputBuffer }) => {
      const marks = playout.read(outputBuffer.getChannelData(0));
      if (marks.length > 0) this.onmarks(marks);
    };
    node.connect(this.volume);
    this.script = node; // a reference, or it is collected and falls silent
    this.send = (message) => {
      if (message.samples) playout.push(message.samples);
      else if (message.mark !== undefined) playout.mark(message.mark);
      else this.onmarks(playout.clear());
    };
  }

  play(samples) {
    this.send({ samples }, [samples.buffer]);
  }

  mark(name) {
    this.send({ mark: name });
  }

  clear() {
    this.send({ clear: true });
  }

  setVolume(value) {
    if (this.volume) this.volume.gain.value = value;
  }

  /** The two tones of a key (ITU-T Q.23), softly, as feedback to the fingers. */
  keyTone(key) {
    const place = KEYS.indexOf(key);
    if (!this.context || place < 0) return;
    const { context } = this;
    const gain = new GainNode(context, { gain: 0.06 });
    const end = context.currentTime + 0.12;
    gain.gain.setTargetAtTime(0, end - 0.02, 0.005);
    gain.connect(this.volume);
    for (const frequency of [KEY_ROWS[Math.floor(place / 3)], KEY_COLUMNS[place % 3]]) {
      const tone = new OscillatorNode(context, { frequency });
      tone.connect(gain);
      tone.start();
      tone.stop(end);
    }
  }

  /** A telephone that rings: 450 Hz, 1 s on, 4 s off, the rings by which 5.2.7.3 counts. Returns
   * what silences it. */
  ring() {
    if (!this.context) return () => {};
    const { context } = this;
    const gain = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context, { frequency: 450 });
    tone.connect(gain).connect(this.volume);
    tone.start();
    const once = () => {
      gain.gain.setTargetAtTime(0.25, context.currentTime, 0.01);
      gain.gain.setTargetAtTime(0, context.currentTime + 1, 0.01);
    };
    once();
    const timer = setInterval(once, 5000);
    return () => {
      clearInterval(timer);
      tone.stop();
      gain.disconnect();
    };
  }

  /** Microphone on: `onframe` gets 160 samples at a time. Throws where there is none. */
  async openMicrophone() {
    if (!navigator.mediaDevices || !this.context.audioWorklet) throw new Error("no microphone");
    const audio = { echoCancellation: true, noiseSuppression: true, channelCount: 1 };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio });
    const source = await this._source();
    const node = new AudioWorkletNode(source.context, "hotline-microphone", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => this.onframe(data);
    source.connect(node);
    this.microphone = [source, node];
  }

  /** Some browsers (Firefox) hear a microphone only in a context at the sound card's own rate. */
  async _source() {
    try {
      return this.context.createMediaStreamSource(this.stream);
    } catch (error) {
      if (error.name !== "NotSupportedError") throw error;
    }
    if (!this.card) {
      this.card = new AudioContext();
      await this.card.audioWorklet.addModule(`${this.base}/worklets.js`);
    }
    return this.card.createMediaStreamSource(this.stream);
  }

  closeMicrophone() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    for (const node of this.microphone ?? []) node.disconnect();
    this.stream = this.microphone = undefined;
  }
}
