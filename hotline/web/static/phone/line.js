// One call: the media WebSocket (message format of Twilio Media Streams, caller's side) and the
// call's own event stream, which the page finds by the unguessable streamSid it chose.

import { decode, encode, fromBase64, toBase64 } from "./ulaw.js";

const secret = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) =>
    octet.toString(16).padStart(2, "0"),
  ).join("");

export class Line {
  /** `on`: {open, message(event), level(rms), closed(code, reason)}. */
  constructor(sound, root, on) {
    this.sound = sound;
    this.root = root; // ws://host:port plus the path the hotline is mounted at
    this.on = on;
    this.stream = `MZ${secret()}`;
    this.heard = { frames: 0, octets: 0, loud: 0, peak: 0, rms: 0, clears: 0, marks: 0 };
    this.over = false;
  }

  call(number, area) {
    const media = (this.media = new WebSocket(`${this.root}/media`));
    media.onopen = () => this._start(number, area);
    media.onmessage = ({ data }) => this._heard(JSON.parse(data));
    media.onclose = ({ code, reason }) => this._closed(code, reason);
    this.sound.onmarks = (marks) => marks.forEach((name) => this._send("mark", { mark: { name } }));
    this.sound.onframe = (samples) => this._speak(samples);
  }

  _start(number, area) {
    this._raw({ event: "connected", protocol: "Call", version: "1.0.0" });
    const customParameters = { from: number, ...(area ? { area } : {}) };
    const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
    const start = { streamSid: this.stream, tracks: ["inbound"], mediaFormat, customParameters };
    this._raw({ event: "start", streamSid: this.stream, start });
    this._watch();
    this.on.open();
  }

  _watch() {
    this.events = new WebSocket(`${this.root}/api/calls/${this.stream}/events`);
    this.events.onmessage = ({ data }) => this.on.message(JSON.parse(data));
  }

  _heard(message) {
    if (message.event === "media") this._audio(fromBase64(message.media.payload));
    else if (message.event === "mark") {
      this.heard.marks += 1;
      this.sound.mark(message.mark.name);
    } else if (message.event === "clear") {
      this.heard.clears += 1;
      this.sound.clear();
    }
  }

  _audio(octets) {
    const samples = decode(octets);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const rms = Math.sqrt(sum / (samples.length || 1));
    const { heard } = this;
    heard.frames += 1;
    heard.octets += octets.length;
    heard.rms = rms;
    heard.peak = Math.max(heard.peak, rms);
    if (rms > 0.01) heard.loud += 1;
    this.on.level(rms);
    this.sound.play(samples);
  }

  _speak(samples) {
    this._send("media", { media: { payload: toBase64(encode(samples)) } });
  }

  press(digit) {
    this._send("dtmf", { dtmf: { digit } });
    this.sound.keyTone(digit);
  }

  hangUp() {
    this.leaving = true;
    this._send("stop", { stop: {} });
    this.media?.close(1000, "hung up");
  }

  _send(event, fields) {
    if (!this.over) this._raw({ event, streamSid: this.stream, ...fields });
  }

  _raw(message) {
    if (this.media?.readyState === WebSocket.OPEN) this.media.send(JSON.stringify(message));
  }

  _closed(code, reason) {
    if (this.over) return;
    this.over = true;
    this.sound.clear();
    this.sound.closeMicrophone();
    // the last events of the call may still be on their way; the server ends the stream itself
    setTimeout(() => this.events?.close(), 3000);
    // closed by us before it was open counts as hung up too
    this.on.closed(this.leaving ? 1000 : code, reason);
  }
}
