/** A start that can't go on, and why, in words for whoever started it. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
