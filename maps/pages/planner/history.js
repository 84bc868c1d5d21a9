// Undo and redo: a list of states and where one stands in it. A new state forgets what was undone.
export class History {
  constructor(onChange) { this.onChange = onChange; this.states = []; this.at = -1; }
  clear() { this.states = []; this.at = -1; this.onChange(); }
  get now() { return this.states[this.at] || null; }
  get canUndo() { return this.at > 0; }
  get canRedo() { return this.at < this.states.length - 1; }
  push(state) {
    this.states = [...this.states.slice(0, this.at + 1), state].slice(-100);
    this.at = this.states.length - 1;
    this.onChange();
  }
  undo() { if (this.canUndo) { this.at--; this.onChange(); } return this.now; }
  redo() { if (this.canRedo) { this.at++; this.onChange(); } return this.now; }
}
