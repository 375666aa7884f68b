package io.chainrule.service.datasets;

/**
 * A part of a data set that can be read by itself. Parts are the same whoever reads them, and together they are all rows.
 *
 * @param file the place of its file in {@link Layout#files()}
 * @param from where it begins in the file: a byte, of Parquet a row group, of npy a row
 * @param to where it ends in the file, in the same unit
 * @param firstRow the number of its first row in the data set, from 1
 * @param rows how many it has
 */
public record RowSplit(int file, long from, long to, long firstRow, long rows) {}
