package io.chainrule.core.picture;

/**
 * A part that another one reads.
 *
 * @param from the place of the part that is read, in {@link Circuit#parts()}
 * @param to the place of the part that reads it
 * @param operand the number of the operand, from 0
 * @param contribution the length of what goes back along the wire: a gradient's magnitude; NaN where it is not known or not asked for
 */
record Wire(int from, int to, int operand, double contribution) {}
