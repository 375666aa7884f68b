package io.chainrule.spark;

import java.io.Serializable;

/**
 * A piece of a file, which is a partition.
 *
 * @param number its place in the order of the rows
 * @param cells gives those of its rows
 */
record Piece(int number, Cells cells) implements Serializable {}
