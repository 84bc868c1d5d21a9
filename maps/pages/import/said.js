// What the planner says of single files: answers, dates, files set aside. Kept while the page is open, also when going
// back to the files. A guess is no answer until it is looked at again with it.

export class Said {
  constructor() {
    this.own = new Map();
    this.guesses = new Map();
    this.aside = new Set();
    this.seen = new Set();
  }

  of(file) { return this.own.get(file) || {}; }

  // What is shown in a file's fields: its answers, and the guess.
  view(file) { return { ...(this.guesses.has(file) ? { layer: this.guesses.get(file) } : {}), ...this.of(file) }; }

  asked(file) { return this.seen.has(file); }

  guess(file, layer) { this.seen.add(file); this.guesses.set(file, layer); }

  isGuess(file) { return this.guesses.has(file); }

  answer(file, own, name) {
    const value = { ...own };
    if (name === 'layer') this.guesses.delete(file);
    else if (this.guesses.has(file)) delete value.layer;
    this.put(file, value);
  }

  put(file, value) {
    if (Object.keys(value).length) this.own.set(file, value); else this.own.delete(file);
  }

  // A date of the data; '' that there is none; undefined where nothing is said of it.
  date(file, day) {
    const { data_date: _, ...rest } = this.of(file);
    this.put(file, day === undefined ? rest : { ...rest, data_date: day });
  }

  isAside(file) { return this.aside.has(file); }

  setAside(file, on) { this.aside[on ? 'add' : 'delete'](file); }

  // The guesses as they stand are what was meant: the planner saw them, and looks again.
  agree() {
    for (const [file, layer] of this.guesses) if (!this.aside.has(file)) this.put(file, { layer, ...this.of(file) });
    this.guesses.clear();
  }

  // Guesses nobody agreed to are asked anew.
  doubt() {
    for (const file of this.guesses.keys()) this.seen.delete(file);
    this.guesses.clear();
  }

  forget(belongs) {
    for (const map of [this.own, this.guesses, this.aside, this.seen]) for (const file of [...map.keys()]) if (belongs(file)) map.delete(file);
  }

  // As a text, to see whether anything is other than it was.
  text() { return JSON.stringify([[...this.own].sort(), [...this.aside].sort()]); }
}
