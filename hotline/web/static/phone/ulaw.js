// G.711 mu-law (ITU-T G.711, table 2a/2b): octets <-> samples between -1 and 1.

const BIAS = 0x84;
const CLIP = 32635;

function expand(octet) {
  const code = ~octet & 0xff;
  const exponent = (code >> 4) & 7;
  const magnitude = ((((code & 0x0f) << 3) + BIAS) << exponent) - BIAS;
  return (code & 0x80 ? -magnitude : magnitude) / 32768;
}

const TABLE = Float32Array.from({ length: 256 }, (_, octet) => expand(octet));

/** Samples of mu-law octets. */
export function decode(octets) {
  const samples = new Float32Array(octets.length);
  for (let i = 0; i < octets.length; i++) samples[i] = TABLE[octets[i]];
  return samples;
}

/** Mu-law octets of samples; louder than full scale is clipped. */
export function encode(samples) {
  const octets = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const linear = Math.round(samples[i] * 32768);
    const sign = linear < 0 ? 0x80 : 0;
    const biased = Math.min(Math.abs(linear), CLIP) + BIAS;
    const exponent = 31 - Math.clz32(biased) - 7;
    octets[i] = ~(sign | (exponent << 4) | ((biased >> (exponent + 3)) & 0x0f)) & 0xff;
  }
  return octets;
}

/** Octets of a base64 text. */
export function fromBase64(text) {
  const binary = atob(text);
  const octets = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) octets[i] = binary.charCodeAt(i);
  return octets;
}

/** Base64 text of octets. */
export function toBase64(octets) {
  return btoa(String.fromCharCode(...octets));
}
