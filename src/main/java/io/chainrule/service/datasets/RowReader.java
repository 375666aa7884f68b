package io.chainrule.service.datasets;

import java.io.Closeable;
import java.io.IOException;

/**
 * Reads the rows of a part of a data set one after the other, in memory that does not grow with their number. Cells are asked for by the
 * place of their column among those that were asked for. What a cell is, and holds, is valid until the next row is read.
 */
public interface RowReader extends Closeable {
    /** What a cell holds. */
    enum Kind {
        /** Nothing: it is empty, null, or not there. */
        MISSING,
        /** Text in UTF-8, {@link #bytes} from {@link #from} to {@link #to}, that may be a number or an array in JSON. */
        TEXT,
        /** {@link #number}. */
        NUMBER,
        /** {@link #array} of {@link #shape}. */
        ARRAY,
        /** What is neither number, text nor a full array of numbers; its place says that it is there. */
        OTHER
    }

    /** Goes to the next row; returns whether there is one. */
    boolean next() throws IOException;

    /** The number of the row in the data set, from 1. */
    long row();

    Kind kind(int column);

    /** The array that holds a text, among others. */
    byte[] bytes(int column);

    int from(int column);

    int to(int column);

    double number(int column);

    /** The elements of an array, in C order. */
    double[] array(int column);

    int[] shape(int column);
}
