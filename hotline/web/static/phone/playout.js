// The jitter buffer: audio comes in bursts, the loudspeaker wants it evenly.
//
//   push ->  [frame][frame][mark][frame] -> read(out) -> loudspeaker
//            |<-- TARGET before the first sample -->|
//
// Starts once TARGET is buffered (or when nothing more comes), falls silent when it runs dry, and
// then waits for TARGET again. Above LIMIT the oldest audio is dropped down to TARGET, so that a
// stall never turns into a lasting delay. Marks keep their place between the samples.

export const RATE = 8000;
export const TARGET = 0.1 * RATE;
export const LIMIT = 0.6 * RATE;
const IDLE = 0.2 * RATE;

export class Playout {
  constructor(target = TARGET, limit = LIMIT) {
    this.target = target;
    this.limit = limit;
    this.queue = [];
    this.buffered = 0;
    this.offset = 0;
    this.playing = false;
    this.idle = 0;
    this.underruns = 0;
    this.dropped = 0;
  }

  /** Add samples. */
  push(samples) {
    this.queue.push({ samples });
    this.buffered += samples.length;
    this.idle = 0;
    if (this.buffered > this.limit) this._trim();
  }

  /** Add a mark after what is buffered. */
  mark(name) {
    this.queue.push({ mark: name });
  }

  /** Drop everything; returns the marks that were dropped with it. */
  clear() {
    const marks = this.queue.filter((item) => item.mark !== undefined).map((item) => item.mark);
    this.queue = [];
    this.buffered = this.offset = 0;
    this.playing = false;
    return marks;
  }

  /** Fill `out` with the next samples or silence; returns the marks that were reached. */
  read(out) {
    const reached = [];
    out.fill(0);
    this.idle += out.length;
    if (!this.playing) {
      const last = this.buffered > 0 && this.idle > IDLE;
      this.playing = this.buffered >= this.target || last;
    }
    if (!this.playing) {
      if (this.buffered === 0) this._marks(reached);
      return reached;
    }
    let filled = 0;
    while (filled < out.length && this.queue.length > 0) {
      const item = this.queue[0];
      if (item.mark !== undefined) {
        reached.push(item.mark);
        this.queue.shift();
        continue;
      }
      const part = item.samples.subarray(this.offset, this.offset + out.length - filled);
      out.set(part, filled);
      filled += part.length;
      this.offset += part.length;
      this.buffered -= part.length;
      if (this.offset === item.samples.length) {
        this.queue.shift();
        this.offset = 0;
      }
    }
    if (filled < out.length) {
      this.playing = false;
      this.underruns += 1;
      this._marks(reached);
    }
    return reached;
  }

  _marks(reached) {
    while (this.queue.length > 0 && this.queue[0].mark !== undefined) {
      reached.push(this.queue.shift().mark);
    }
  }

  _trim() {
    const kept = [];
    let surplus = this.buffered - this.target;
    for (const item of this.queue) {
      const left = item.samples ? item.samples.length - (item === this.queue[0] ? this.offset : 0) : 0;
      if (item.samples && surplus > 0) {
        if (item === this.queue[0]) this.offset = 0;
        surplus -= left;
        this.buffered -= left;
        this.dropped += left;
      } else {
        kept.push(item);
      }
    }
    this.queue = kept;
  }
}
