package io.chainrule.spark;

import java.io.Serializable;

/**
 * What a piece came to.
 *
 * @param piece its number
 * @param rows how many it has
 * @param moments of its rows
 * @param tally of its rows
 * @param seconds for which a core worked on it
 */
record PieceResult(int piece, long rows, byte[] moments, byte[] tally, double seconds) implements Serializable {}
