'use strict';
// Choices that a seed decides.

module.exports = class Random {
  constructor(seed) { this.state = (seed * 2654435761 + 974711) >>> 0; for (let n = 0; n < 3; n++) this.next(); }
  /** 0 to 1, by mulberry32. */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let it = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    it ^= it + Math.imul(it ^ (it >>> 7), it | 61);
    return ((it ^ (it >>> 14)) >>> 0) / 4294967296;
  }
  int(least, most) { return least + Math.floor(this.next() * (most - least + 1)); }
  chance(part) { return this.next() < part; }
  pick(list) { return list[this.int(0, list.length - 1)]; }
  /** Up to `most` of them, in any order, none twice. */
  some(list, most) {
    const left = [...list], res = [];
    for (let n = this.int(0, Math.min(most, left.length)); n > 0; n--) res.push(left.splice(this.int(0, left.length - 1), 1)[0]);
    return res;
  }
};
