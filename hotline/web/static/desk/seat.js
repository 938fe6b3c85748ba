// An agent's seat: the control channel, and the audio as a second WebSocket in the message format
// of Twilio Media Streams. The audio is connected all the time; frames come during calls only.

import { decode, encode, fromBase64, toBase64 } from "../phone/ulaw.js";

const AGAIN = 1000; // ms until lost audio is connected again

function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / (samples.length || 1));
}

export class Seat {
  /** `on`: {message(message), heard(rms), spoke(rms), closed(code, reason)}. */
  constructor(sound, root, on) {
    this.sound = sound;
    this.root = root; // ws://host:port plus the path the hotline is mounted at
    this.on = on;
    this.speaking = false; // whether what the microphone gives is sent
    this.heard = { frames: 0, loud: 0, peak: 0, sent: 0 };
    this.leaving = false;
    sound.onframe = (samples) => this._speak(samples);
    sound.onmarks = () => {};
  }

  signIn(number, password) {
    const control = (this.control = new WebSocket(`${this.root}/desk/control`));
    control.onopen = () => this.do("sign_in", { number, password });
    control.onmessage = ({ data }) => this._told(JSON.parse(data));
    control.onclose = ({ code, reason }) => {
      this.leaving = true;
      this.media?.close(1000);
      this.on.closed(code, reason);
    };
  }

  do(name, fields = {}) {
    if (this.control?.readyState === WebSocket.OPEN) {
      this.control.send(JSON.stringify({ do: name, ...fields }));
    }
  }

  signOut() {
    this.leaving = true;
    this.do("sign_out");
  }

  _told(message) {
    if (message.t === "signed_in") {
      this.path = message.audio;
      this.token = message.token;
      this._connect();
    }
    this.on.message(message);
  }

  _connect() {
    if (this.leaving) return;
    const media = (this.media = new WebSocket(`${this.root}${this.path}`));
    this.stream = `MZ${this.token}`.replace(/[^\w]/g, "");
    media.onopen = () => {
      const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
      const customParameters = { token: this.token };
      const start = { streamSid: this.stream, mediaFormat, customParameters };
      this._send({ event: "connected", protocol: "Call", version: "1.0.0" });
      this._send({ event: "start", streamSid: this.stream, start });
    };
    media.onmessage = ({ data }) => this._heard(JSON.parse(data));
    media.onclose = () => setTimeout(() => this._connect(), AGAIN);
  }

  _heard(message) {
    if (message.event === "clear") this.sound.clear();
    if (message.event !== "media") return;
    const samples = decode(fromBase64(message.media.payload));
    const rms = loudness(samples);
    this.heard.frames += 1;
    this.heard.peak = Math.max(this.heard.peak, rms);
    if (rms > 0.01) this.heard.loud += 1;
    this.on.heard(rms);
    this.sound.play(samples);
  }

  _speak(samples) {
    if (!this.speaking) return;
    this.heard.sent += 1;
    this.on.spoke(loudness(samples));
    const payload = toBase64(encode(samples));
    this._send({ event: "media", streamSid: this.stream, media: { payload } });
  }

  _send(message) {
    if (this.media?.readyState === WebSocket.OPEN) this.media.send(JSON.stringify(message));
  }
}
